// ConvNeXt as published.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/transformer_stack.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method convnext;

namespace {

constexpr double kInnerEpsilon = 1e-6;  // of every norm but the last
constexpr int64_t kExpansion = 4;       // hidden width of a block's MLP over its channels

struct Config {
  int64_t patch = 0;
  std::vector<int64_t> channels = {16, 32, 64};
  std::vector<int64_t> depths = {1, 1, 1};
  std::string activation = "gelu";
  double epsilon = 1e-6;
  double layer_scale = 0.1;
  template <class V>
  void visit(V& v) {
    v("patch", patch, between(0, 1024),
      "side of a patch in pixels; 0 = 4, less where the last grid had fewer than 2 x 2 places");
    v("channels", channels, between(1, 16384),
      "channels of each stage; the last are D of the tokens");
    v("depths", depths, between(1, 256), "blocks of each stage; cost grows linearly");
    v("activation", activation, one_of({"gelu", "gelu_new", "quick_gelu", "relu", "silu"}),
      "of each block's MLP");
    v("epsilon", epsilon, between(0, 1), "added to the variance in the last norm");
    v("layer_scale", layer_scale, between(0, 10),
      "the learned factor on what a block adds, at the beginning; 0 = there is none");
  }
};

// Places of the last grid along a side; each stage but the first halves it.
int64_t grid_side(const Config& config, int64_t size, int64_t patch) {
  return (size / patch) >> (config.channels.size() - 1);
}

int64_t patch_side(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty() && config.channels.size() == config.depths.size(), config,
              "depths: expected one for each stage of channels ({}), got {}; name as many",
              config.channels.size(), config.depths.size());
  BRAID_CHECK(config.channels.size() <= 16, config, "channels: expected at most 16 stages, got {}",
              config.channels.size());
  const int64_t shorter = std::min(spec.height, spec.width);
  int64_t patch = config.patch > 0 ? config.patch : 4;
  while (config.patch == 0 && patch > 1 && grid_side(config, shorter, patch) < 2) patch /= 2;
  BRAID_CHECK(grid_side(config, shorter, patch) > 0, config,
              "patch: expected a picture of at least {} pixels a side, got {} x {}; make it larger "
              "or name fewer stages",
              patch << (config.channels.size() - 1), spec.height, spec.width);
  return patch;
}

int64_t num_places(const Config& config, const data::ModalitySpec& spec) {
  const int64_t patch = patch_side(config, spec);
  return grid_side(config, spec.height, patch) * grid_side(config, spec.width, patch);
}

// The same picture with its channels first, and last in memory, and back; neither copies.
Tensor channels_first(const Tensor& x) { return x.permute({0, 3, 1, 2}); }
Tensor channels_last(const Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

torch::nn::Conv2d patches_of(int64_t in, int64_t out, int64_t side) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).stride(side));
}

/// x + scale * mlp(norm(depthwise(x))).   Shapes   (B, H, W, C) -> the same.
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(const Config& config, int64_t channels) : activation_(config.activation) {
    depthwise_ = register_module(
        "dwconv", torch::nn::Conv2d(
                      torch::nn::Conv2dOptions(channels, channels, 7).padding(3).groups(channels)));
    norm_ = register_module("layernorm", layers::LayerNorm(channels, kInnerEpsilon));
    up_ = register_module("pwconv1", layers::Linear(channels, kExpansion * channels));
    down_ = register_module("pwconv2", layers::Linear(kExpansion * channels, channels));
    if (config.layer_scale > 0)
      scale_ =
          register_parameter("layer_scale_parameter", torch::full({channels}, config.layer_scale));
  }

  Tensor forward(const Tensor& x) {
    const Tensor y = norm_(channels_last(depthwise_(channels_first(x))));
    const bool is_fused = activation_ == "gelu" || activation_ == "relu";
    Tensor inner =
        up_(y, is_fused ? layers::activation_named(activation_) : ops::Activation::none, is_fused);
    if (!is_fused) inner = activate(inner, activation_);
    const Tensor added = down_(inner);
    return scale_.defined() ? at::addcmul(x, added, scale_) : x + added;
  }

 private:
  const std::string activation_;
  torch::nn::Conv2d depthwise_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Linear up_{nullptr}, down_{nullptr};
  Tensor scale_;
};

/// A norm and a 2x2 convolution in steps of 2, in every stage but the first, then blocks.
/// Shapes   (B, H, W, C) -> (B, H / 2, W / 2, out), rounded down; of the first (B, H, W, out).
class StageImpl : public torch::nn::Module {
 public:
  StageImpl(const Config& config, size_t stage) {
    const int64_t out = config.channels[stage];
    if (stage > 0) {
      const int64_t in = config.channels[stage - 1];
      norm_ = register_module("norm", layers::LayerNorm(in, kInnerEpsilon));
      halving_ = register_module("halving", patches_of(in, out, /*side=*/2));
    }
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    for (int64_t i = 0; i < config.depths[stage]; ++i)
      blocks_->push_back(std::make_shared<BlockImpl>(config, out));
  }

  Tensor forward(Tensor x) {
    if (!halving_.is_empty()) x = channels_last(halving_(channels_first(norm_(x))));
    for (const auto& block : *blocks_) x = block->as<BlockImpl>()->forward(x);
    return x;
  }

 private:
  layers::LayerNorm norm_{nullptr};
  torch::nn::Conv2d halving_{nullptr};
  torch::nn::ModuleList blocks_;
};

/// Patches; stages of blocks (a depthwise 7x7 convolution, then an MLP at each place), with a norm
/// and a 2x2 convolution in steps of 2 before each but the first; LayerNorm over the channels.
///
/// Shapes   values (B, C, H, W) -> tokens (B, h * w, D), one per place of the last grid; pooled (B,
///          D), the norm of their mean; hidden (B, C_s, h_s, w_s) of the patches and each stage.
///          Rows and columns of pixels beyond whole patches are left out.
/// Source   Liu et al. 2022, arXiv:2201.03545. Differs: without stochastic depth; from scratch
///          layer_scale begins at 0.1, not 1e-6, for a small network (Touvron et al. 2021,
///          arXiv:2103.17239).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.channels.empty() ? 0 : config.channels.back(),
                num_places(config, spec)),
        tap_widths_(config.channels.begin(), config.channels.end() - 1) {
    const int64_t first = config.channels.front();
    patches_ =
        register_module("patches", patches_of(spec.channels, first, patch_side(config, spec)));
    norm_patches_ = register_module("norm_patches", layers::LayerNorm(first, kInnerEpsilon));
    stages_ = register_module("stages", torch::nn::ModuleList());
    for (size_t stage = 0; stage < config.channels.size(); ++stage)
      stages_->push_back(std::make_shared<StageImpl>(config, stage));
    norm_ = register_module("norm", layers::LayerNorm(width(), config.epsilon));
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor values = input.values.contiguous(at::MemoryFormat::ChannelsLast);
    Tensor x = norm_patches_(channels_last(patches_(values)));  // [B, h, w, channels]
    Encoded out;
    if (wants_hidden) out.hidden.push_back(channels_first(x));
    for (size_t stage = 0; stage < stages_->size(); ++stage) {
      x = stages_[stage]->as<StageImpl>()->forward(x);
      if (wants_hidden) out.hidden.push_back(channels_first(x));
      if (wants_taps && stage + 1 < stages_->size()) out.taps.push_back(x.mean({1, 2}));
    }
    out.tokens = x.flatten(/*start_dim=*/1, 2);      // [B, h * w, D]
    out.pooled = norm_(out.tokens.mean(/*dim=*/1));  // [B, D]
    out.mask = input.present.unsqueeze(1).expand({x.size(0), out.tokens.size(1)});
    return out;
  }

 private:
  const std::vector<int64_t> tap_widths_;
  torch::nn::Conv2d patches_{nullptr};
  layers::LayerNorm norm_patches_{nullptr}, norm_{nullptr};
  torch::nn::ModuleList stages_;
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  Json config;
  config["patch"] = published_integer(given, "patch_size", where, 4);
  config["channels"] = published_integers(given, "hidden_sizes", where);
  config["depths"] = published_integers(given, "depths", where);
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "gelu"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-12);
  config["layer_scale"] = published_number(given, "layer_scale_init_value", where, 1e-6);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"convnext"},
      config_of,
      {{"patches", "embeddings.patch_embeddings"},
       {"norm_patches", "embeddings.layernorm"},
       {"stages.{}.norm", "encoder.stages.{}.downsampling_layer.0"},
       {"stages.{}.halving", "encoder.stages.{}.downsampling_layer.1"},
       {"stages.{}.blocks.{}", "encoder.stages.{}.layers.{}"},
       {"norm", "layernorm"}},
      {"convnext."},
      {"classifier."}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::image; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(convnext, json, where, spec);
}

}  // namespace

const Method convnext = {
    "convnext",
    "Depthwise convolutions and an MLP at each place, as published for ConvNeXt.",
    "Liu et al. 2022, arXiv:2201.03545",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make,
    family};

}  // namespace braid::encoders
