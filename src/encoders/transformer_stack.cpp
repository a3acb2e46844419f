#include "encoders/transformer_stack.h"

#include "core/error.h"
#include "ops/activation.h"
#include "ops/attention.h"
#include "ops/random.h"

namespace braid::encoders {
namespace {

using layers::Dropout;
using layers::LayerNorm;
using layers::Linear;

// What ops::linear applies along with the product; the rest comes after it.
ops::Activation fused(const std::string& activation) {
  return activation == "relu" || activation == "gelu" ? layers::activation_named(activation)
                                                      : ops::Activation::none;
}

class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(const StackConfig& config, const StackShape& shape) : config_(config), shape_(shape) {
    const int64_t D = config.width;
    norm1_ = register_module("norm1", LayerNorm(D, config.epsilon));
    query_ = register_module("query", Linear(D, D));
    key_ = register_module("key", Linear(torch::nn::LinearOptions(D, D).bias(false)));
    value_ = register_module("value", Linear(D, D));
    out_ = register_module("out", Linear(D, D));
    norm2_ = register_module("norm2", LayerNorm(D, config.epsilon));
    up_ = register_module("up", Linear(D, config.mlp_width));
    down_ = register_module("down", Linear(config.mlp_width, D));
    dropout_ = register_module("drop", Dropout(config.dropout));
    if (shape.has_key_bias) register_buffer("key_bias", torch::zeros({D}));
    if (shape.has_layer_scale) {
      scale1_ = register_parameter("scale1", torch::ones({D}));
      scale2_ = register_parameter("scale2", torch::ones({D}));
    }
  }

  Tensor forward(const Tensor& x, const Tensor& mask, const Tensor& bias) {
    if (shape_.is_norm_first) {
      const Tensor attended = scaled(attend(norm1_(x), mask, bias), scale1_);
      const auto [sum, normed] = norm2_->after_sum(x, attended);
      return sum + scaled(mlp(normed), scale2_);
    }
    const Tensor first = norm1_->after_sum(x, scaled(attend(x, mask, bias), scale1_)).second;
    return norm2_->after_sum(first, scaled(mlp(first), scale2_)).second;
  }

 private:
  static Tensor scaled(const Tensor& x, const Tensor& scale) {
    return scale.defined() ? x * scale : x;
  }

  Tensor attend(const Tensor& x, const Tensor& mask, const Tensor& bias) {
    static constexpr bool kKeepsBf16 = true;  // attention's products would round them anyway
    Tensor q, k, v;                           // [B, T, D]
    if (c10::InferenceMode::is_enabled() || query_->is_adapted() || key_->is_adapted() ||
        value_->is_adapted()) {  // packed, each weight by itself
      q = query_(x, ops::Activation::none, kKeepsBf16);
      k = key_(x, ops::Activation::none, kKeepsBf16);
      v = value_(x, ops::Activation::none, kKeepsBf16);
    } else {
      const auto all = ops::linears(
          x, {{query_->weight, query_->bias}, {key_->weight, {}}, {value_->weight, value_->bias}},
          kKeepsBf16);
      q = all[0], k = all[1], v = all[2];
    }
    ops::AttentionOptions options{config_.heads, config_.attention_dropout, is_training()};
    options.bias = bias;
    return dropout_(out_(ops::attention(q, k, v, mask, options)));
  }

  Tensor mlp(const Tensor& x) {
    const ops::Activation activation = fused(config_.activation);
    Tensor inner = up_(x, activation, /*keeps_bf16=*/activation != ops::Activation::none);
    if (activation == ops::Activation::none) inner = activate(inner, config_.activation);
    return dropout_(down_(inner));
  }

  const StackConfig config_;
  const StackShape shape_;
  LayerNorm norm1_{nullptr}, norm2_{nullptr};
  Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, out_{nullptr}, up_{nullptr},
      down_{nullptr};
  Dropout dropout_{nullptr};
  Tensor scale1_, scale2_;
};

// A block that is computed again on the way back, with the random numbers it had.
class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  // `anchor`, a parameter of the block, sees to it that there is a way back where x needs none.
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& mask, const c10::optional<Tensor>& given_bias,
                        const Tensor& anchor, BlockImpl* block) {
    const Tensor bias = given_bias.value_or(Tensor());
    const auto seed = static_cast<int64_t>(ops::draw_seed());
    context->save_for_backward({x, mask, bias, anchor});
    context->saved_data["seed"] = seed;
    context->saved_data["block"] = reinterpret_cast<int64_t>(block);
    const at::AutoGradMode no_grad(false);
    const ops::RandomScope random(static_cast<uint64_t>(seed));
    return block->forward(x, mask, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const auto saved = context->get_saved_variables();
    auto* block = reinterpret_cast<BlockImpl*>(context->saved_data["block"].toInt());
    const auto leaf = [](const Tensor& given) {
      return given.defined() ? given.detach().set_requires_grad(given.requires_grad()) : given;
    };
    const Tensor x = leaf(saved[0]), bias = leaf(saved[2]);
    {
      const at::AutoGradMode with_grad(true);
      const ops::RandomScope random(static_cast<uint64_t>(context->saved_data["seed"].toInt()));
      const Tensor out = block->forward(x, saved[1], bias);
      torch::autograd::backward({out}, {grads[0]});
    }
    return {x.grad(), Tensor(), bias.defined() ? bias.grad() : Tensor(), Tensor(), Tensor()};
  }
};

// One that needs a gradient where there is one.
Tensor any_parameter(const BlockImpl& block) {
  const std::vector<Tensor> all = block.parameters();
  for (const Tensor& parameter : all)
    if (parameter.requires_grad()) return parameter;
  return all.front();
}

}  // namespace

Tensor activate(const Tensor& x, const std::string& name) {
  if (name == "gelu") return ops::gelu(x);
  if (name == "gelu_new") return ops::gelu_tanh(x);
  if (name == "quick_gelu") return x * at::sigmoid(1.702 * x);
  if (name == "relu") return at::relu(x);
  if (name == "silu") return at::silu(x);
  fail(ErrorKind::config,
       "activation: expected gelu, gelu_new, quick_gelu, relu or silu, got '{}'; choose one", name);
}

std::string activation_of(const std::string& published, const std::string& where) {
  if (published == "gelu" || published == "quick_gelu" || published == "relu" ||
      published == "silu" || published == "gelu_new")
    return published;
  if (published == "gelu_pytorch_tanh" || published == "gelu_fast") return "gelu_new";
  if (published == "gelu_python") return "gelu";
  if (published == "swish") return "silu";
  fail(ErrorKind::config,
       "{}: expected an activation among gelu, gelu_new, gelu_pytorch_tanh, quick_gelu, relu and "
       "silu, got '{}'; choose another checkpoint",
       where, published);
}

TransformerStackImpl::TransformerStackImpl(const StackConfig& config, const StackShape& shape) {
  BRAID_CHECK(config.width % config.heads == 0, config,
              "width: expected a multiple of heads ({}), got {}; change one of them", config.heads,
              config.width);
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int64_t i = 0; i < config.layers; ++i)
    blocks_->push_back(std::make_shared<BlockImpl>(config, shape));
}

Tensor TransformerStackImpl::forward(Tensor x, const Tensor& mask, const Tensor& bias,
                                     std::vector<Tensor>* hidden) {
  if (hidden != nullptr) hidden->push_back(x);
  for (const auto& block : *blocks_) {
    auto& one = *block->as<BlockImpl>();
    x = recomputes && is_training() && at::GradMode::is_enabled()
            ? Recomputed::apply(x, mask,
                                bias.defined() ? c10::optional<Tensor>(bias) : c10::nullopt,
                                any_parameter(one), &one)
            : one.forward(x, mask, bias);
    if (hidden != nullptr) hidden->push_back(x);
  }
  return x;
}

std::vector<int64_t> stack_tap_widths(const StackConfig& config) {
  return std::vector<int64_t>(static_cast<size_t>(config.layers - 1), config.width);
}

std::vector<Tensor> stack_taps(const std::vector<Tensor>& hidden, const Tensor& mask) {
  std::vector<Tensor> taps;
  for (size_t i = 1; i + 1 < hidden.size(); ++i)
    taps.push_back(layers::masked_mean(hidden[i], mask));
  return taps;
}

std::vector<NameRule> with_stack_rules(std::vector<NameRule> others, const std::string& ours,
                                       const std::string& block, const StackNames& names) {
  const auto add = [&](const char* part, const std::string& theirs) {
    others.push_back({ours + ".blocks.{}." + part, block + "." + theirs});
  };
  add("norm1", names.norm1);
  add("query", names.query);
  add("key", names.key);
  add("key_bias", names.key + ".bias");
  add("value", names.value);
  add("out", names.out);
  add("norm2", names.norm2);
  add("up", names.up);
  add("down", names.down);
  return others;
}

}  // namespace braid::encoders
