// A Transformer over time on top of any encoder of pictures.
#include <torch/torch.h>

#include "encoders/blocks.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method video_transformer;

namespace {

struct Config : BlocksConfig {
  std::string frame_encoder = "image_cnn";
  Json frame = Json::object();
  template <class V>
  void visit(V& v) {
    v("frame_encoder", frame_encoder, any(), "encoder of pictures that reads each frame");
    v("frame", frame, any(), "its config");
    BlocksConfig::visit(v);
  }
};

/// What a frame is to the encoder of pictures.
data::ModalitySpec frame_spec(const data::ModalitySpec& spec) {
  data::ModalitySpec frame;
  frame.name = spec.name;
  frame.kind = data::Kind::image;
  frame.channels = spec.channels;
  frame.height = spec.height;
  frame.width = spec.width;
  return frame;
}

/// Each frame's pooled vector and mean token by an encoder of pictures, sinusoidal positions,
/// pre-norm blocks over time, final norm.
///
/// Shapes   values (B, T, C, H, W) -> tokens (B, T, D); pooled (B, D), their mean.
/// Cost     T times the encoder of pictures; masked frames cost as much.
/// Source   Arnab et al. 2021 (ViViT, factorised encoder), arXiv:2103.15691. Differs: any encoder
/// of
///          frames, fixed positions, the mean in place of class tokens.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, spec.max_length) {
    frame_ = register_module(
        "frame", find(config.frame_encoder).make(config.frame, "frame", frame_spec(spec)));
    projection_ = register_module("projection", layers::Linear(2 * frame_->width(), config.width));
    blocks_ = register_module("blocks", Blocks(config));
    tap_widths_ = block_tap_widths(config);
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const int64_t B = input.values.size(0), T = input.values.size(1);
    Input frames;
    frames.values = input.values.flatten(/*start_dim=*/0, 1);  // [B T, C, H, W]
    frames.present = input.mask.flatten();
    const Encoded each = frame_->forward(frames);
    const Tensor joined =
        at::cat({each.pooled, layers::masked_mean(each.tokens, each.mask)}, /*dim=*/1);
    const Tensor x = projection_(joined.view({B, T, 2 * frame_->width()}));  // [B, T, D]
    Encoded out;
    out.mask = input.mask;
    out.tokens =
        blocks_(x + layers::sinusoid(T, width(), x), out.mask, wants_taps ? &out.taps : nullptr);
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  std::shared_ptr<Encoder> frame_;
  layers::Linear projection_{nullptr};
  Blocks blocks_{nullptr};
  std::vector<int64_t> tap_widths_;
};

bool reads(data::Kind kind) { return kind == data::Kind::video; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(video_transformer, json, where, spec);
}

}  // namespace

const Method video_transformer = {
    "video_transformer",
    "Any encoder of pictures on each frame, then a Transformer over time.",
    "Arnab et al. 2021, arXiv:2103.15691",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
