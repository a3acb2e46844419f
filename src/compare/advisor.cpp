#include "compare/advisor.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::compare {
namespace {

// Thresholds of the rules; docs/choosing.md tells them.
constexpr double kMuchMissing = 0.1;
constexpr double kSynergyShare = 0.4, kLeastSynergyBits = 0.1;
constexpr double kRedundantShare = 0.6;
constexpr int64_t kManyRows = 1000;

double total_of(const explain::Decomposition& bits) {
  return bits.redundant + bits.unique_a + bits.unique_b + bits.synergistic;
}

class Advisor {
 public:
  explicit Advisor(const Evidence& evidence) : evidence_(evidence) {
    for (size_t m = 0; m < evidence.modalities.size(); ++m)
      if (evidence.modalities[m].gain.low > 0) useful_.push_back(m);
  }

  Advice advise() {
    if (evidence_.modalities.size() < 2) {
      advice_.family = "single";
      say("there is one modality, so there is nothing to fuse");
      return advice_;
    }
    if (is_synergistic()) {
      advice_.family = "early";
      advice_.methods = {"concat_features", "concat", "mlb"};
    } else if (useful_.size() < 2) {
      advice_.family = "single";
      advice_.methods = {"weighted"};
      say(useful_.empty()
              ? "no modality alone tells more than how frequent the classes are: look at "
                "the data before any fusion"
              : fmt::format("{} alone tells something, the others no more than how "
                            "frequent the classes are; weighted shows if that is so",
                            name(useful_[0])));
    } else if (is_redundant()) {
      advice_.family = "late";
      advice_.methods = {"average", "product", "weighted"};
    } else {
      choose_by_rows();
    }
    consider_missing();
    return advice_;
  }

 private:
  const std::string& name(size_t m) const { return evidence_.modalities[m].name; }
  void say(std::string reason) { advice_.reasons.push_back(std::move(reason)); }
  void add(const std::string& method) {
    auto& methods = advice_.methods;
    if (std::find(methods.begin(), methods.end(), method) == methods.end())
      methods.push_back(method);
  }

  bool is_synergistic() {
    for (const Evidence::Pair& pair : evidence_.pairs) {
      const double share = pair.bits.synergistic / total_of(pair.bits);
      if (!pair.has_bits || pair.bits.synergistic < kLeastSynergyBits || share < kSynergyShare)
        continue;
      say(fmt::format(
          "{} and {} tell {:.0f} % of what they tell ({:.2f} bits) only together, which "
          "a late fusion of finished opinions cannot see",
          name(pair.a), name(pair.b), 100 * share, total_of(pair.bits)));
      return true;
    }
    return false;
  }

  // Of the useful modalities every pair says mostly the same, or where there are no bits, errs
  // mostly on the same rows.
  bool is_redundant() {
    double least = 1;
    bool has_bits = false;
    for (const Evidence::Pair& pair : evidence_.pairs) {
      if (!is_useful(pair.a) || !is_useful(pair.b)) continue;
      has_bits = pair.has_bits;
      const double share =
          pair.has_bits ? pair.bits.redundant / total_of(pair.bits) : pair.shared_errors;
      least = std::min(least, share);
    }
    if (least < kRedundantShare) return false;
    say(has_bits
            ? fmt::format("the modalities mostly say the same (at least {:.0f} % of each pair's "
                          "information is in both): averaging opinions cancels their errors",
                          100 * least)
            : fmt::format("the modalities err on the same rows ({:.0f} % of each pair's errors at "
                          "least): there is little to gain beyond an average",
                          100 * least));
    return true;
  }
  bool is_useful(size_t m) const {
    return std::find(useful_.begin(), useful_.end(), m) != useful_.end();
  }

  void choose_by_rows() {
    std::vector<std::string> names;
    for (size_t m : useful_) names.push_back(name(m));
    const std::string own =
        fmt::format("{} each know something that the others do not", fmt::join(names, ", "));
    if (evidence_.train_rows < kManyRows) {
      advice_.family = "late";
      advice_.methods = {"weighted", "average", "stacking", "concat"};
      say(fmt::format("{}, but {} training rows are few for a network that learns them together",
                      own, evidence_.train_rows));
      return;
    }
    advice_.family = "hybrid";
    advice_.methods = {"concat_project", "gmu", "weighted"};
    say(fmt::format("{}, and {} training rows are enough to learn them together", own,
                    evidence_.train_rows));
    int64_t num_sequences = 0;
    for (size_t m : useful_) num_sequences += evidence_.modalities[m].tokens > 1;
    if (num_sequences < 2) return;
    add("cross_attention");
    say("several of them are sequences, so tokens may attend to each other across modalities");
  }

  void consider_missing() {
    std::vector<std::string> missing;
    for (const Evidence::Modality& one : evidence_.modalities)
      if (one.missing > kMuchMissing)
        missing.push_back(fmt::format("{} ({:.0f} %)", one.name, 100 * one.missing));
    if (missing.empty()) return;
    add("weighted");
    add("attention_pooling");
    say(
        fmt::format("missing in many rows: {}; weighted and attention_pooling leave out what is "
                    "absent, and a higher train.modality_dropout prepares the others",
                    fmt::join(missing, ", ")));
  }

  const Evidence& evidence_;
  std::vector<size_t> useful_;
  Advice advice_;
};

Json describe_pair(const Evidence& evidence, const Evidence::Pair& pair) {
  Json one = {{"modalities", {evidence.modalities[pair.a].name, evidence.modalities[pair.b].name}},
              {"shared_errors", finite_or_null(pair.shared_errors)}};
  if (pair.has_bits)
    one["information"] = {
        {"redundant", finite_or_null(pair.bits.redundant)},
        {"unique", {finite_or_null(pair.bits.unique_a), finite_or_null(pair.bits.unique_b)}},
        {"synergistic", finite_or_null(pair.bits.synergistic)}};
  return one;
}

}  // namespace

Advice advise(const Evidence& evidence) { return Advisor(evidence).advise(); }

Json to_json(const Evidence& evidence, const Advice& advice) {
  Json modalities = Json::array(), pairs = Json::array();
  for (const Evidence::Modality& one : evidence.modalities) {
    modalities.push_back({{"name", one.name},
                          {"validation", finite_or_null(one.value)},
                          {"gain_over_nothing", metrics::to_json(one.gain)},
                          {"missing", one.missing},
                          {"tokens", one.tokens}});
  }
  for (const Evidence::Pair& pair : evidence.pairs) pairs.push_back(describe_pair(evidence, pair));
  return {{"family", advice.family},
          {"methods", advice.methods},
          {"reasons", advice.reasons},
          {"evidence",
           {{"train_rows", evidence.train_rows},
            {"modalities", std::move(modalities)},
            {"pairs", std::move(pairs)}}}};
}

}  // namespace braid::compare
