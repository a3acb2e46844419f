#include "explain/score.h"

#include <torch/torch.h>

#include "model/tensors.h"

namespace braid::explain {

std::vector<int64_t> spread(int64_t count, int64_t most) {
  std::vector<int64_t> chosen;
  const int64_t taken = std::min(count, most);
  for (int64_t i = 0; i < taken; ++i) chosen.push_back(i * count / taken);
  return chosen;
}

void for_each_batch(model::Bundle& bundle, data::PreparedStore& store,
                    const std::vector<int64_t>& rows, const std::vector<int64_t>& outputs,
                    int64_t batch_size, const std::function<void(const Rows& batch)>& body) {
  const std::vector<Tensor> all = bundle.model->parameters();
  const c10::Device device = all.empty() ? c10::Device(c10::kCPU) : all[0].device();
  data::LoaderOptions options;
  options.batch_size = batch_size;
  options.modalities = bundle.modalities;
  data::Loader loader(store, rows, options);
  data::Batch batch;
  size_t next = 0;
  while (loader.next(&batch)) {
    Rows made;
    made.rows = batch.rows;
    const std::vector<int64_t> own(outputs.begin() + static_cast<int64_t>(next),
                                   outputs.begin() + static_cast<int64_t>(next + made.rows.size()));
    next += made.rows.size();
    made.outputs = torch::tensor(own, at::kLong).to(device);
    made.inputs = model::to_tensors(std::move(batch), bundle.model->specs(), device).inputs;
    body(made);
  }
}

Tensor score_of(const model::Model& model, const Tensor& output, const Tensor& outputs) {
  return model.head().scores(output).gather(/*dim=*/1, outputs.unsqueeze(1)).squeeze(1);
}

Tensor kept_score(const model::Model& model, const Tensor& score, const Tensor& whole) {
  if (model.head_context().task != metrics::Task::regression) return score;
  return -(score - whole).abs();
}

}  // namespace braid::explain
