#include "explain/stress.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/thread_pool.h"
#include "corruptions/corruption.h"
#include "data/batch.h"
#include "explain/contribution.h"
#include "explain/missing.h"
#include "explain/robustness.h"
#include "explain/shapley.h"
#include "explain/shuffle.h"
#include "model/random_input.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "train/evaluate.h"

namespace braid::explain {
namespace {

using metrics::Interval;

constexpr size_t kBatch = 256;  // rows at once, and among which modalities are shuffled
constexpr int kRates = 10;      // 0, 0.1, ... 0.9

// Scores of all rows under one condition.
using Scores = std::vector<double>;

struct Corrupted {
  size_t modality;
  const corruptions::Method* method;
  std::vector<double> levels;
  std::vector<Scores> by_level;
  std::vector<Scores> gated;    // by level, behind the fault gate; empty without one
  std::vector<int64_t> masked;  // by level: rows
};

// What a condition did to the metric.
struct Point {
  double x;  // rate or level
  const Scores* scores;
};

std::string kinds_text(const corruptions::Method& method) {
  std::vector<std::string> names;
  for (const data::Kind kind : method.kinds) names.emplace_back(data::to_string(kind));
  return fmt::format("{}", fmt::join(names, ", "));
}

class Stress {
 public:
  Stress(model::Bundle& bundle, const data::Dataset& dataset, const std::vector<int64_t>& rows,
         const StressOptions& options)
      : bundle_(bundle),
        dataset_(dataset),
        rows_(rows),
        groups_(options.groups),
        options_(options),
        metric_(metrics::choose("--metric", options.metric, dataset.targets().task)) {
    const size_t M = bundle.model->specs().size();
    BRAID_CHECK(M <= kMostModalities, usage, "stress: expected at most {} modalities, got {}",
                kMostModalities, M);
    mix_rows();
    of_subset_.resize(size_t{1} << M);
    shuffled_.resize(M);
    check_corruptions();
    for (size_t m = 0; m < M; ++m)
      for (const corruptions::Method* method : corruptions::methods_for(specs()[m].kind))
        if (is_chosen(method->name)) {
          const auto given = options.levels.find(method->name);
          const std::vector<double>& levels =
              given == options.levels.end() ? method->levels : given->second;
          corrupted_.push_back({m, method, levels, std::vector<Scores>(levels.size()),
                                std::vector<Scores>(levels.size()),
                                std::vector<int64_t>(levels.size(), 0)});
        }
  }

  Json run() {
    const ops::MemoryScope memory;
    const c10::InferenceMode inference;
    bundle_.model->eval();
    for (size_t begin = 0; begin < rows_.size();) {
      size_t end = std::min(begin + kBatch, rows_.size());
      if (end + 1 == rows_.size()) ++end;  // nobody to shuffle a lone last row with
      run_batch(begin, end);
      tick(end);
      begin = end;
    }
    return summary();
  }

 private:
  const std::vector<data::ModalitySpec>& specs() const { return bundle_.model->specs(); }
  const data::Modality& modality(size_t m) const {
    return bundle_.preparation.modalities()[bundle_.modalities[m]];
  }
  bool has_gate() const {
    return bundle_.calibration && !bundle_.calibration->gate.modalities.empty();
  }
  bool is_chosen(const std::string& name) const {
    const std::vector<std::string>& wanted = options_.corruptions;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }

  // Manifests are often sorted, by class or by person, and modalities are shuffled batch by batch:
  // among rows in random order.
  void mix_rows() {
    std::vector<size_t> order(rows_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    Rng(options_.seed).fork("order").shuffle(order);
    const std::vector<int64_t> rows = rows_, groups = groups_;
    for (size_t i = 0; i < order.size(); ++i) {
      rows_[i] = rows[order[i]];
      if (!groups.empty()) groups_[i] = groups[order[i]];
    }
  }

  void check_corruptions() const {
    for (const std::string& name : options_.corruptions) {
      const corruptions::Method& method = corruptions::find(name);
      const bool is_used = std::any_of(
          specs().begin(), specs().end(),
          [&method](const data::ModalitySpec& spec) { return applies(method, spec.kind); });
      BRAID_CHECK(is_used, config, "--corruptions: '{}' is for {}, which the model does not read",
                  name, kinds_text(method));
    }
  }

  void tick(size_t done) const {
    if (!options_.sinks.progress) return;
    ProgressTick t;
    t.task = "stress";
    t.done = static_cast<int64_t>(done);
    t.total = static_cast<int64_t>(rows_.size());
    options_.sinks.tick(t);
  }

  void run_batch(size_t begin, size_t end) {
    std::vector<data::Sample> samples;
    for (size_t i = begin; i < end; ++i) samples.push_back(dataset_.sample(rows_[i]));
    std::vector<Encoded> clean;
    Input input;
    for (size_t m = 0; m < specs().size(); ++m)
      clean.push_back(encode(
          m, samples, [](size_t, data::Sample*, data::Prepared*) {}, &input));
    for (size_t bits : presence_bits(clean)) present_.push_back(bits);
    const std::vector<std::vector<size_t>> subsets = subsets_of(specs().size());
    for (size_t bits = 0; bits < subsets.size(); ++bits)
      append(train::keep_modalities(clean, subsets[bits]), &of_subset_[bits]);
    for (size_t m = 0; m < specs().size(); ++m) {
      std::vector<Encoded> mixed = clean;
      mixed[m] = shuffled_rows(clean[m], Rng(options_.seed).fork("shuffle").fork(begin).fork(m));
      append(mixed, &shuffled_[m]);
    }
    for (Corrupted& one : corrupted_)
      for (size_t l = 0; l < one.by_level.size(); ++l) {
        std::vector<Encoded> changed = clean;
        Input input;
        changed[one.modality] = encode_corrupted(one, l, samples, begin, &input);
        append(changed, &one.by_level[l]);
        if (!has_gate()) continue;
        const std::vector<bool> masked = calibration::mask_faults(
            bundle_.calibration->gate.modalities[one.modality], input, &changed[one.modality]);
        one.masked[l] += std::count(masked.begin(), masked.end(), true);
        append(changed, &one.gated[l]);
      }
  }

  Encoded encode_corrupted(const Corrupted& one, size_t l, const std::vector<data::Sample>& samples,
                           size_t begin, Input* input) {
    const corruptions::Method& method = *one.method;
    const Rng random = Rng(options_.seed).fork(method.name).fork(l);
    return encode(
        one.modality, samples,
        [&](size_t i, data::Sample* sample, data::Prepared* made) {
          const Rng own = random.fork(static_cast<uint64_t>(rows_[begin + i]));
          if (sample != nullptr && method.change_sample != nullptr)
            method.change_sample(modality(one.modality), one.levels[l], own, sample);
          if (made != nullptr && method.change_prepared != nullptr)
            method.change_prepared(one.levels[l], own, made);
        },
        input);
  }

  // `change` sees each sample before it is prepared, and what was made of it; `input` gets what the
  // encoder reads.
  template <class Change>
  Encoded encode(size_t m, const std::vector<data::Sample>& samples, const Change& change,
                 Input* input) {
    std::vector<data::Prepared> prepared(samples.size());
    parallel_for(static_cast<int64_t>(samples.size()), options_.num_threads, [&](int64_t index) {
      const auto i = static_cast<size_t>(index);
      data::Sample own = samples[i];
      change(i, &own, nullptr);
      prepared[i] = bundle_.preparation.prepare(own, bundle_.modalities[m]);
      if (prepared[i].present) change(i, nullptr, &prepared[i]);
    });
    std::vector<const data::Prepared*> pointers;
    for (const data::Prepared& one : prepared) pointers.push_back(&one);
    data::Batch batch;
    batch.rows.assign(samples.size(), 0);
    batch.modalities.push_back(data::collate(specs()[m], pointers));
    const c10::Device device = bundle_.model->parameters()[0].device();
    *input = model::to_tensors(std::move(batch), {specs()[m]}, device).inputs[0];
    return bundle_.model->encode_modality(*input, m);
  }

  void append(const std::vector<Encoded>& encoded, Scores* scores) {
    const Fused fused = bundle_.model->fusion().forward(encoded);
    const std::vector<double> made = model::to_doubles(bundle_.model->head().scores(fused.output));
    scores->insert(scores->end(), made.begin(), made.end());
  }

  // Of each row the scores of the subset that is kept.
  Scores hide_at_random(const std::vector<size_t>& hidden, double rate, uint64_t purpose) const {
    const auto K = of_subset_[0].size() / std::max<size_t>(rows_.size(), 1);
    Scores scores;
    for (size_t i = 0; i < rows_.size(); ++i) {
      const Rng random =
          Rng(options_.seed).fork("missing").fork(purpose).fork(static_cast<uint64_t>(rows_[i]));
      const size_t kept = kept_at_random(present_[i], hidden, rate,
                                         /*keeps_last=*/specs().size() > 1, random);
      const auto begin = of_subset_[kept].begin() + static_cast<int64_t>(i * K);
      scores.insert(scores.end(), begin, begin + static_cast<int64_t>(K));
    }
    return scores;
  }

  metrics::Predictions predictions(const Scores& scores) const {
    metrics::Predictions made;
    made.task = dataset_.targets().task;
    made.num_outputs = dataset_.targets().num_outputs();
    made.targets = train::target_values(dataset_.targets(), rows_);
    made.scores = scores;
    return made;
  }

  // Intervals of all conditions from the same resamples.
  std::vector<Interval> intervals(const std::vector<const Scores*>& conditions) const {
    std::vector<metrics::Predictions> all;
    for (const Scores* scores : conditions) all.push_back(predictions(*scores));
    return metrics::bootstrap_rows(
        static_cast<int64_t>(rows_.size()), groups_,
        [&](const std::vector<int64_t>& drawn) {
          std::vector<double> values;
          for (const metrics::Predictions& one : all)
            values.push_back(metric_.value(metrics::select(one, drawn)));
          return values;
        },
        options_.bootstrap);
  }

  Json curve(const std::vector<Point>& points) {
    std::vector<const Scores*> conditions;
    for (const Point& point : points) conditions.push_back(point.scores);
    const std::vector<Interval> all = intervals(conditions);
    Json list = Json::array();
    std::vector<double> values;
    for (size_t i = 0; i < points.size(); ++i) {
      Json one = {{"at", points[i].x}};
      one.update(metrics::to_json(all[i]));
      list.push_back(std::move(one));
      values.push_back(all[i].mean);
    }
    return {{"points", std::move(list)},
            {"relative_robustness",
             finite_or_null(relative_robustness(values, clean_.mean, metric_.higher_is_better))}};
  }

  Json missing_curve(const std::vector<size_t>& hidden, uint64_t purpose) {
    std::vector<Scores> scores;
    for (int r = 0; r < kRates; ++r) scores.push_back(hide_at_random(hidden, 0.1 * r, purpose));
    std::vector<Point> points;
    for (int r = 0; r < kRates; ++r) points.push_back({0.1 * r, &scores[static_cast<size_t>(r)]});
    return curve(points);
  }

  Json subsets() const {
    std::vector<const Scores*> conditions;
    for (const Scores& scores : of_subset_) conditions.push_back(&scores);
    const std::vector<Interval> all = intervals(conditions);
    const std::vector<std::vector<size_t>> members = subsets_of(specs().size());
    Json list = Json::array();
    for (size_t bits = 0; bits < all.size(); ++bits) {
      Json one = metrics::to_json(all[bits]);
      one["modalities"] = Json::array();
      for (size_t m : members[bits]) one["modalities"].push_back(specs()[m].name);
      list.push_back(std::move(one));
    }
    return list;
  }

  Json missing_at_random() {
    Json list = Json::array();
    std::vector<size_t> all;
    for (size_t m = 0; m < specs().size(); ++m) {
      all.push_back(m);
      Json one = {{"modalities", Json::array({specs()[m].name})}};
      one.update(missing_curve({m}, m));
      list.push_back(std::move(one));
    }
    if (all.size() > 1) {
      Json each = {{"modalities", Json::array()}};
      for (size_t m : all) each["modalities"].push_back(specs()[m].name);
      each.update(missing_curve(all, all.size()));
      list.push_back(std::move(each));
    }
    return list;
  }

  Json corrupted() {
    Json list = Json::array();
    for (const Corrupted& one : corrupted_) {
      // Level 0 of every curve is the row as it is.
      std::vector<Point> points = {{std::nan(""), &of_subset_.back()}};
      for (size_t l = 0; l < one.by_level.size(); ++l)
        points.push_back({one.levels[l], &one.by_level[l]});
      Json made = {{"name", one.method->name},
                   {"modality", specs()[one.modality].name},
                   {"level", one.method->level}};
      made.update(curve(points));
      made["points"][0]["at"] = nullptr;
      if (has_gate()) add_gate(one, &made["points"]);
      list.push_back(std::move(made));
    }
    return list;
  }

  // What the fault gate makes of each level.
  void add_gate(const Corrupted& one, Json* points) const {
    const auto there =
        static_cast<double>(std::count_if(present_.begin(), present_.end(), [&one](size_t bits) {
          return bits >> one.modality & 1;
        }));
    for (size_t l = 0; l < one.gated.size(); ++l) {
      Json gate = metrics::to_json(intervals({&one.gated[l]})[0]);
      gate["masked"] = finite_or_null(static_cast<double>(one.masked[l]) / there);
      (*points)[l + 1]["gate"] = std::move(gate);
    }
  }

  Json shuffled() const {
    std::vector<const Scores*> conditions;
    for (const Scores& scores : shuffled_) conditions.push_back(&scores);
    const std::vector<Interval> all = intervals(conditions);
    Json list = Json::array();
    for (size_t m = 0; m < all.size(); ++m) {
      Json one = {{"modality", specs()[m].name}};
      one.update(metrics::to_json(all[m]));
      list.push_back(std::move(one));
    }
    return list;
  }

  Json summary() {
    clean_ = intervals({&of_subset_.back()})[0];
    Json names = Json::array();
    for (const data::ModalitySpec& spec : specs()) names.push_back(spec.name);
    Json out = {
        {"metric", {{"name", metric_.name}, {"higher_is_better", metric_.higher_is_better}}},
        {"bootstrap",
         {{"resamples", options_.bootstrap.num_resamples}, {"level", options_.bootstrap.level}}},
        {"seed", options_.seed},
        {"rows", rows_.size()},
        {"modalities", std::move(names)}};
    out["clean"] = metrics::to_json(clean_);
    out["subsets"] = subsets();
    out["missing_at_random"] = missing_at_random();
    out["shuffled"] = shuffled();
    out["corruptions"] = corrupted();
    return out;
  }

  model::Bundle& bundle_;
  const data::Dataset& dataset_;
  std::vector<int64_t> rows_, groups_;  // in random order
  const StressOptions& options_;
  const metrics::Method& metric_;
  std::vector<size_t> present_;    // of each row, as bits
  std::vector<Scores> of_subset_;  // by bits
  std::vector<Scores> shuffled_;   // by modality
  std::vector<Corrupted> corrupted_;
  Interval clean_;
};

}  // namespace

Json stress(model::Bundle& bundle, const data::Dataset& dataset, const std::vector<int64_t>& rows,
            const StressOptions& options) {
  return Stress(bundle, dataset, rows, options).run();
}

}  // namespace braid::explain
