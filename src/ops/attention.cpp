#include "ops/attention.h"

#include <torch/torch.h>

#include <cmath>

#include "core/error.h"
#include "ops/activation.h"
#include "ops/kernels.h"
#include "ops/parallel.h"
#include "ops/random.h"
#include "ops/torch_compat.h"
#include "ops/work.h"

namespace braid::ops {
namespace {

using at::Tensor;

AttentionSizes sizes_of(const Tensor& query, const Tensor& key, int64_t num_heads, double dropout,
                        uint32_t seed) {
  AttentionSizes sizes;
  sizes.num_heads = num_heads;
  sizes.head_width = query.size(2) / num_heads;
  sizes.num_queries = query.size(1);
  sizes.num_keys = key.size(1);
  sizes.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(sizes.head_width)));
  sizes.seed = seed;
  sizes.drop_below = static_cast<uint32_t>(std::lround(dropout * 4294967295.0));
  sizes.kept_scale = static_cast<float>(1.0 / (1.0 - dropout));
  return sizes;
}

// One call of a kernel for each sample and head, with scratch per thread.
template <class Kernel>
void over_heads(const AttentionSizes& sizes, int64_t batch, const Tensor& like,
                const Kernel& kernel) {
  const int64_t tasks = batch * sizes.num_heads;
  const int64_t work = sizes.num_queries * sizes.num_keys * sizes.head_width;
  const int64_t grain = std::max<int64_t>(1, 65536 / std::max<int64_t>(1, work));
  const int64_t each = kernels()->attention_scratch(sizes);
  Tensor scratch = at::empty({num_shares(tasks, grain), each}, like.options().dtype(at::kFloat));
  float* memory = scratch.data_ptr<float>();
  parallel(tasks, grain, [&](int64_t begin, int64_t end, int share) {
    kernel(begin, end, memory + share * each);
  });
}

// float32 or bfloat16 numbers as the kernels see them.
template <class Number>
Number* numbers(const Tensor& x) {
  if constexpr (std::is_same_v<Number, float>)
    return x.data_ptr<float>();
  else
    return bits(x);
}

template <class Number>
void run_forward(const AttentionSizes& sizes, const Tensor& query, const Tensor& key,
                 const Tensor& value, const Tensor& key_mask, Tensor* out, Tensor* log_sum) {
  const AttentionForward<Number> data = {numbers<Number>(query), numbers<Number>(key),
                                         numbers<Number>(value), key_mask.data_ptr<bool>(),
                                         numbers<Number>(*out),  log_sum->data_ptr<float>()};
  over_heads(sizes, query.size(0), query, [&](int64_t begin, int64_t end, float* scratch) {
    if constexpr (std::is_same_v<Number, float>)
      kernels()->attention_forward(sizes, data, begin, end, scratch);
    else
      kernels()->attention_forward_bf16(sizes, data, begin, end, scratch);
  });
}

template <class Number>
void run_backward(const AttentionSizes& sizes, const torch::autograd::variable_list& saved,
                  const Tensor& grad_out, const torch::autograd::variable_list& grads) {
  const AttentionBackward<Number> data = {numbers<Number>(saved[0]), numbers<Number>(saved[1]),
                                          numbers<Number>(saved[2]), saved[3].data_ptr<bool>(),
                                          numbers<Number>(saved[4]), saved[5].data_ptr<float>(),
                                          numbers<Number>(grad_out), numbers<Number>(grads[0]),
                                          numbers<Number>(grads[1]), numbers<Number>(grads[2])};
  over_heads(sizes, saved[0].size(0), grad_out, [&](int64_t begin, int64_t end, float* scratch) {
    if constexpr (std::is_same_v<Number, float>)
      kernels()->attention_backward(sizes, data, begin, end, scratch);
    else
      kernels()->attention_backward_bf16(sizes, data, begin, end, scratch);
  });
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& query,
                        const Tensor& key, const Tensor& value, const Tensor& key_mask,
                        int64_t num_heads, double dropout, int64_t seed) {
    const auto [out, log_sum] =
        run(query, key, value, key_mask, num_heads, dropout, static_cast<uint32_t>(seed));
    context->save_for_backward({query, key, value, key_mask, out, log_sum});
    context->saved_data["num_heads"] = num_heads;
    context->saved_data["dropout"] = dropout;
    context->saved_data["seed"] = seed;
    return out;
  }

  // The output, and the logarithm of each softmax's denominator.
  static std::pair<Tensor, Tensor> run(const Tensor& query, const Tensor& key, const Tensor& value,
                                       const Tensor& key_mask, int64_t num_heads, double dropout,
                                       uint32_t seed) {
    const AttentionSizes sizes = sizes_of(query, key, num_heads, dropout, seed);
    Tensor out = at::empty_like(query);
    Tensor log_sum =
        at::empty({query.size(0), num_heads, query.size(1)}, query.options().dtype(at::kFloat));
    (is_half(query) ? run_forward<uint16_t> : run_forward<float>)(sizes, query, key, value,
                                                                  key_mask, &out, &log_sum);
    return {out, log_sum};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const Tensor &query = saved[0], &key = saved[1], &value = saved[2];
    const AttentionSizes sizes =
        sizes_of(query, key, context->saved_data["num_heads"].toInt(),
                 context->saved_data["dropout"].toDouble(),
                 static_cast<uint32_t>(context->saved_data["seed"].toInt()));
    torch::autograd::variable_list made = {at::empty_like(query), at::empty_like(key),
                                           at::empty_like(value)};
    (is_half(query) ? run_backward<uint16_t> : run_backward<float>)(sizes, saved,
                                                                    grads[0].contiguous(), made);
    made.resize(7);  // the mask and the options have none
    return made;
  }
};

// (B, T, D) -> (B, H, T, D / H)
Tensor split_heads(const Tensor& x, int64_t num_heads) {
  return x.reshape({x.size(0), x.size(1), num_heads, x.size(2) / num_heads}).transpose(1, 2);
}

// What dropout multiplies the weights by: the kernels' own bits, counted out on the CPU.
Tensor dropout_factors(const AttentionSizes& sizes, int64_t batch) {
  const int64_t rows = batch * sizes.num_heads * sizes.num_queries;
  Tensor factors = at::empty({rows, sizes.num_keys});
  float* to = factors.data_ptr<float>();
  const auto scramble = [](uint32_t h) {
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ (h >> 16);
  };
  for (int64_t row = 0; row < rows; ++row) {
    const uint32_t salt = sizes.seed + static_cast<uint32_t>(row) * 0x9e3779b9u;
    for (int64_t j = 0; j < sizes.num_keys; ++j) {
      const uint32_t counter = static_cast<uint32_t>(j) * 0x27d4eb2fu;
      const uint32_t bits = scramble(scramble(counter + salt) ^ salt);
      to[row * sizes.num_keys + j] = bits >= sizes.drop_below ? sizes.kept_scale : 0.0f;
    }
  }
  return factors.view({batch, sizes.num_heads, sizes.num_queries, sizes.num_keys});
}

uint32_t seed_for(const AttentionOptions& options) {
  return options.is_training && options.dropout > 0 ? draw_seed() : 0;
}

double dropout_of(const AttentionOptions& options) {
  return options.is_training ? options.dropout : 0;
}

// A large finite number, not infinity: a row of nothing but infinities is NaN after softmax.
constexpr double kUnseen = -1e30;

}  // namespace

Tensor causal_bias(int64_t length, const Tensor& like) {
  return at::full({1, 1, length, length}, kUnseen, like.options()).triu(/*diagonal=*/1);
}

Tensor attention_weights(const Tensor& query, const Tensor& key, const Tensor& key_mask,
                         int64_t num_heads, const Tensor& bias) {
  if (is_half(query))
    return attention_weights(query.to(at::kFloat), key.to(at::kFloat), key_mask, num_heads, bias);
  const Tensor dropped = key_mask.logical_not();  // [B, Tk]
  // Masked keys become zeros: 0 * NaN would reach the gradient.
  const Tensor k = split_heads(key.masked_fill(dropped.unsqueeze(2), 0), num_heads);
  const Tensor q = split_heads(query, num_heads);                // [B, H, Tq, D / H]
  const Tensor key_dropped = dropped.unsqueeze(1).unsqueeze(1);  // [B, 1, 1, Tk]
  Tensor scores = at::matmul(q, k.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  if (bias.defined()) scores = scores + bias;
  scores = scores.masked_fill(key_dropped, kUnseen);
  return at::softmax(scores, /*dim=*/-1).masked_fill(key_dropped, 0);  // [B, H, Tq, Tk]
}

Tensor attention_reference(const Tensor& query, const Tensor& key, const Tensor& value,
                           const Tensor& key_mask, const AttentionOptions& options) {
  if (is_half(query))
    return attention_reference(query.to(at::kFloat), key.to(at::kFloat), value.to(at::kFloat),
                               key_mask, options)
        .to(at::kBFloat16);
  Tensor weights = attention_weights(query, key, key_mask, options.num_heads, options.bias);
  const double dropout = dropout_of(options);
  if (dropout > 0) {
    const AttentionSizes sizes =
        sizes_of(query, key, options.num_heads, dropout, seed_for(options));
    weights = weights * dropout_factors(sizes, query.size(0)).to(weights.options());
  }
  const Tensor clean = value.masked_fill(key_mask.logical_not().unsqueeze(2), 0);
  const Tensor mixed = at::matmul(weights, split_heads(clean, options.num_heads));
  return mixed.transpose(1, 2).reshape(query.sizes());  // [B, Tq, D]
}

Tensor attention_of_libtorch(const Tensor& query, const Tensor& key, const Tensor& value,
                             const Tensor& key_mask, int64_t num_heads) {
  const Tensor dropped = key_mask.logical_not().unsqueeze(2);  // [B, Tk, 1]
  // Masked keys become zeros: 0 * NaN would reach the gradient. Where none is left all count, and
  // their values of zero make the zeros that are promised.
  const Tensor counted =
      key_mask.logical_or(key_mask.any(/*dim=*/1, /*keepdim=*/true).logical_not());
  const Tensor mixed = torch_attention(split_heads(query, num_heads),
                                       split_heads(key.masked_fill(dropped, 0), num_heads),
                                       split_heads(value.masked_fill(dropped, 0), num_heads),
                                       counted.unsqueeze(1).unsqueeze(1));  // [B, H, Tq, D / H]
  return mixed.transpose(1, 2).reshape(query.sizes());                      // [B, Tq, D]
}

Tensor attention(const Tensor& query, const Tensor& key, const Tensor& value,
                 const Tensor& key_mask, const AttentionOptions& options) {
  if (options.bias.defined()) return attention_reference(query, key, value, key_mask, options);
  if (query.is_cuda() && dropout_of(options) == 0)  // libtorch's dropout is not RandomScope's
    return attention_of_libtorch(query, key, value, key_mask, options.num_heads);
  const auto is_fast = [](bool (*has)(const Tensor&), const auto&... all) {
    return (has(all) && ...);
  };
  if (!is_fast(has_kernels_for, query, key, value) &&
      !is_fast(has_bf16_kernels_for, query, key, value))
    return attention_reference(query, key, value, key_mask, options);
  const Tensor q = query.contiguous(), k = key.contiguous(), v = value.contiguous(),
               mask = key_mask.contiguous();
  const double dropout = dropout_of(options);
  const uint32_t seed = seed_for(options);
  count_work({2 * q.numel() * k.size(1), /*num_calls=*/0});
  if (at::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad()))
    return AttentionFunction::apply(q, k, v, mask, options.num_heads, dropout,
                                    static_cast<int64_t>(seed));
  return AttentionFunction::run(q, k, v, mask, options.num_heads, dropout, seed).first;
}

}  // namespace braid::ops
