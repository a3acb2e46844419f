#include "ops/cross_entropy.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kGrain = 8192;  // logits below which a second thread costs more than it saves
constexpr double kLeastWeight = 1e-30;

class CrossEntropyFunction : public torch::autograd::Function<CrossEntropyFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& classes,
                        const Tensor& row_weight, const Tensor& class_weight, double smoothing) {
    const int64_t B = logits.size(0), K = logits.size(1);
    const int64_t* labels = classes.data_ptr<int64_t>();
    const float* of_class = class_weight.data_ptr<float>();
    const float* of_row = row_weight.data_ptr<float>();
    double weight = 0;
    for (int64_t b = 0; b < B; ++b) {
      BRAID_ASSERT(labels[b] >= 0 && labels[b] < K);
      weight += static_cast<double>(of_row[b]) * of_class[labels[b]];
    }
    const float scale = static_cast<float>(1.0 / std::max(weight, kLeastWeight));
    Tensor grad = at::empty_like(logits), losses = at::empty({B}, logits.options());
    parallel(B, std::max<int64_t>(1, kGrain / K), [&](int64_t begin, int64_t end, int) {
      kernels()->cross_entropy(K, static_cast<float>(smoothing), scale, logits.data_ptr<float>(),
                               labels, of_row, of_class, losses.data_ptr<float>(),
                               grad.data_ptr<float>(), begin, end);
    });
    context->save_for_backward({grad});
    const float* each = losses.data_ptr<float>();
    double total = 0;  // in the rows' order, whatever the threads
    for (int64_t b = 0; b < B; ++b) total += each[b];
    return at::scalar_tensor(total, logits.options());
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    return {context->get_saved_variables()[0] * grads[0], Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor cross_entropy_reference(const Tensor& logits, const Tensor& classes,
                               const Tensor& row_weight, const Tensor& class_weight,
                               double smoothing) {
  const Tensor log_p = at::log_softmax(logits, /*dim=*/1);                       // [B, K]
  const Tensor of_target = class_weight.index_select(/*dim=*/0, classes);        // [B]
  const Tensor nll = -log_p.gather(/*dim=*/1, classes.unsqueeze(1)).squeeze(1);  // [B]
  const Tensor even = -(log_p * class_weight).mean(/*dim=*/1);                   // [B]
  const Tensor per_row = (1 - smoothing) * of_target * nll + smoothing * even;   // [B]
  return (row_weight * per_row).sum() / (row_weight * of_target).sum().clamp_min(kLeastWeight);
}

Tensor cross_entropy(const Tensor& logits, const Tensor& classes, const Tensor& row_weight,
                     const Tensor& class_weight, double smoothing) {
  if (!has_kernels_for(logits) || !has_kernels_for(row_weight) || !has_kernels_for(class_weight))
    return cross_entropy_reference(logits, classes, row_weight, class_weight, smoothing);
  return CrossEntropyFunction::apply(logits.contiguous(), classes.contiguous(),
                                     row_weight.contiguous(), class_weight.contiguous(), smoothing);
}

}  // namespace braid::ops
