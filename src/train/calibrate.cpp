#include "train/calibrate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "calibration/temperature.h"
#include "core/error.h"
#include "core/rng.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "train/answer.h"
#include "train/evaluate.h"

namespace braid::train {
namespace {

using calibration::Calibration;
using calibration::FaultGate;
using calibration::FittedGate;
using metrics::Predictions;
using metrics::Task;
using Masks = std::vector<std::vector<bool>>;  // [row][modality]

constexpr size_t kFewestRows = 20, kMostRows = 5000;
constexpr int64_t kFolds = 5, kBatch = 64;

bool is_any(const std::vector<bool>& mask) {
  return std::find(mask.begin(), mask.end(), true) != mask.end();
}

Tensor index_of(const std::vector<int64_t>& places) { return at::tensor(places, at::kLong); }

template <class T>
std::vector<T> pick(const std::vector<T>& all, const std::vector<int64_t>& places) {
  std::vector<T> picked;
  for (int64_t i : places) picked.push_back(all[static_cast<size_t>(i)]);
  return picked;
}

// What was fitted on some rows, and how the gates answered to those rows without having seen them.
struct Fitted {
  Calibration calibration;
  Masks masked;  // of the rows it was fitted on
};

class Calibrator {
 public:
  Calibrator(model::Bundle& bundle, data::PreparedStore& store, const std::vector<int64_t>& rows,
             const CalibrateOptions& options)
      : bundle_(bundle),
        model_(*bundle.model),
        store_(store),
        options_(options),
        task_(model_.head_context().task),
        rows_(rows),
        groups_(options.groups) {
    BRAID_CHECK(options.false_alarms >= 0 && options.false_alarms < 1, config,
                "--false-alarms: expected a share from 0 to below 1, got {}; 0.01 is usual",
                options.false_alarms);
    draw_rows();
    check_rows();
    make_folds();
  }

  Calibration run() {
    observe();
    std::vector<int64_t> all(rows_.size());
    std::iota(all.begin(), all.end(), int64_t{0});
    Fitted whole = fit(all);
    warn_of_few(whole.calibration);
    whole.calibration.measured = measure(all);
    return std::move(whole.calibration);
  }

 private:
  void draw_rows() {
    if (rows_.size() <= kMostRows) return;
    std::vector<int64_t> places(rows_.size());
    std::iota(places.begin(), places.end(), int64_t{0});
    Rng(options_.seed).fork("rows").shuffle(places);
    places.resize(kMostRows);
    std::sort(places.begin(), places.end());
    options_.sinks.info(fmt::format("{} rows are drawn of {}", kMostRows, rows_.size()));
    rows_ = pick(rows_, places);
    if (!groups_.empty()) groups_ = pick(groups_, places);
  }

  void check_rows() const {
    BRAID_CHECK(rows_.size() >= kFewestRows, data,
                "calibrate: expected at least {} labelled rows, got {}; give more rows that the "
                "model was not trained on",
                kFewestRows, rows_.size());
    if (task_ != Task::binary && task_ != Task::multiclass) return;
    const std::vector<double> targets = target_values(store_.dataset().targets(), rows_);
    const std::set<double> classes(targets.begin(), targets.end());
    BRAID_CHECK(classes.size() > 1, data,
                "calibrate: expected rows of at least two classes, got {} rows of \"{}\" alone; "
                "give rows as they come in use",
                rows_.size(), bundle_.labels[static_cast<size_t>(*classes.begin())]);
  }

  // Whole groups in random order, each to the smallest fold.
  void make_folds() {
    std::vector<int64_t> groups = groups_;
    if (groups.empty()) {
      groups.resize(rows_.size());
      std::iota(groups.begin(), groups.end(), int64_t{0});
    }
    std::map<int64_t, std::vector<size_t>> members;
    for (size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
    BRAID_CHECK(members.size() > 1, data,
                "calibrate: expected rows of at least two groups, got one; leave --group out, or "
                "give more groups");
    std::vector<int64_t> order;
    for (const auto& member : members) order.push_back(member.first);
    Rng(options_.seed).fork("folds").shuffle(order);
    std::vector<size_t> sizes(
        static_cast<size_t>(std::min<int64_t>(kFolds, static_cast<int64_t>(order.size()))), 0);
    folds_.resize(rows_.size());
    for (int64_t group : order) {
      const auto smallest = std::min_element(sizes.begin(), sizes.end());
      *smallest += members[group].size();
      for (size_t i : members[group]) folds_[i] = smallest - sizes.begin();
    }
    num_folds_ = static_cast<int64_t>(sizes.size());
  }

  // Runs the model over rows with modalities masked; `look` sees each batch before.
  template <class Look>
  Tensor outputs_of(const std::vector<int64_t>& rows, const Masks& masks, const Look& look) {
    data::LoaderOptions options;
    options.batch_size = kBatch;
    options.modalities = bundle_.modalities;
    data::Loader loader(store_, rows, options);
    const c10::Device device = model_.parameters()[0].device();
    std::vector<Tensor> outputs;
    data::Batch batch;
    size_t begin = 0;
    while (loader.next(&batch)) {
      const std::vector<Input> inputs =
          model::to_tensors(std::move(batch), model_.specs(), device).inputs;
      std::vector<Encoded> encoded = model_.encode(inputs);
      look(inputs, encoded);
      const auto size = static_cast<size_t>(inputs[0].present.size(0));
      if (!masks.empty())
        for (size_t m = 0; m < encoded.size(); ++m) hide(masks, begin, m, &encoded[m]);
      outputs.push_back(model_.fusion().forward(encoded).output.cpu());
      begin += size;
    }
    const Tensor all = at::cat(outputs, /*dim=*/0);  // [N, O]
    BRAID_CHECK(
        at::isfinite(all).all().item<bool>(), numeric,
        "the model's outputs: expected finite numbers, got NaN or infinity; lower train.lr");
    return all;
  }

  static void hide(const Masks& masks, size_t begin, size_t m, Encoded* encoded) {
    const Tensor present = encoded->present.cpu().clone().contiguous();
    for (int64_t i = 0; i < present.size(0); ++i)
      if (masks[begin + static_cast<size_t>(i)][m]) present.data_ptr<bool>()[i] = false;
    encoded->present = present.to(encoded->present.device());
    encoded->mask = real_tokens(encoded->mask, encoded->present);
  }

  void observe() {
    const size_t M = model_.specs().size();
    std::vector<std::vector<std::vector<Tensor>>> views(
        M, std::vector<std::vector<Tensor>>(std::size(calibration::kViews)));
    outputs_ = outputs_of(rows_, {}, [&](const auto& inputs, const auto& encoded) {
      std::vector<std::vector<bool>> present(static_cast<size_t>(inputs[0].present.size(0)),
                                             std::vector<bool>(M));
      for (size_t m = 0; m < M; ++m) {
        const Tensor own = inputs[m].present.cpu().contiguous();
        for (size_t i = 0; i < present.size(); ++i)
          present[i][m] = own.template data_ptr<bool>()[i];
        if (options_.false_alarms == 0) continue;
        const std::vector<Tensor> seen = calibration::views_of(inputs[m], encoded[m]);
        for (size_t v = 0; v < seen.size(); ++v) views[m][v].push_back(seen[v].to(at::kFloat));
      }
      present_.insert(present_.end(), present.begin(), present.end());
      options_.sinks.tick({"calibrate", static_cast<int64_t>(present_.size()),
                           static_cast<int64_t>(rows_.size()), ""});
    });
    views_.resize(M);
    if (options_.false_alarms == 0) return;
    for (size_t m = 0; m < M; ++m)
      for (const std::vector<Tensor>& parts : views[m])
        views_[m].push_back(at::cat(parts, /*dim=*/0));  // [N, D]
  }

  std::vector<Tensor> views_at(size_t m, const std::vector<int64_t>& places) const {
    std::vector<Tensor> views;
    for (const Tensor& view : views_[m]) views.push_back(view.index_select(0, index_of(places)));
    return views;
  }

  // Outputs of rows whose masked modalities are absent.
  Tensor masked_outputs(const std::vector<int64_t>& places, const Masks& masked) {
    Tensor outputs = outputs_.index_select(0, index_of(places));
    std::vector<int64_t> changed, rows;
    Masks masks;
    for (size_t i = 0; i < masked.size(); ++i) {
      if (!is_any(masked[i])) continue;
      changed.push_back(static_cast<int64_t>(i));
      rows.push_back(rows_[static_cast<size_t>(places[i])]);
      masks.push_back(masked[i]);
    }
    if (changed.empty()) return outputs;
    outputs.index_copy_(0, index_of(changed),
                        outputs_of(rows, masks, [](const auto&, const auto&) {}));
    return outputs;
  }

  Predictions predict(const std::vector<int64_t>& places, const Tensor& outputs,
                      double temperature) const {
    return to_predictions(model_.head(), store_.dataset().targets(), pick(rows_, places),
                          temperature == 1 ? outputs : outputs / temperature);
  }

  Fitted fit(const std::vector<int64_t>& places) {
    Fitted made;
    Calibration& calibration = made.calibration;
    calibration.num_rows = static_cast<int64_t>(places.size());
    if (options_.false_alarms > 0) {
      made.masked.assign(places.size(), std::vector<bool>(model_.specs().size(), false));
      calibration.gate.false_alarms = options_.false_alarms;
      for (size_t m = 0; m < model_.specs().size(); ++m) {
        std::vector<bool> present;
        for (int64_t i : places) present.push_back(present_[static_cast<size_t>(i)][m]);
        FittedGate one = calibration::fit_gate(model_.specs()[m].name, views_at(m, places), present,
                                               pick(folds_, places), options_.false_alarms);
        for (size_t i = 0; i < places.size(); ++i) made.masked[i][m] = one.faults[i];
        calibration.gate.modalities.push_back(std::move(one.gate));
      }
    }
    const Tensor outputs = masked_outputs(places, made.masked);
    if (task_ != Task::regression)
      calibration.temperature = calibration::fit_temperature(
          task_, model::to_doubles(outputs), outputs.size(1), predict(places, outputs, 1).targets);
    calibration.conformal = calibration::fit_conformal(
        predict(places, outputs, calibration.temperature), options_.sets, options_.coverage);
    return made;
  }

  // What a calibration makes of rows it has not seen.
  Answers answers_of(const Calibration& calibration, const std::vector<int64_t>& places) {
    Answers made;
    made.present = pick(present_, places);
    if (!calibration.gate.modalities.empty()) {
      made.masked.assign(places.size(), std::vector<bool>(model_.specs().size(), false));
      for (size_t m = 0; m < model_.specs().size(); ++m) {
        const std::vector<bool> found =
            calibration::faults(calibration.gate.modalities[m], views_at(m, places));
        for (size_t i = 0; i < places.size(); ++i)
          made.masked[i][m] = found[i] && made.present[i][m];
      }
    }
    made.predictions =
        predict(places, masked_outputs(places, made.masked), calibration.temperature);
    return made;
  }

  Json measure(const std::vector<int64_t>& all) {
    std::vector<int64_t> order;
    metrics::Run before, after;
    SetFacts facts;
    for (int64_t fold = 0; fold < num_folds_; ++fold) {
      std::vector<int64_t> inside, outside;
      for (int64_t i : all)
        (folds_[static_cast<size_t>(i)] == fold ? outside : inside).push_back(i);
      const Calibration calibration = fit(inside).calibration;
      const Answers answers = answers_of(calibration, outside);
      for (int64_t i = 0; i < answers.predictions.size(); ++i)
        facts.add(calibration.conformal, answers, i);
      append(answers.predictions, &after.predictions);
      order.insert(order.end(), outside.begin(), outside.end());
    }
    before.predictions = predict(order, outputs_.index_select(0, index_of(order)), 1);
    if (!groups_.empty()) before.groups = after.groups = pick(groups_, order);
    Json out = {{"rows", rows_.size()}, {"folds", num_folds_}};
    for (const metrics::Method* metric : metrics::methods_for(task_)) {
      const std::string name = metric->name;
      if (name != "log_loss" && name != "calibration_error") continue;
      out[name] = {
          {"before", metrics::to_json(metrics::bootstrap(*metric, {before}, options_.bootstrap))},
          {"after", metrics::to_json(metrics::bootstrap(*metric, {after}, options_.bootstrap))}};
    }
    std::vector<std::string> names;
    for (const data::ModalitySpec& spec : model_.specs()) names.push_back(spec.name);
    out.update(summarize(facts, task_, names, before.groups, options_.bootstrap));
    return out;
  }

  static void append(const Predictions& more, Predictions* all) {
    all->task = more.task;
    all->num_outputs = more.num_outputs;
    all->scores.insert(all->scores.end(), more.scores.begin(), more.scores.end());
    all->targets.insert(all->targets.end(), more.targets.begin(), more.targets.end());
  }

  void warn_of_few(const Calibration& made) const {
    const int64_t fewest = calibration::fewest_rows(options_.coverage);
    if (made.num_rows < fewest)
      options_.sinks.warn(
          fmt::format("coverage {} takes at least {} rows, got {}: every set holds everything; "
                      "give more rows or ask for less",
                      options_.coverage, fewest, made.num_rows));
    for (const calibration::ModalityGate& one : made.gate.modalities) {
      const int64_t needed = calibration::fewest_rows(1 - options_.false_alarms);
      if (std::isinf(one.threshold))
        options_.sinks.warn(
            fmt::format("{}: a share of false alarms of {} takes at least {} rows that have it, "
                        "got {}: nothing is masked; give more rows or allow more",
                        one.name, options_.false_alarms,
                        std::max(needed, calibration::kFewestGateRows), one.num_rows));
    }
  }

  model::Bundle& bundle_;
  model::Model& model_;
  data::PreparedStore& store_;
  const CalibrateOptions& options_;
  const Task task_;
  std::vector<int64_t> rows_, groups_, folds_;  // (N)
  int64_t num_folds_ = 0;
  Tensor outputs_;                          // (N, O) of the model alone
  std::vector<std::vector<Tensor>> views_;  // [modality][view]: (N, D)
  Masks present_;                           // [N][M]
};

}  // namespace

Calibration calibrate(model::Bundle& bundle, data::PreparedStore& store,
                      const std::vector<int64_t>& rows, const CalibrateOptions& options) {
  const ops::MemoryScope memory;
  const c10::InferenceMode inference;
  bundle.model->eval();
  return Calibrator(bundle, store, rows, options).run();
}

}  // namespace braid::train
