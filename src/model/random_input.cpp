#include "model/random_input.h"

#include <torch/torch.h>

#include "data/batch.h"
#include "model/tensors.h"

namespace braid::model {
namespace {

Tensor random_categories(const std::vector<int64_t>& counts, int64_t rows, at::Generator random) {
  if (counts.empty()) return at::zeros({rows, 0}, at::kLong);
  std::vector<Tensor> columns;
  for (int64_t count : counts) columns.push_back(at::randint(count, {rows}, random, at::kLong));
  return at::stack(columns, /*dim=*/1);  // [B, fields]
}

}  // namespace

Input random_input(const data::ModalitySpec& spec, int64_t rows, uint64_t seed) {
  auto random = at::detail::createCPUGenerator(seed);
  const int64_t B = rows, T = spec.max_length;
  Input input;
  input.present = at::ones({B}, at::kBool);
  input.mask = at::ones({B, T}, at::kBool);
  switch (spec.kind) {
    case data::Kind::text:
      input.ids = at::randint(/*low=*/1, spec.vocabulary, {B, T}, random, at::kLong);
      break;
    case data::Kind::image:
      input.values = at::randn({B, spec.channels, spec.height, spec.width}, random);
      break;
    case data::Kind::video:
      input.values = at::randn({B, T, spec.channels, spec.height, spec.width}, random);
      break;
    case data::Kind::volume:
      input.values = at::randn({B, 1, spec.depth, spec.height, spec.width}, random);
      break;
    case data::Kind::series:
      input.values = at::randn({B, T, spec.features}, random);
      input.observed = at::ones({B, T, spec.features}, at::kBool);
      input.times = at::arange(T, at::kFloat).mul(spec.step_s).expand({B, T}).contiguous();
      break;
    case data::Kind::tabular:
      input.values = at::randn({B, spec.features}, random);
      input.observed = at::ones({B, spec.features}, at::kBool);
      input.ids = random_categories(spec.categories, B, random);
      break;
    default:
      input.values = at::randn({B, T, spec.features}, random);
  }
  return input;
}

Input absent_input(const data::ModalitySpec& spec, int64_t rows) {
  data::Batch batch;
  const data::Prepared absent;
  batch.rows.assign(static_cast<size_t>(rows), 0);
  batch.modalities.push_back(
      data::collate(spec, std::vector<const data::Prepared*>(static_cast<size_t>(rows), &absent)));
  return to_tensors(std::move(batch), {spec}, at::kCPU).inputs[0];
}

}  // namespace braid::model
