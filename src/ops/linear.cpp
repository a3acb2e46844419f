#include "ops/linear.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/error.h"
#include "ops/activation.h"
#include "ops/kernels.h"
#include "ops/onednn.h"
#include "ops/parallel.h"
#include "ops/precision.h"
#include "ops/work.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows up to which the own kernels are the faster: oneDNN packs the weights first, and that costs
// as much as it saves unless many rows use them.
constexpr int64_t kFewRows = 8, kSomeRows = 48;
// The same of bfloat16, for which oneDNN has the processor's own matrix unit.
constexpr int64_t kFewHalfRows = 2;

void count_product(const Tensor& x, const Tensor& weight) {
  count_work({x.numel() * weight.size(0), /*num_calls=*/0});
}

// out = x weight^T + bias in float32, for up to kSomeRows rows in all; x and out contiguous.
void small_product(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor* out) {
  const int64_t depth = weight.size(1), width = weight.size(0), rows = x.numel() / depth;
  const Kernels& table = *kernels();
  const float* from = x.data_ptr<float>();
  const float* weights = weight.data_ptr<float>();
  const float* biases = bias.defined() ? bias.data_ptr<float>() : nullptr;
  float* to = out->data_ptr<float>();
  const int64_t grain =
      std::max<int64_t>(1, kElementGrain / (depth * std::max<int64_t>(1, rows / 4)));
  if (rows <= kFewRows) {
    parallel(width, grain, [&](int64_t begin, int64_t end, int) {
      table.few_rows_product(rows, depth, width, from, weights, biases, to, begin, end);
    });
    return;
  }
  const int64_t each = table.some_rows_scratch(rows, depth);
  const Tensor scratch = at::empty({num_shares(width, grain), each}, x.options());
  float* memory = scratch.data_ptr<float>();
  parallel(width, grain, [&](int64_t begin, int64_t end, int share) {
    table.some_rows_product(rows, depth, width, from, weights, biases, to, begin, end,
                            memory + share * each);
  });
}

// The same for up to kFewHalfRows rows of float32 and a bfloat16 weight.
void few_rows_product_bf16(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor* out) {
  const int64_t depth = weight.size(1), width = weight.size(0), rows = x.numel() / depth;
  const Kernels& table = *kernels();
  const Tensor split = at::empty({table.few_rows_scratch(rows, depth)}, x.options());
  table.split_rows(rows, depth, x.data_ptr<float>(), split.data_ptr<float>());
  parallel(width, std::max<int64_t>(1, kElementGrain / depth),
           [&](int64_t begin, int64_t end, int) {
             table.few_rows_product_bf16(rows, depth, width, split.data_ptr<float>(), bits(weight),
                                         bias.defined() ? bias.data_ptr<float>() : nullptr,
                                         out->data_ptr<float>(), begin, end);
           });
}

bool is_small(const Tensor& x) {
  return x.scalar_type() == at::kFloat && x.numel() <= kSomeRows * x.size(-1);
}

// out = x weight^T + bias; x and weight both float32 or both bfloat16.
void forward_product(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor* out) {
  count_product(x, weight);
  if (is_small(x))
    small_product(x, weight, bias, out);
  else
    matrix_multiply(x, weight.t(), bias, {}, out);
}

// Several linear maps of the rows of x; the activation is that of the only map.
struct Maps {
  std::vector<Tensor> weights, biases;  // biases of the maps that have one
  std::vector<int64_t> has_bias;
  Activation activation = Activation::none;
  bool is_bf16 = false;         // the products
  bool is_result_bf16 = false;  // what leaves the activation

  Tensor bias_of(size_t i) const {
    const auto before = std::count(has_bias.begin(), has_bias.begin() + static_cast<int64_t>(i), 1);
    return has_bias[i] != 0 ? biases[static_cast<size_t>(before)] : Tensor();
  }
};

// What the activation makes of the sums in `x`, and what its gradient needs.
std::pair<Tensor, Tensor> activate(const Maps& maps, Tensor x) {
  if (maps.activation == Activation::none) return {x, Tensor()};
  if (maps.activation == Activation::relu) {
    apply_relu(&x);
    if (maps.is_result_bf16) x = rounded(x);
    return {x, x};
  }
  if (!maps.is_bf16) {
    const Tensor out = apply_gelu(&x);
    return {out, x};
  }
  const auto half = x.options().dtype(at::kBFloat16);
  Tensor out = at::empty(x.sizes(), half), derivative = at::empty(x.sizes(), half);
  apply_gelu_bf16(x, &out, &derivative);
  return {maps.is_result_bf16 ? out : out.to(at::kFloat), derivative};
}

// Rows of a product whose sums stay in a core's own cache until the activation has read them.
constexpr int64_t kCachedBytes = 1 << 20;

// gelu(x weight^T + bias) and its derivative, both bfloat16, from bfloat16 factors.
std::pair<Tensor, Tensor> gelu_product_bf16(const Tensor& x, const Tensor& weight,
                                            const Tensor& bias) {
  count_product(x, weight);
  const int64_t rows = x.size(0), width = weight.size(0);
  const int64_t parts = std::max<int64_t>(1, rows * width * 4 / kCachedBytes);
  const int64_t each = (rows + parts - 1) / parts;
  const PackedFactor packed(weight.t(), at::kBFloat16);
  Tensor out = at::empty({rows, width}, x.options()), derivative = at::empty_like(out);
  const Tensor sums = at::empty({each, width}, x.options().dtype(at::kFloat));
  for (int64_t first = 0; first < rows; first += each) {
    const int64_t size = std::min(each, rows - first);
    const auto part = [&](const Tensor& all, int64_t begin) {
      return all.narrow(/*dim=*/0, begin, size);
    };
    Tensor sum = part(sums, 0), to = part(out, first), slope = part(derivative, first);
    matrix_multiply(part(x, first), packed, bias, {}, &sum);
    apply_gelu_bf16(sum, &to, &slope);
  }
  return {out, derivative};
}

// A map's result and what its activation's gradient needs.
std::pair<Tensor, Tensor> activated_product(const Maps& maps, const Tensor& x, const Tensor& weight,
                                            const Tensor& bias) {
  if (maps.is_result_bf16 && maps.activation == Activation::gelu)
    return gelu_product_bf16(x, weight, bias);
  const bool is_half = maps.is_result_bf16 && maps.activation == Activation::none;
  const auto type = is_half ? at::kBFloat16 : at::kFloat;
  Tensor out = at::empty({x.size(0), weight.size(0)}, x.options().dtype(type));
  forward_product(x, weight, bias, &out);
  return activate(maps, out);
}

// Inputs x (rows, in) contiguous, the weights, and the biases.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& x, at::TensorList weights,
                               at::TensorList biases, const Maps* maps) {
    // The rounded factors are what the backward pass needs too.
    variable_list outs, saved = {maps->is_bf16 ? rounded(x) : x};
    std::vector<int64_t> needs_weight, needs_bias;
    Tensor state;
    for (size_t i = 0; i < weights.size(); ++i) {
      const Tensor bias = maps->bias_of(i);
      saved.push_back(maps->is_bf16 ? rounded(weights[i]) : weights[i]);
      const auto [out, needed] = activated_product(*maps, saved[0], saved.back(), bias);
      outs.push_back(out);
      state = needed;
      needs_weight.push_back(weights[i].requires_grad());
      needs_bias.push_back(bias.defined() && bias.requires_grad());
    }
    saved.push_back(state);
    context->save_for_backward(saved);
    auto& data = context->saved_data;
    data["activation"] = static_cast<int64_t>(maps->activation);
    data["is_bf16"] = maps->is_bf16;
    data["is_input_bf16"] = x.scalar_type() == at::kBFloat16;
    data["has_bias"] = maps->has_bias;
    data["needs_x"] = x.requires_grad();
    data["needs_weight"] = needs_weight;
    data["needs_bias"] = needs_bias;
    return outs;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const auto kind = static_cast<Activation>(data["activation"].toInt());
    const auto has_bias = data["has_bias"].toIntVector();
    const auto needs_weight = data["needs_weight"].toIntVector();
    const auto needs_bias = data["needs_bias"].toIntVector();
    const Tensor& x = saved[0];
    const auto plain = x.options().dtype(at::kFloat);
    variable_list results = {Tensor()}, biases;
    for (size_t i = 0; i < grads.size(); ++i) {
      const Tensor& weight = saved[i + 1];
      const auto [grad, grad_bias] = activation_backward(
          grads[i].contiguous(), saved.back(), kind, data["is_bf16"].toBool(), needs_bias[i] != 0);
      if (data["needs_x"].toBool()) {
        const bool is_first = !results[0].defined();
        if (is_first)
          results[0] = at::empty(x.sizes(), data["is_input_bf16"].toBool() ? x.options() : plain);
        matrix_multiply(grad, weight, {}, {/*is_gelu=*/false, /*is_added=*/!is_first}, &results[0]);
      }
      results.emplace_back();
      if (needs_weight[i] != 0) {
        results.back() = at::empty(weight.sizes(), plain);
        matrix_multiply(grad.t(), x, {}, {}, &results.back());
      }
      if (has_bias[i] != 0) biases.push_back(needs_bias[i] != 0 ? grad_bias : Tensor());
    }
    results.insert(results.end(), biases.begin(), biases.end());
    results.emplace_back();  // of the maps
    return results;
  }
};

bool is_fast(const Tensor& x, const Tensor& weight) {
  return (has_kernels_for(x) || has_bf16_kernels_for(x)) && has_kernels_for(weight) &&
         x.dim() >= 1 && x.size(-1) == weight.size(1) && weight.is_contiguous();
}

bool needs_gradient(const Tensor& x, const Maps& maps) {
  const auto needs = [](const Tensor& one) { return one.requires_grad(); };
  return at::GradMode::is_enabled() &&
         (needs(x) || std::any_of(maps.weights.begin(), maps.weights.end(), needs) ||
          std::any_of(maps.biases.begin(), maps.biases.end(), needs));
}

// Without gradients: gelu is fused into large products. `packed`: the only map's weight, or null.
std::vector<Tensor> infer(const Tensor& rows, const Maps& maps, const PackedFactor* packed) {
  std::vector<Tensor> outs;
  const Tensor factor = maps.is_bf16 ? rounded(rows) : rows;
  const bool is_gelu = maps.activation == Activation::gelu && !is_small(factor);
  const bool is_done = is_gelu || maps.activation == Activation::none;
  const auto type = maps.is_result_bf16 && is_done ? at::kBFloat16 : at::kFloat;
  for (size_t i = 0; i < maps.weights.size(); ++i) {
    const Tensor &weight = maps.weights[i], bias = maps.bias_of(i);
    Tensor out = at::empty({rows.size(0), weight.size(0)}, rows.options().dtype(type));
    count_product(factor, weight);
    if (is_small(factor))
      small_product(factor, weight, bias, &out);
    else if (packed != nullptr)
      matrix_multiply(factor, *packed, bias, {is_gelu}, &out);
    else
      matrix_multiply(factor, (maps.is_bf16 ? rounded(weight) : weight).t(), bias, {is_gelu}, &out);
    outs.push_back(is_done ? out : activate(maps, out).first);
  }
  return outs;
}

std::vector<Tensor> apply(const Tensor& x, const std::vector<LinearWeights>& each,
                          Activation activation, bool keeps_bf16,
                          const PackedFactor* packed = nullptr) {
  Maps maps;
  maps.activation = activation;
  maps.is_bf16 = current_precision() == Precision::bf16 || x.scalar_type() == at::kBFloat16;
  maps.is_result_bf16 = maps.is_bf16 && keeps_bf16;
  for (const LinearWeights& map : each) {
    maps.weights.push_back(map.weight);
    maps.has_bias.push_back(map.bias.defined() ? 1 : 0);
    if (map.bias.defined()) maps.biases.push_back(map.bias.contiguous());
  }
  const Tensor rows = x.reshape({-1, x.size(-1)}).contiguous();
  std::vector<Tensor> outs =
      needs_gradient(x, maps)
          ? LinearFunction::apply(rows, at::TensorList(maps.weights), at::TensorList(maps.biases),
                                  static_cast<const Maps*>(&maps))
          : infer(rows, maps, packed);
  for (Tensor& out : outs) {
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = out.size(1);
    out = out.view(shape);
  }
  return outs;
}

// What bf16 means where no kernels apply: rounded factors, the product in float32 on the CPU.
Tensor slow(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  const bool is_bf16 = (current_precision() == Precision::bf16 && x.scalar_type() == at::kFloat) ||
                       x.scalar_type() == at::kBFloat16;
  if (!is_bf16) return linear_reference(x, weight, bias, activation);
  const auto round = [](const Tensor& v) { return v.to(at::kBFloat16).to(at::kFloat); };
  return linear_reference(round(x), round(weight), bias, activation);
}

}  // namespace

Tensor linear_reference(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        Activation activation) {
  const Tensor out = at::linear(x, weight, bias);
  if (activation == Activation::relu) return at::relu(out);
  return activation == Activation::gelu ? ops::gelu(out) : out;
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation,
              bool keeps_bf16) {
  if (!is_fast(x, weight)) return slow(x, weight, bias, activation);
  return apply(x, {{weight, bias}}, activation, keeps_bf16)[0];
}

Tensor linear_inference(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        Activation activation, bool keeps_bf16, InferenceWeight* forms) {
  if (!is_fast(x, weight)) return slow(x, weight, bias, activation);
  const bool is_bf16 = current_precision() == Precision::bf16;
  const bool is_few = is_bf16 && x.numel() <= kFewHalfRows * x.size(-1);
  const Tensor halved = is_few ? forms->halved(weight) : Tensor();
  const bool is_direct = is_bf16 ? halved.defined() : is_small(x);
  if (is_direct && x.is_contiguous() && activation != Activation::gelu &&
      (!bias.defined() || bias.is_contiguous())) {
    // The shortest way, for a single sample: everything but the product counts here.
    c10::SmallVector<int64_t, 4> shape(x.sizes().begin(), x.sizes().end());
    shape.back() = weight.size(0);
    Tensor out = at::empty(shape, x.options().dtype(at::kFloat));
    count_product(x, weight);
    if (is_bf16)
      few_rows_product_bf16(x.to(at::kFloat), halved, bias, &out);
    else
      small_product(x, weight, bias, &out);
    if (activation == Activation::relu) apply_relu(&out);
    return is_bf16 && keeps_bf16 ? rounded(out) : out;
  }
  return apply(x, {{weight, bias}}, activation, keeps_bf16,
               is_bf16 || !is_small(x) ? forms->packed(weight) : nullptr)[0];
}

void InferenceWeight::keep_up_with(const Tensor& weight) {
  if (data_ == weight.data_ptr() && version_ == weight._version()) return;
  packed_.reset();
  halved_.reset();
  data_ = weight.data_ptr();
  version_ = weight._version();
}

const PackedFactor* InferenceWeight::packed(const Tensor& weight) {
  if (weight.is_inference()) return nullptr;  // says nothing of its changes
  keep_up_with(weight);
  const auto type = current_precision() == Precision::bf16 ? at::kBFloat16 : at::kFloat;
  if (packed_ == nullptr || packed_->type() != type)
    packed_ = std::make_shared<PackedFactor>(weight.t(), type);
  return packed_.get();
}

const Tensor& InferenceWeight::halved(const Tensor& weight) {
  static const Tensor none;
  if (weight.is_inference()) return none;
  keep_up_with(weight);
  if (!halved_.defined()) halved_ = rounded(weight);
  return halved_;
}

std::vector<Tensor> linears(const Tensor& x, const std::vector<LinearWeights>& maps,
                            bool keeps_bf16) {
  const auto fits = [&x](const LinearWeights& map) { return is_fast(x, map.weight); };
  if (std::all_of(maps.begin(), maps.end(), fits))
    return apply(x, maps, Activation::none, keeps_bf16);
  std::vector<Tensor> outs;
  for (const LinearWeights& map : maps)
    outs.push_back(slow(x, map.weight, map.bias, Activation::none));
  return outs;
}

}  // namespace braid::ops
