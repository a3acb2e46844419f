#include "train/evaluate.h"

#include "core/error.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "train/tuning.h"

namespace braid::train {
namespace {

// Parts of one subset's result, batch after batch.
struct Parts {
  std::vector<Tensor> output, per_modality, present, weights;
};

Tensor join(const std::vector<Tensor>& parts) {
  return parts.empty() ? Tensor() : at::cat(parts, /*dim=*/0);
}

}  // namespace

std::vector<double> target_values(const data::Targets& targets, const std::vector<int64_t>& rows) {
  const size_t width = targets.task == metrics::Task::multilabel ? targets.labels.size() : 1;
  std::vector<double> values;
  values.reserve(rows.size() * width);
  for (int64_t row : rows)
    for (size_t l = 0; l < width; ++l)
      values.push_back(targets.values[static_cast<size_t>(row) * width + l]);
  return values;
}

std::vector<Encoded> keep_modalities(std::vector<Encoded> encoded,
                                     const std::vector<size_t>& kept) {
  std::vector<bool> stays(encoded.size(), false);
  for (size_t m : kept) stays[m] = true;
  for (size_t m = 0; m < encoded.size(); ++m) {
    if (stays[m]) continue;
    encoded[m].present = at::zeros_like(encoded[m].present);
    encoded[m].mask = at::zeros_like(encoded[m].mask);
  }
  return encoded;
}

std::vector<int64_t> groups_of(const data::Dataset& dataset, const std::vector<int64_t>& rows) {
  std::vector<int64_t> groups;
  if (dataset.groups().empty()) return groups;
  for (int64_t row : rows) groups.push_back(dataset.groups()[static_cast<size_t>(row)]);
  return groups;
}

Tensor target_tensor(const data::Targets& targets, const std::vector<int64_t>& rows) {
  const std::vector<double> values = target_values(targets, rows);
  const Tensor flat = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), flat.data_ptr<double>());
  if (targets.task != metrics::Task::multilabel) return flat;
  return flat.view({static_cast<int64_t>(rows.size()), targets.num_outputs()});  // [N, L]
}

metrics::Predictions to_predictions(const heads::Head& head, const data::Targets& targets,
                                    const std::vector<int64_t>& rows, const Tensor& output) {
  metrics::Predictions predictions;
  predictions.task = targets.task;
  predictions.num_outputs = targets.num_outputs();
  predictions.scores = model::to_doubles(head.scores(output));
  predictions.targets = target_values(targets, rows);
  return predictions;
}

std::vector<Evaluation> evaluate_subsets(model::Model& model, data::PreparedStore& store,
                                         const std::vector<size_t>& modalities,
                                         const std::vector<int64_t>& rows,
                                         const std::vector<std::vector<size_t>>& subsets,
                                         int64_t batch_size, const LookAtEncoded& look) {
  const ops::MemoryScope memory;
  torch::NoGradGuard no_grad;
  model.eval();
  const c10::Device device =
      model.parameters().empty() ? c10::Device(c10::kCPU) : model.parameters()[0].device();
  data::LoaderOptions options;
  options.batch_size = batch_size;
  options.modalities = modalities;
  options.encodings = kept_encodings(model, store, modalities);
  data::Loader loader(store, rows, options);
  std::vector<Parts> parts(subsets.size());
  data::Batch batch;
  while (loader.next(&batch)) {
    const model::TensorBatch tensors = model::to_tensors(std::move(batch), model.specs(), device);
    const std::vector<Encoded> encoded = model.encode(tensors.inputs);
    if (look) look(encoded);
    for (size_t s = 0; s < subsets.size(); ++s) {
      const std::vector<Encoded> kept = keep_modalities(encoded, subsets[s]);
      const Fused fused = model.fusion().forward(kept);
      std::vector<Tensor> present;
      for (const Encoded& e : kept) present.push_back(e.present);
      parts[s].output.push_back(fused.output.cpu());
      parts[s].present.push_back(at::stack(present, /*dim=*/1).cpu());  // [B, M]
      if (fused.per_modality.defined()) parts[s].per_modality.push_back(fused.per_modality.cpu());
      if (fused.weights.defined()) parts[s].weights.push_back(fused.weights.cpu());
    }
  }
  const data::Targets& targets = store.dataset().targets();
  std::vector<Evaluation> results;
  for (const Parts& part : parts) {
    Evaluation result;
    const Tensor output =
        rows.empty() ? at::zeros({0, model.head().num_outputs()}) : join(part.output);  // [N, O]
    BRAID_CHECK(
        at::isfinite(output).all().item<bool>(), numeric,
        "the model's outputs: expected finite numbers, got NaN or infinity; lower train.lr");
    if (!targets.values.empty()) {
      result.predictions = to_predictions(model.head(), targets, rows, output);
      if (!rows.empty())
        result.loss =
            model.head()
                .loss(output, target_tensor(targets, rows), at::ones({output.size(0)}, at::kDouble))
                .item<double>();
    } else {
      result.predictions.task = model.head_context().task;
      result.predictions.num_outputs = model.head_context().num_labels;
      result.predictions.scores = model::to_doubles(model.head().scores(output));
    }
    result.per_modality = join(part.per_modality);
    result.present = join(part.present);
    result.weights = join(part.weights);
    results.push_back(std::move(result));
  }
  return results;
}

Evaluation evaluate(model::Model& model, data::PreparedStore& store,
                    const std::vector<size_t>& modalities, const std::vector<int64_t>& rows,
                    int64_t batch_size, const LookAtEncoded& look) {
  std::vector<size_t> all;
  for (size_t m = 0; m < modalities.size(); ++m) all.push_back(m);
  return std::move(evaluate_subsets(model, store, modalities, rows, {all}, batch_size, look)[0]);
}

}  // namespace braid::train
