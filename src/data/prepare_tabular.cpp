// Tables: numbers standardised, categories as ids; a missing cell is 0 and says so.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "data/cells.h"
#include "data/prepare_kinds.h"

namespace braid::data {
namespace {

constexpr int32_t kMissingId = 0, kUnknownId = 1, kFirstKnownId = 2;

struct TabularState {
  std::vector<std::string> numeric, category;  // field names
  double clip = 10;
  Standardizer number;
  Json values = Json::array();  // per category field the known values, most frequent first
  template <class V>
  void visit(V& v) {
    v("numeric", numeric, any(), "number fields");
    v("category", category, any(), "category fields");
    v("clip", clip, at_least(0.1), "standardised numbers are clipped to +-clip");
    v("number", number, any(), "statistics per number field");
    v("values", values, any(), "known values per category field");
  }
};

class TabularPreparer : public Preparer {
 public:
  TabularPreparer(std::string name, TabularState state)
      : name_(std::move(name)), state_(std::move(state)) {
    for (const Json& values : state_.values) {
      ids_.emplace_back();
      for (const Json& value : values)
        ids_.back().emplace(value.get<std::string>(),
                            kFirstKnownId + static_cast<int32_t>(ids_.back().size()));
    }
  }

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = name_;
    spec.kind = Kind::tabular;
    spec.features = static_cast<int64_t>(state_.numeric.size());
    for (const auto& ids : ids_)
      spec.categories.push_back(static_cast<int64_t>(ids.size()) + kFirstKnownId);
    spec.field_names = state_.numeric;
    spec.field_names.insert(spec.field_names.end(), state_.category.begin(), state_.category.end());
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    for (size_t i = 0; i < state_.numeric.size(); ++i) {
      const Value& value = value_of(sample, state_.numeric[i]);
      const bool is_there = !std::holds_alternative<std::monostate>(value);
      double number = 0;
      if (is_there) in_field(sample, state_.numeric[i], [&] { number = to_number(value); });
      result.values.push_back(is_there ? state_.number.apply(i, number, state_.clip) : 0.0f);
      result.observed.push_back(is_there);
      result.present = result.present || is_there;
    }
    for (size_t i = 0; i < state_.category.size(); ++i) {
      const Value& value = value_of(sample, state_.category[i]);
      int32_t id = kMissingId;
      if (!std::holds_alternative<std::monostate>(value))
        in_field(sample, state_.category[i], [&] { id = to_id(value, i); });
      result.ids.push_back(id);
      result.present = result.present || id != kMissingId;
    }
    if (!result.present) return {};
    result.length = 1;
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  static double to_number(const Value& value) {
    const auto* number = std::get_if<double>(&value);
    BRAID_CHECK(number != nullptr, data, "expected a number, got {}", describe(value));
    BRAID_CHECK(std::isfinite(*number), data,
                "expected a finite number, got {}; leave the field out where it is missing",
                *number);
    return *number;
  }
  int32_t to_id(const Value& value, size_t field) const {
    const auto* text = std::get_if<std::string>(&value);
    BRAID_CHECK(text != nullptr, data, "expected text (a category's value), got {}",
                describe(value));
    if (is_blank(*text)) return kMissingId;
    const auto found = ids_[field].find(std::string(trimmed(*text)));
    return found == ids_[field].end() ? kUnknownId : found->second;
  }

  std::string name_;
  TabularState state_;
  std::vector<std::unordered_map<std::string, int32_t>> ids_;  // per category field
};

Json most_frequent(const std::map<std::string, int64_t>& count, int64_t limit) {
  std::vector<std::pair<std::string, int64_t>> sorted(count.begin(), count.end());
  // The map is in name order, so a stable sort breaks ties by name.
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (static_cast<int64_t>(sorted.size()) > limit) sorted.resize(static_cast<size_t>(limit));
  Json values = Json::array();
  for (const auto& [value, times] : sorted) values.push_back(value);
  return values;
}

Kind kind_of(const std::vector<Field>& fields, const std::string& name) {
  for (const Field& field : fields)
    if (field.name == name) return field.kind;
  return Kind::text;
}

}  // namespace

PreparerPtr learn_tabular(const Training& training, const TabularConfig& config) {
  TabularState state;
  state.clip = config.clip;
  for (const std::string& name : training.modality.fields) {
    const bool is_number = kind_of(training.dataset.fields(), name) == Kind::numeric;
    (is_number ? state.numeric : state.category).push_back(name);
  }
  std::vector<Moments> moments(state.numeric.size());
  std::vector<std::map<std::string, int64_t>> counts(state.category.size());
  bool is_any_present = false;
  for (const int64_t row : training.rows) {
    const Sample sample = training.dataset.sample(row);
    for (size_t i = 0; i < moments.size(); ++i)
      if (const auto* number = std::get_if<double>(&value_of(sample, state.numeric[i]))) {
        moments[i].add(*number);
        is_any_present = true;
      }
    for (size_t i = 0; i < counts.size(); ++i)
      if (const auto* text = std::get_if<std::string>(&value_of(sample, state.category[i]))) {
        ++counts[i][*text];
        is_any_present = true;
      }
  }
  BRAID_CHECK(is_any_present, data,
              "{}: modality \"{}\": expected a value in some training row, got none in {}",
              training.dataset.manifest(), training.modality.name, training.rows.size());
  state.number = Standardizer::from(
      moments, training.dataset.manifest() + ": modality \"" + training.modality.name + "\"");
  for (const auto& count : counts)
    state.values.push_back(most_frequent(count, config.max_categories));
  return std::make_unique<TabularPreparer>(training.modality.name, std::move(state));
}

PreparerPtr load_tabular(const Saved& saved) {
  TabularState state = read_saved<TabularState>(saved.node, saved.where);
  state.number.check(state.numeric.size(), saved.where);
  const std::multiset<std::string> expected(saved.modality.fields.begin(),
                                            saved.modality.fields.end());
  std::multiset<std::string> got(state.numeric.begin(), state.numeric.end());
  got.insert(state.category.begin(), state.category.end());
  BRAID_CHECK(got == expected, format, "{}: expected the fields {}, got {}", saved.where,
              fmt::join(expected, ", "), fmt::join(got, ", "));
  bool is_good = state.values.is_array() && state.values.size() == state.category.size();
  for (size_t i = 0; is_good && i < state.values.size(); ++i) {
    is_good = state.values[i].is_array();
    std::set<std::string> seen;
    for (const Json& value : state.values[i])
      is_good = is_good && value.is_string() && seen.insert(value.get<std::string>()).second;
  }
  BRAID_CHECK(is_good, format,
              "{}: values: expected one list of different texts for each of {} category fields",
              saved.where, state.category.size());
  return std::make_unique<TabularPreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
