// A small Transformer over groups of log-mel frames.
#include <torch/torch.h>

#include "encoders/blocks.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method audio_transformer;

namespace {

struct Config : BlocksConfig {
  int64_t patch_frames = 4;
  template <class V>
  void visit(V& v) {
    v("patch_frames", patch_frames, between(1, 256),
      "frames per token; more = fewer tokens, coarser in time");
    BlocksConfig::visit(v);
  }
};

/// Groups of frames (all bands) through one linear map, sinusoidal positions, pre-norm blocks,
/// final norm.
///
/// Shapes   values (B, T, F) -> tokens (B, ceil(T / patch_frames), D); pooled (B, D), their mean.
/// Source   Gong et al. 2021, arXiv:2104.01778 (AST).
///          Differs: patches span all bands, fixed positions, the mean in place of class tokens.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width,
                (spec.max_length + config.patch_frames - 1) / config.patch_frames),
        patch_frames_(config.patch_frames) {
    patches_ =
        register_module("patches", layers::Linear(patch_frames_ * spec.features, config.width));
    blocks_ = register_module("blocks", Blocks(config));
    tap_widths_ = block_tap_widths(config);
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor frames = pad_time(input.values, patch_frames_);  // [B, T, F]
    const int64_t rows = frames.size(0), num_tokens = frames.size(1) / patch_frames_;
    const Tensor x = patches_(frames.reshape({rows, num_tokens, patch_frames_ * spec_.features}));
    Encoded out;
    out.mask = pool_mask(pad_time(input.mask, patch_frames_), patch_frames_);
    out.tokens = blocks_(x + layers::sinusoid(num_tokens, width(), x), out.mask,
                         wants_taps ? &out.taps : nullptr);  // [B, tokens, D]
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  const int64_t patch_frames_;
  layers::Linear patches_{nullptr};
  Blocks blocks_{nullptr};
  std::vector<int64_t> tap_widths_;
};

bool reads(data::Kind kind) { return kind == data::Kind::audio; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(audio_transformer, json, where, spec);
}

}  // namespace

const Method audio_transformer = {
    "audio_transformer",
    "Transformer over groups of spectrogram frames with sinusoidal positions.",
    "Gong et al. 2021, arXiv:2104.01778",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
