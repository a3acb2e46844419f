#include "heads/checks.h"

#include <torch/torch.h>

#include "core/error.h"

namespace braid::heads {
namespace {

std::string shape(const Tensor& x) { return fmt::format("[{}]", fmt::join(x.sizes(), ", ")); }

}  // namespace

void check_output(const std::string& head, const Tensor& output, int64_t num_outputs) {
  BRAID_CHECK(
      output.dim() == 2 && output.size(1) == num_outputs, shape,
      "head {}: output: expected [B, {}], got {}; give the fusion as many outputs as the head has",
      head, num_outputs, shape(output));
}

void check_loss(const std::string& head, const Tensor& output, const Tensor& target,
                const Tensor& weight, int64_t num_outputs, int64_t labels_per_row) {
  check_output(head, output, num_outputs);
  const int64_t rows = output.size(0);
  if (labels_per_row > 0)
    BRAID_CHECK(target.dim() == 2 && target.size(0) == rows && target.size(1) == labels_per_row,
                shape, "head {}: target: expected [{}, {}], got {}; pass one 0 or 1 per label",
                head, rows, labels_per_row, shape(target));
  else
    BRAID_CHECK(target.dim() == 1 && target.size(0) == rows, shape,
                "head {}: target: expected [{}], got {}; pass one target per row of output", head,
                rows, shape(target));
  BRAID_CHECK(weight.dim() == 1 && weight.size(0) == rows, shape,
              "head {}: weight: expected [{}], got {}; pass one weight per row of output", head,
              rows, shape(weight));
}

Tensor class_weights(const Context& context, const Tensor& output) {
  if (context.class_weights.empty())
    return at::ones({context.num_labels}, output.options().requires_grad(false));
  return at::tensor(context.class_weights, at::kDouble).to(output.options().requires_grad(false));
}

void check_context(const Method& method, const std::string& where, const Context& context) {
  BRAID_CHECK(method.applies(context.task), config,
              "{}: head {}: expected a task it is made for, got {}; leave out head.name for the "
              "task's default",
              where, method.name, metrics::to_string(context.task));
  const auto given = static_cast<int64_t>(context.class_weights.size());
  BRAID_CHECK(given == 0 || given == context.num_labels, config,
              "{}: class weights: expected {}, one per label, got {}; give each label its weight",
              where, context.num_labels, given);
}

Tensor weighted_mean(const Tensor& value, const Tensor& weight) {
  return (value * weight).sum() / weight.sum().clamp_min(1e-30);
}

Tensor focal_factor(const Tensor& log_q, double gamma) {
  return (-at::expm1(log_q)).clamp_min(1e-7).pow(gamma);
}

}  // namespace braid::heads
