#include "ops/soft_dtw.h"

#include <torch/torch.h>

#include <vector>

#include "align/soft_alignment.h"
#include "core/error.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Tensor on_cpu(const Tensor& x) { return x.detach().to(at::kCPU, at::kDouble).contiguous(); }

std::vector<int64_t> places_of(const Tensor& mask, int64_t row) {
  std::vector<int64_t> places;
  const bool* real = mask.data_ptr<bool>() + row * mask.size(1);
  for (int64_t i = 0; i < mask.size(1); ++i)
    if (real[i]) places.push_back(i);
  return places;
}

// Calls body(b, rows, columns, own costs (n, m)) for every sample with a real cell.
template <class Body>
void for_each_sample(const Tensor& costs, const Tensor& rows, const Tensor& columns,
                     const Body& body) {
  parallel(costs.size(0), /*grain=*/1, [&](int64_t begin, int64_t end, int) {
    for (int64_t b = begin; b < end; ++b) {
      const std::vector<int64_t> n = places_of(rows, b), m = places_of(columns, b);
      if (n.empty() || m.empty()) continue;
      const double* all = costs.data_ptr<double>() + b * costs.size(1) * costs.size(2);
      std::vector<double> own;
      own.reserve(n.size() * m.size());
      for (int64_t i : n)
        for (int64_t j : m) own.push_back(all[i * costs.size(2) + j]);
      body(b, n, m, own);
    }
  });
}

std::vector<double> gathered(const Tensor& x, int64_t b, const std::vector<int64_t>& n,
                             const std::vector<int64_t>& m) {
  const double* all = x.data_ptr<double>() + b * x.size(1) * x.size(2);
  std::vector<double> own;
  for (int64_t i : n)
    for (int64_t j : m) own.push_back(all[i * x.size(2) + j]);
  return own;
}

void scatter(const std::vector<double>& own, int64_t b, const std::vector<int64_t>& n,
             const std::vector<int64_t>& m, Tensor* x) {
  double* all = x->data_ptr<double>() + b * x->size(1) * x->size(2);
  for (size_t i = 0; i < n.size(); ++i)
    for (size_t j = 0; j < m.size(); ++j) all[n[i] * x->size(2) + m[j]] = own[i * m.size() + j];
}

// Outputs (value, alignment).
class SoftDtwFunction : public torch::autograd::Function<SoftDtwFunction> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& costs, const Tensor& rows,
                               const Tensor& columns, double gamma) {
    const Tensor own = on_cpu(costs), n = rows.to(at::kCPU).contiguous(),
                 m = columns.to(at::kCPU).contiguous();
    Tensor value = at::zeros({own.size(0)}, own.options());
    Tensor alignment = at::zeros(own.sizes(), own.options());
    double* values = value.data_ptr<double>();
    for_each_sample(own, n, m, [&](int64_t b, const auto& i, const auto& j, const auto& cells) {
      const align::SoftAlignment made = align::soft_alignment(
          cells.data(), static_cast<int64_t>(i.size()), static_cast<int64_t>(j.size()), gamma);
      values[b] = made.value;
      scatter(made.expected, b, i, j, &alignment);
    });
    context->save_for_backward({own, n, m, alignment});
    context->saved_data["gamma"] = gamma;
    context->set_materialize_grads(false);
    return {value.to(costs.options()), alignment.to(costs.options())};
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // first derivatives only
    const auto saved = context->get_saved_variables();
    const Tensor &costs = saved[0], &alignment = saved[3];
    const double gamma = context->saved_data["gamma"].toDouble();
    Tensor grad = at::zeros(costs.sizes(), costs.options());
    const Tensor& like = grads[0].defined() ? grads[0] : grads[1];
    if (grads[0].defined()) grad += alignment * on_cpu(grads[0]).view({-1, 1, 1});
    if (grads[1].defined()) {
      const Tensor direction = on_cpu(grads[1]);
      Tensor product = at::zeros(costs.sizes(), costs.options());
      for_each_sample(
          costs, saved[1], saved[2], [&](int64_t b, const auto& i, const auto& j, const auto& own) {
            scatter(align::soft_alignment_derivative(own.data(), static_cast<int64_t>(i.size()),
                                                     static_cast<int64_t>(j.size()), gamma,
                                                     gathered(direction, b, i, j).data()),
                    b, i, j, &product);
          });
      grad += product;
    }
    return {grad.to(like.options()), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

SoftDtw soft_dtw(const Tensor& costs, const Tensor& row_mask, const Tensor& column_mask,
                 double gamma) {
  BRAID_ASSERT(costs.dim() == 3 && row_mask.size(1) == costs.size(1) &&
               column_mask.size(1) == costs.size(2));
  BRAID_CHECK(gamma > 0, usage, "soft_dtw: gamma: expected a number above 0, got {}", gamma);
  const variable_list made = SoftDtwFunction::apply(costs, row_mask, column_mask, gamma);
  return {made[0], made[1]};
}

Tensor soft_dtw_reference(const Tensor& costs, double gamma) {
  const int64_t N = costs.size(0), M = costs.size(1);
  std::vector<Tensor> before(static_cast<size_t>(M) + 1), row;
  for (int64_t i = 0; i < N; ++i) {
    row.assign(static_cast<size_t>(M) + 1, Tensor());
    for (int64_t j = 0; j < M; ++j) {
      std::vector<Tensor> ways;
      for (const Tensor& way : {before[static_cast<size_t>(j) + 1], row[static_cast<size_t>(j)],
                                before[static_cast<size_t>(j)]})
        if (way.defined()) ways.push_back(way);
      Tensor value = costs[i][j];
      if (!ways.empty()) value = value - gamma * at::stack(ways).div(-gamma).logsumexp(/*dim=*/0);
      row[static_cast<size_t>(j) + 1] = value;
    }
    before = row;
  }
  return before.back();
}

}  // namespace braid::ops
