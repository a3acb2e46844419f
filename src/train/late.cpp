#include "train/late.h"

#include <chrono>
#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "ops/random.h"

namespace braid::train {
namespace {

constexpr int64_t kParts = 5;
constexpr int64_t kSteps = 200;

struct DecisionData {
  Tensor per_modality, present, targets;
  DecisionData rows(const Tensor& index) const {
    return {per_modality.index_select(0, index), present.index_select(0, index),
            targets.index_select(0, index)};
  }
};

Tensor decision_loss(model::Model& model, const DecisionData& data) {
  const Fused fused = model.fusion().combine(data.per_modality, data.present);
  return model.head().loss(fused.output, data.targets,
                           at::ones({data.per_modality.size(0)}, at::kDouble));
}

// The method's own search, or full-batch Adam from the initial values, with strength * |parameters
// - initial|^2.
void fit(model::Model& model, const DecisionData& data, const std::vector<Tensor>& initial,
         double strength) {
  const auto loss_of = [&](const Tensor& output) {
    return model.head()
        .loss(output, data.targets, at::ones({output.size(0)}, at::kDouble))
        .item<double>();
  };
  if (model.fusion().fit_decision(data.per_modality, data.present, loss_of)) return;
  std::vector<Tensor> parameters = model.fusion().decision_parameters();
  torch::OrderedDict<std::string, Tensor> named;
  for (size_t p = 0; p < parameters.size(); ++p) {
    torch::NoGradGuard no_grad;
    parameters[p].copy_(initial[p]);
    named.insert(std::to_string(p), parameters[p]);
  }
  AdamWOptions options;
  options.weight_decay = 0;
  AdamW optimizer(named, options);
  for (int64_t step = 0; step < kSteps; ++step) {
    optimizer.zero_grad();
    Tensor loss = decision_loss(model, data);
    for (size_t p = 0; p < parameters.size(); ++p)
      loss = loss + strength * (parameters[p] - initial[p]).pow(2).sum();
    loss.backward();
    optimizer.step(0.03 * (1.0 - static_cast<double>(step) / kSteps));
  }
  optimizer.zero_grad();
}

// Outputs of rows predicted by combinations fitted without them. Shape [N, O].
Tensor cross_fit(model::Model& model, const DecisionData& data, const std::vector<Tensor>& initial,
                 double strength, const Tensor& part_of) {
  Tensor output;
  for (int64_t part = 0; part < kParts; ++part) {
    const Tensor inside = (part_of == part).nonzero().squeeze(1);
    const Tensor outside = (part_of != part).nonzero().squeeze(1);
    if (inside.numel() == 0) continue;
    fit(model, data.rows(outside), initial, strength);
    torch::NoGradGuard no_grad;
    const DecisionData held_out = data.rows(inside);
    const Tensor predicted = model.fusion().combine(held_out.per_modality, held_out.present).output;
    if (!output.defined())
      output = at::empty({data.per_modality.size(0), predicted.size(1)}, predicted.options());
    output.index_copy_(0, inside, predicted);
  }
  return output;
}

// Fits the combination and returns the held-out predictions' evaluation.
Evaluation fit_decision(model::Model& model, const data::Targets& targets,
                        const std::vector<int64_t>& rows, const Evaluation& seen, uint64_t seed) {
  DecisionData data{seen.per_modality.detach(), seen.present, target_tensor(targets, rows)};
  std::vector<Tensor> initial;
  for (const Tensor& parameter : model.fusion().decision_parameters())
    initial.push_back(parameter.detach().clone());

  std::vector<int64_t> parts(rows.size());
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = static_cast<int64_t>(i) % kParts;
  Rng(seed).fork("decision").shuffle(parts);
  const Tensor part_of = at::empty({static_cast<int64_t>(parts.size())}, at::kLong);
  std::copy(parts.begin(), parts.end(), part_of.data_ptr<int64_t>());

  Evaluation best;
  double best_strength = 0;
  bool has_best = false;
  for (const double strength : {0.003, 0.03, 0.3, 3.0}) {
    Evaluation held_out = seen;
    const Tensor output = cross_fit(model, data, initial, strength, part_of);
    held_out.predictions = to_predictions(model.head(), targets, rows, output);
    held_out.loss = model.head()
                        .loss(output, data.targets, at::ones({output.size(0)}, at::kDouble))
                        .item<double>();
    if (!has_best || held_out.loss < best.loss) {
      best = std::move(held_out);
      best_strength = strength;
      has_best = true;
    }
  }
  fit(model, data, initial, best_strength);
  return best;
}

}  // namespace

TrainResult combine_singles(const TrainTask& task, const std::vector<const TrainResult*>& singles) {
  const auto started = std::chrono::steady_clock::now();
  const data::Targets& targets = task.store->dataset().targets();
  TrainResult result;
  const auto& specs = task.store->preparation().specs();
  result.modalities = model::choose_modalities(task.model, specs);
  BRAID_ASSERT(singles.size() == result.modalities.size());
  std::vector<data::ModalitySpec> chosen;
  for (size_t m : result.modalities) chosen.push_back(specs[m]);
  {
    ops::InitScope init(Rng(static_cast<uint64_t>(task.train.seed)).fork("init").bits());
    result.model = std::make_shared<model::Model>(
        task.model, chosen, head_context(targets, task.split.train, task.train.class_weights),
        model::Parameters::blank);
  }
  for (size_t m = 0; m < singles.size(); ++m) {
    const TrainResult* single = singles[m];
    result.model->copy_single(*single->model, m);
    result.progress.seconds += single->progress.seconds;
    result.progress.waited_s += single->progress.waited_s;
    result.progress.best_epoch = std::max(result.progress.best_epoch, single->progress.best_epoch);
    result.progress.epoch = std::max(result.progress.epoch, single->progress.epoch);
  }
  result.model->to(singles[0]->model->parameters()[0].device());
  result.validation =
      evaluate(*result.model, *task.store, result.modalities, task.split.validation);
  if (!result.model->fusion().decision_parameters().empty()) {
    const c10::Device device = result.model->parameters()[0].device();
    result.model->to(c10::kCPU);
    result.validation = fit_decision(*result.model, targets, task.split.validation,
                                     result.validation, static_cast<uint64_t>(task.train.seed));
    result.model->to(device);
  }
  result.model->eval();
  result.progress.is_finished = true;
  result.progress.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

TrainResult train_late(const TrainTask& task) {
  std::vector<TrainResult> singles;
  const auto& specs = task.store->preparation().specs();
  for (size_t m : model::choose_modalities(task.model, specs)) {
    singles.push_back(train(single_task(task, specs[m].name)));
    if (singles.back().was_stopped) {
      singles.back().model.reset();
      return std::move(singles.back());
    }
  }
  std::vector<const TrainResult*> pointers;
  for (const TrainResult& single : singles) pointers.push_back(&single);
  TrainResult result = combine_singles(task, pointers);
  if (!task.folder.empty()) {
    make_folders(task.folder);
    save_best(task.folder, *result.model);
  }
  return result;
}

}  // namespace braid::train
