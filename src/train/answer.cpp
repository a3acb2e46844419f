#include "train/answer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "ops/precision.h"
#include "train/evaluate.h"

namespace braid::train {
namespace {

std::vector<std::vector<bool>> presence(const std::vector<Input>& inputs) {
  std::vector<std::vector<bool>> present(static_cast<size_t>(inputs[0].present.size(0)),
                                         std::vector<bool>(inputs.size()));
  for (size_t m = 0; m < inputs.size(); ++m) {
    const Tensor own = inputs[m].present.cpu().contiguous();
    for (size_t i = 0; i < present.size(); ++i) present[i][m] = own.data_ptr<bool>()[i];
  }
  return present;
}

template <class T>
void append(std::vector<T>&& more, std::vector<T>* all) {
  all->insert(all->end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

}  // namespace

Answers answer(model::Bundle& bundle, data::PreparedStore& store, const std::vector<int64_t>& rows,
               const std::vector<size_t>& kept, int64_t batch_size) {
  const ops::MemoryScope memory;
  const c10::InferenceMode inference;
  model::Model& model = *bundle.model;
  model.eval();
  Answers made;
  made.predictions.task = model.head_context().task;
  made.predictions.num_outputs = model.head_context().num_labels;
  data::LoaderOptions options;
  options.batch_size = batch_size;
  options.modalities = bundle.modalities;
  data::Loader loader(store, rows, options);
  data::Batch batch;
  while (loader.next(&batch)) {
    std::vector<Input> inputs =
        model::to_tensors(std::move(batch), model.specs(), model.parameters()[0].device()).inputs;
    for (size_t m = 0; m < inputs.size(); ++m)
      if (std::find(kept.begin(), kept.end(), m) == kept.end()) {
        inputs[m].present = at::zeros_like(inputs[m].present);
        inputs[m].mask = at::zeros_like(inputs[m].mask);
      }
    model::Inferred inferred =
        model::infer(model, inputs, ops::current_precision(), bundle.calibration.get());
    append(model::to_doubles(inferred.scores), &made.predictions.scores);
    append(std::move(inferred.masked), &made.masked);
    append(presence(inputs), &made.present);
  }
  for (double score : made.predictions.scores)
    BRAID_CHECK(std::isfinite(score), numeric,
                "the model's scores: expected finite numbers, got NaN or infinity; lower train.lr");
  const data::Targets& targets = store.dataset().targets();
  if (!targets.values.empty()) made.predictions.targets = target_values(targets, rows);
  return made;
}

void SetFacts::add(const calibration::Conformal& conformal, const Answers& answers, int64_t row) {
  const auto i = static_cast<size_t>(row);
  const bool has_gate = !answers.masked.empty();
  calibration::Conformal own = conformal;
  if (has_gate && model::is_refused(answers.present[i], answers.masked[i]))
    own.threshold = std::numeric_limits<double>::infinity();
  covered.push_back(calibration::covers(own, answers.predictions, row) ? 1 : 0);
  sizes.push_back(calibration::set_size(own, answers.predictions, row));
  present.push_back(answers.present[i]);
  if (has_gate) masked.push_back(answers.masked[i]);
}

Json summarize(const SetFacts& facts, metrics::Task task, const std::vector<std::string>& names,
               const std::vector<int64_t>& groups, const metrics::BootstrapOptions& options) {
  const bool has_gate = !facts.masked.empty();
  const auto statistics = [&](const std::vector<int64_t>& rows) {
    double covered = 0, size = 0, refused = 0;
    std::vector<double> there(names.size(), 0), masked(names.size(), 0);
    for (int64_t row : rows) {
      const auto i = static_cast<size_t>(row);
      covered += facts.covered[i];
      size += facts.sizes[i];
      if (!has_gate) continue;
      refused += model::is_refused(facts.present[i], facts.masked[i]) ? 1 : 0;
      for (size_t m = 0; m < names.size(); ++m) {
        there[m] += facts.present[i][m] ? 1 : 0;
        masked[m] += facts.masked[i][m] ? 1 : 0;
      }
    }
    const auto N = static_cast<double>(rows.size());
    std::vector<double> values = {covered / N, size / N};
    if (!has_gate) return values;
    values.push_back(refused / N);
    for (size_t m = 0; m < names.size(); ++m) values.push_back(masked[m] / there[m]);
    return values;
  };
  const std::vector<metrics::Interval> all = metrics::bootstrap_rows(
      static_cast<int64_t>(facts.covered.size()), groups, statistics, options);
  Json out = {{"coverage", metrics::to_json(all[0])},
              {task == metrics::Task::regression ? "interval_width" : "set_size",
               metrics::to_json(all[1])}};
  if (!has_gate) return out;
  out["refused"] = metrics::to_json(all[2]);
  for (size_t m = 0; m < names.size(); ++m)
    out["masked " + names[m]] = metrics::to_json(all[3 + m]);
  return out;
}

}  // namespace braid::train
