// Residual networks as published.
#include <torch/torch.h>

#include <cmath>
#include <utility>
#include <vector>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

extern const Method resnet;

namespace {

constexpr double kBatchNormEpsilon = 1e-5;
constexpr int64_t kBottleneck = 4;  // channels of a block over those of its 3x3 convolution

struct Config {
  int64_t stem = 16;
  std::vector<int64_t> channels = {16, 32, 64};
  std::vector<int64_t> depths = {1, 1, 1};
  std::string layer = "basic";
  bool downsample_in_first_stage = false;
  bool downsample_in_bottleneck = false;
  std::string activation = "relu";
  template <class V>
  void visit(V& v) {
    v("stem", stem, between(1, 16384), "channels of the first convolution");
    v("channels", channels, between(1, 16384),
      "channels of each stage; the last are D of the tokens");
    v("depths", depths, between(1, 256), "residual blocks of each stage; cost grows linearly");
    v("layer", layer, one_of({"basic", "bottleneck"}),
      "two 3x3 convolutions a block, or one on a quarter of the channels between two 1x1");
    v("downsample_in_first_stage", downsample_in_first_stage, any(),
      "whether the first stage halves height and width too, as the others do");
    v("downsample_in_bottleneck", downsample_in_bottleneck, any(),
      "whether a bottleneck's first convolution takes the steps of 2, not its second");
    v("activation", activation, one_of({"gelu", "gelu_new", "quick_gelu", "relu", "silu"}),
      "after each convolution and each sum");
  }
};

int64_t halved(int64_t size) { return (size + 1) / 2; }

int64_t num_places(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty() && config.channels.size() == config.depths.size(), config,
              "depths: expected one for each stage of channels ({}), got {}; name as many",
              config.channels.size(), config.depths.size());
  int64_t height = halved(halved(spec.height)), width = halved(halved(spec.width));
  const size_t num_halvings = config.channels.size() - (config.downsample_in_first_stage ? 0 : 1);
  for (size_t i = 0; i < num_halvings; ++i) height = halved(height), width = halved(width);
  return height * width;
}

/// Batch norm's parameters with its statistics frozen: they are part of the checkpoint, and 0 and 1
/// where training starts from scratch.
class FrozenBatchNormImpl : public torch::nn::Module {
 public:
  explicit FrozenBatchNormImpl(int64_t channels) {
    weight = register_parameter("weight", torch::ones({channels}));
    bias = register_parameter("bias", torch::zeros({channels}));
    running_mean = register_buffer("running_mean", torch::zeros({channels}));
    running_var = register_buffer("running_var", torch::ones({channels}));
  }
  Tensor weight, bias, running_mean, running_var;
};
TORCH_MODULE(FrozenBatchNorm);

/// A convolution and the norm after it, whose factors multiply the weights: the norm costs no pass
/// over the picture, and nothing of it has to be kept for the backward pass. Inference keeps the
/// product until a parameter changes.
class ConvolutionImpl : public torch::nn::Module {
 public:
  ConvolutionImpl(int64_t in, int64_t out, int64_t side, int64_t step, double gain = 2)
      : step_(step), padding_(side / 2) {
    convolution_ = register_module(
        "convolution", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).bias(false)));
    norm_ = register_module("normalization", FrozenBatchNorm(out));
    // The variance stays that of the input (He et al. 2015, arXiv:1502.01852).
    torch::NoGradGuard no_grad;
    convolution_->weight.normal_(0, std::sqrt(gain / static_cast<double>(in * side * side)));
  }

  // Shapes   x (B, in, H, W) -> (B, out, ceil(H / step), ceil(W / step)); a tensor of its own.
  Tensor forward(const Tensor& x) {
    if (!c10::InferenceMode::is_enabled()) return convolved(x, folded());
    const State now = state();
    if (now.empty() || now != kept_state_) {
      kept_ = folded();
      kept_.weight = kept_.weight.contiguous(at::MemoryFormat::ChannelsLast);
      kept_state_ = now;
    }
    return convolved(x, kept_);
  }

  void scale_norm(double factor) {
    torch::NoGradGuard no_grad;
    norm_->weight.mul_(factor);
  }

 private:
  struct Folded {
    Tensor weight, bias;
  };
  using State = std::vector<std::pair<const void*, int64_t>>;

  Folded folded() const {
    const Tensor factor = norm_->weight * at::rsqrt(norm_->running_var + kBatchNormEpsilon);
    return {convolution_->weight * factor.view({-1, 1, 1, 1}),
            norm_->bias - norm_->running_mean * factor};
  }

  Tensor convolved(const Tensor& x, const Folded& with) const {
    return at::conv2d(x, with.weight, with.bias, step_, padding_);
  }

  // Where and at what version the tensors are; empty where changes cannot be noticed.
  State state() const {
    State state;
    for (const Tensor& x : {convolution_->weight, norm_->weight, norm_->bias, norm_->running_mean,
                            norm_->running_var}) {
      if (x.is_inference()) return {};
      state.emplace_back(x.data_ptr(), x._version());
    }
    return state;
  }

  const int64_t step_, padding_;
  torch::nn::Conv2d convolution_{nullptr};  // the weight alone
  FrozenBatchNorm norm_{nullptr};
  Folded kept_;  // of inference
  State kept_state_;
};
TORCH_MODULE(Convolution);

// `x` may be overwritten.
Tensor activated(Tensor x, const std::string& activation) {
  return activation == "relu" ? x.relu_() : activate(x, activation);
}

/// activation(layer(x) + shortcut(x)).
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(const Config& config, int64_t in, int64_t out, int64_t step)
      : activation_(config.activation) {
    if (in != out || step != 1)
      shortcut_ = register_module("shortcut", Convolution(in, out, /*side=*/1, step, /*gain=*/1.0));
    layer_ = register_module("layer", torch::nn::ModuleList());
    if (config.layer == "bottleneck") {
      const int64_t narrow = out / kBottleneck;
      BRAID_CHECK(narrow > 0, config, "channels: expected at least {} for bottlenecks, got {}",
                  kBottleneck, out);
      const bool is_first = config.downsample_in_bottleneck;
      layer_->push_back(Convolution(in, narrow, /*side=*/1, is_first ? step : 1));
      layer_->push_back(Convolution(narrow, narrow, /*side=*/3, is_first ? 1 : step));
      layer_->push_back(Convolution(narrow, out, /*side=*/1, /*step=*/1));
    } else {
      layer_->push_back(Convolution(in, out, /*side=*/3, step));
      layer_->push_back(Convolution(out, out, /*side=*/3, /*step=*/1));
    }
  }

  Tensor forward(const Tensor& x) {
    Tensor y = x;
    for (size_t i = 0; i < layer_->size(); ++i) {
      if (i > 0) y = activated(y, activation_);
      y = layer_[i]->as<Convolution>()->forward(y);
    }
    return activated(y.add_(shortcut_.is_empty() ? x : shortcut_(x)), activation_);
  }

  // What the block adds, at the beginning of training.
  void scale_last_norm(double factor) {
    layer_[layer_->size() - 1]->as<Convolution>()->scale_norm(factor);
  }

 private:
  const std::string activation_;
  torch::nn::ModuleList layer_;
  Convolution shortcut_{nullptr};
};

/// A 7x7 convolution in steps of 2, 3x3 max pooling in steps of 2, stages of residual blocks. Batch
/// norm is frozen: its statistics are applied as they stand in the checkpoint, in training too,
/// since a row must not depend on its batch; its weight and bias are trained.
///
/// Shapes   values (B, C, H, W) -> tokens (B, h * w, D), one per place of the last grid; pooled (B,
///          D), their mean; hidden (B, C_s, h_s, w_s) of the stem and each stage.
/// Source   He et al. 2016, arXiv:1512.03385. Differs from scratch: no statistics (0 and 1); what a
///          block adds begins small instead, as in De and Smith 2020, arXiv:2002.10444.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.channels.empty() ? 0 : config.channels.back(),
                num_places(config, spec)),
        activation_(config.activation),
        tap_widths_(config.channels.begin(), config.channels.end() - 1) {
    stem_ = register_module("stem", Convolution(spec.channels, config.stem, /*side=*/7,
                                                /*step=*/2));
    stages_ = register_module("stages", torch::nn::ModuleList());
    int64_t in = config.stem, num_blocks = 0;
    for (int64_t depth : config.depths) num_blocks += depth;
    for (size_t stage = 0; stage < config.channels.size(); ++stage) {
      torch::nn::ModuleList blocks;
      for (int64_t i = 0; i < config.depths[stage]; ++i) {
        const bool is_halving = i == 0 && (stage > 0 || config.downsample_in_first_stage);
        const auto block =
            std::make_shared<BlockImpl>(config, in, config.channels[stage], is_halving ? 2 : 1);
        block->scale_last_norm(1 / std::sqrt(static_cast<double>(num_blocks)));
        blocks->push_back(block);
        in = config.channels[stage];
      }
      stages_->push_back(blocks);
    }
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor values = input.values.contiguous(at::MemoryFormat::ChannelsLast);
    Tensor x = at::max_pool2d(activated(stem_(values), activation_), /*kernel_size=*/3,
                              /*stride=*/2, /*padding=*/1);  // [B, stem, H / 4, W / 4]
    Encoded out;
    if (wants_hidden) out.hidden.push_back(x);
    for (size_t stage = 0; stage < stages_->size(); ++stage) {
      for (const auto& block : *stages_[stage]->as<torch::nn::ModuleList>())
        x = block->as<BlockImpl>()->forward(x);
      if (wants_hidden) out.hidden.push_back(x);
      if (wants_taps && stage + 1 < stages_->size()) out.taps.push_back(x.mean({2, 3}));
    }
    out.tokens = x.flatten(/*start_dim=*/2).transpose(1, 2);  // [B, h * w, D]
    out.pooled = out.tokens.mean(/*dim=*/1);                  // [B, D]
    out.mask = input.present.unsqueeze(1).expand({x.size(0), out.tokens.size(1)});
    return out;
  }

 private:
  const std::string activation_;
  const std::vector<int64_t> tap_widths_;
  Convolution stem_{nullptr};
  torch::nn::ModuleList stages_;
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  Json config;
  config["stem"] = published_integer(given, "embedding_size", where);
  config["channels"] = published_integers(given, "hidden_sizes", where);
  config["depths"] = published_integers(given, "depths", where);
  config["layer"] = published_text(given, "layer_type", where, "bottleneck");
  config["downsample_in_first_stage"] =
      published_bool(given, "downsample_in_first_stage", where, false);
  config["downsample_in_bottleneck"] =
      published_bool(given, "downsample_in_bottleneck", where, false);
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "relu"), where + ": hidden_act");
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"resnet"},
      config_of,
      {{"stem", "embedder.embedder"}, {"stages.{}.{}", "encoder.stages.{}.layers.{}"}},
      {"resnet."},
      {"classifier."}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::image; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(resnet, json, where, spec);
}

}  // namespace

const Method resnet = {"resnet",
                       "Residual network with frozen batch norm, as published for ResNet.",
                       "He et al. 2016, arXiv:1512.03385",
                       reads,
                       /*is_raw=*/false,
                       describe_config<Config>,
                       make,
                       family};

}  // namespace braid::encoders
