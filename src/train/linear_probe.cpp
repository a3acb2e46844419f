#include "train/linear_probe.h"

#include <torch/torch.h>

#include "core/error.h"

namespace braid::train {
namespace {

using at::Tensor;

constexpr double kDecays[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
constexpr int64_t kPasses = 200;

struct Linear {
  Tensor weight, bias;  // (K, E), (K)
  Tensor logits(const Tensor& rows) const { return at::linear(rows, weight, bias); }
};

Tensor to_tensor(const std::vector<int64_t>& classes) {
  return at::tensor(at::ArrayRef<int64_t>(classes.data(), classes.size()), at::kLong);
}

// Minimises the mean of -log(chance of the truth) + decay / 2 * |weight|^2, which is convex.
Linear fit(const Tensor& rows, const Tensor& classes, int64_t num_classes, double decay) {
  Linear linear = {at::zeros({num_classes, rows.size(1)}, rows.options()).requires_grad_(),
                   at::zeros({num_classes}, rows.options()).requires_grad_()};
  torch::optim::LBFGS optimizer(
      std::vector<Tensor>{linear.weight, linear.bias},
      torch::optim::LBFGSOptions(1).max_iter(kPasses).tolerance_grad(1e-7).line_search_fn(
          "strong_wolfe"));
  optimizer.step([&] {
    const at::AutoGradMode with_gradients(true);  // the optimiser switches them off
    optimizer.zero_grad();
    const Tensor loss = at::cross_entropy_loss(linear.logits(rows), classes) +
                        decay / 2 * linear.weight.square().sum();
    loss.backward();
    return loss;
  });
  linear.weight = linear.weight.detach();
  linear.bias = linear.bias.detach();
  return linear;
}

}  // namespace

ProbeResult linear_probe(const ProbeRows& train, const ProbeRows& validation, const Tensor& rows,
                         int64_t num_classes) {
  BRAID_CHECK(train.vectors.dim() == 2 && train.vectors.size(0) > 0 && rows.dim() == 2 &&
                  rows.size(1) == train.vectors.size(1) &&
                  train.vectors.size(0) == static_cast<int64_t>(train.classes.size()),
              shape,
              "linear probe: expected rows of one width with a class each, got [{}] and [{}]",
              fmt::join(train.vectors.sizes(), ", "), fmt::join(rows.sizes(), ", "));
  const Tensor inputs = train.vectors.to(at::kDouble), classes = to_tensor(train.classes);
  ProbeResult result;
  if (validation.classes.empty()) {
    result.decay = kDecays[2];
  } else {
    const Tensor held_out = validation.vectors.to(at::kDouble);
    const Tensor truth = to_tensor(validation.classes);
    int64_t best = -1;
    for (double decay : kDecays) {
      const Tensor guesses =
          fit(inputs, classes, num_classes, decay).logits(held_out).argmax(/*dim=*/1);
      const int64_t num_right = guesses.eq(truth).sum().item<int64_t>();
      if (num_right <= best) continue;
      best = num_right;
      result.decay = decay;
    }
  }
  result.scores = at::softmax(
      fit(inputs, classes, num_classes, result.decay).logits(rows.to(at::kDouble)), /*dim=*/1);
  return result;
}

}  // namespace braid::train
