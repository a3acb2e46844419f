#include "ops/pool.h"

#include <torch/torch.h>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

PoolSizes sizes_of(const Tensor& x, int64_t regions = 0) {
  return {x.size(2), x.size(3), x.size(1), regions};
}

Tensor empty_last(const Tensor& like, int64_t height, int64_t width, at::ScalarType type) {
  return at::empty({like.size(0), like.size(1), height, width}, like.options().dtype(type),
                   at::MemoryFormat::ChannelsLast);
}

int64_t grain_of(const Tensor& x) {
  return std::max<int64_t>(1, kElementGrain * x.size(0) / std::max<int64_t>(1, x.numel()));
}

bool is_fast(const Tensor& x) {
  return has_kernels_for(x) && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

Tensor last(const Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

class MaxPoolFunction : public torch::autograd::Function<MaxPoolFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x) {
    const PoolSizes sizes = sizes_of(x);
    Tensor out = empty_last(x, sizes.height / 2, sizes.width / 2, at::kFloat);
    Tensor place = empty_last(x, sizes.height / 2, sizes.width / 2, at::kByte);
    parallel(x.size(0), grain_of(x), [&](int64_t begin, int64_t end, int) {
      kernels()->max_pool_forward(sizes, x.data_ptr<float>(), out.data_ptr<float>(),
                                  place.data_ptr<uint8_t>(), begin, end);
    });
    context->save_for_backward({place});
    context->saved_data["height"] = sizes.height;
    context->saved_data["width"] = sizes.width;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const Tensor place = context->get_saved_variables()[0], grad_out = last(grads[0]);
    Tensor grad_x = empty_last(grad_out, context->saved_data["height"].toInt(),
                               context->saved_data["width"].toInt(), at::kFloat);
    parallel(grad_x.size(0), grain_of(grad_x), [&](int64_t begin, int64_t end, int) {
      kernels()->max_pool_backward(sizes_of(grad_x), grad_out.data_ptr<float>(),
                                   place.data_ptr<uint8_t>(), grad_x.data_ptr<float>(), begin, end);
    });
    return {grad_x};
  }
};

class RegionMeansFunction : public torch::autograd::Function<RegionMeansFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, int64_t regions) {
    const PoolSizes sizes = sizes_of(x, regions);
    Tensor out = empty_last(x, regions, regions, at::kFloat);
    parallel(x.size(0), grain_of(x), [&](int64_t begin, int64_t end, int) {
      kernels()->region_mean_forward(sizes, x.data_ptr<float>(), out.data_ptr<float>(), begin, end);
    });
    context->saved_data["height"] = sizes.height;
    context->saved_data["width"] = sizes.width;
    context->saved_data["regions"] = regions;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const Tensor grad_out = last(grads[0]);
    Tensor grad_x = empty_last(grad_out, context->saved_data["height"].toInt(),
                               context->saved_data["width"].toInt(), at::kFloat);
    const PoolSizes sizes = sizes_of(grad_x, context->saved_data["regions"].toInt());
    parallel(grad_x.size(0), grain_of(grad_x), [&](int64_t begin, int64_t end, int) {
      kernels()->region_mean_backward(sizes, grad_out.data_ptr<float>(), grad_x.data_ptr<float>(),
                                      begin, end);
    });
    return {grad_x, Tensor()};
  }
};

}  // namespace

Tensor max_pool_reference(const Tensor& x) { return at::max_pool2d(x, /*kernel_size=*/2); }

Tensor max_pool(const Tensor& x) {
  if (!is_fast(x) || x.size(2) < 2 || x.size(3) < 2) return max_pool_reference(x);
  return MaxPoolFunction::apply(x);
}

Tensor region_means_reference(const Tensor& x, int64_t regions) {
  return at::adaptive_avg_pool2d(x, {regions, regions});
}

Tensor region_means(const Tensor& x, int64_t regions) {
  if (!is_fast(x)) return region_means_reference(x, regions);
  return RegionMeansFunction::apply(x, regions);
}

}  // namespace braid::ops
