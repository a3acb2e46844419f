// Transformers over raw sound as published: one encoder for wav2vec 2.0 and HuBERT, and a file for
// each family's names and configs.
#pragma once
#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

struct Wav2Vec2Config : StackConfig {
  int64_t channels = 0;
  std::vector<int64_t> conv_widths;
  std::vector<int64_t> conv_kernels;
  std::vector<int64_t> conv_strides;
  bool conv_bias = false;
  std::string conv_norm = "group";
  std::string conv_activation = "gelu";
  bool norm_over_padding = false;
  bool projection_norm = true;
  double projection_dropout = 0;
  int64_t position_kernel = 16;
  int64_t position_groups = 4;
  bool norm_first = false;
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("channels", channels, between(0, 4096),
      "values per sample that the checkpoint was made for; 0 = as many as the modality has");
    v("conv_widths", conv_widths, between(1, 16384),
      "channels of each convolution; empty = as wide as the tokens");
    v("conv_kernels", conv_kernels, between(1, 1024),
      "samples that each convolution sees; empty = 3, then 2");
    v("conv_strides", conv_strides, between(1, 1024),
      "steps of each convolution; empty = as many steps of 2 as bring the longest sound down to "
      "512 tokens, two at least; more = fewer tokens");
    v("conv_bias", conv_bias, any(), "whether the convolutions have a bias");
    v("conv_norm", conv_norm, one_of({"group", "layer"}),
      "after the first convolution each channel's norm over time, or after each one a layer norm");
    v("conv_activation", conv_activation,
      one_of({"gelu", "gelu_new", "quick_gelu", "relu", "silu"}),
      "of the convolutions, those of the positions included");
    v("norm_over_padding", norm_over_padding, any(),
      "whether the norm over time counts the batch's padding, as transformers does it; a row's "
      "result then depends on its padding");
    v("projection_norm", projection_norm, any(),
      "whether a layer norm stands between the convolutions and the blocks' width");
    v("projection_dropout", projection_dropout, between(0, 0.9),
      "chance to drop an activation of what the blocks read, while training");
    v("position_kernel", position_kernel, between(1, 1024),
      "tokens that the convolution sees which tells the blocks of places");
    v("position_groups", position_groups, between(1, 1024),
      "groups of that convolution; width must be a multiple");
    v("norm_first", norm_first, any(),
      "whether each half of a block norms what it reads (do_stable_layer_norm), or what it hands "
      "on");
  }
};

/// One convolution of raw sound, its norm and its activation.
class SoundConvolutionImpl : public torch::nn::Module {
 public:
  enum class Norm { none, group, layer };
  SoundConvolutionImpl(int64_t in, int64_t out, int64_t kernel, int64_t stride, bool has_bias,
                       Norm norm, std::string activation);
  /// Shapes   x (B, in, T), lengths (B): real places of each row after this convolution, which the
  ///          norm over time counts; undefined: all -> (B, out, windows).
  Tensor forward(const Tensor& x, const Tensor& lengths);

 private:
  const Norm norm_kind_;
  const std::string activation_;
  torch::nn::Conv1d convolution_{nullptr};
  torch::nn::GroupNorm group_norm_{nullptr};
  layers::LayerNorm layer_norm_{nullptr};
};
TORCH_MODULE(SoundConvolution);

/// Convolutions without padding, a projection, positions by a grouped convolution under weight
/// norm, blocks; pooled is the mean. Zeros stand for what a sound lacks to the convolutions' first
/// token. Spans are not masked in training (SpecAugment), so masked_spec_embed is of no use.
///
/// Shapes   values (B, T, 1) -> tokens (B, T / stride, D), pooled (B, D).
/// Errors   config: lists of different lengths, another number of channels than the checkpoint's.
/// Source   Baevski et al. 2020, arXiv:2006.11477; Hsu et al. 2021, arXiv:2106.07447. Differs: the
///          norm over time counts a row's own samples alone, unless norm_over_padding.
class Wav2Vec2Encoder : public Encoder {
 public:
  Wav2Vec2Encoder(const Wav2Vec2Config& config, const data::ModalitySpec& spec);
  int64_t embedding_width() const override { return width(); }
  std::vector<int64_t> tap_widths() const override;

 protected:
  Encoded compute(const Input& input) override;

 private:
  // What the convolutions make of the samples, and which of its places are real.
  std::pair<Tensor, Tensor> features(const Input& input);
  Tensor with_positions(const Tensor& x) const;
  const Wav2Vec2Config config_;  // lists filled
  int64_t field_;                // samples that a token sees
  std::vector<SoundConvolution> convolutions_;
  layers::LayerNorm feature_norm_{nullptr}, norm_{nullptr};
  layers::Linear projection_{nullptr};
  layers::Dropout projection_dropout_{nullptr}, dropout_{nullptr};
  Tensor position_scale_, position_direction_, position_bias_;
  TransformerStack stack_{nullptr};
};

bool reads_sound(data::Kind kind);

/// Reads the keys that both families share. Errors   config, opened by `where`.
Json wav2vec2_config_of(const Json& given, const std::string& where);

/// The names of both families' checkpoints.
std::vector<NameRule> wav2vec2_names();

/// Beginnings of names that both have no place for.
std::vector<std::string> wav2vec2_ignored();

}  // namespace braid::encoders
