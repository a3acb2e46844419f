// A small Transformer over WordPiece ids.
#include <torch/torch.h>

#include "encoders/blocks.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method text_transformer;

namespace {

using Config = BlocksConfig;

/// Embedding + sinusoidal positions, pre-norm blocks, final norm; pooled = mean of the real tokens.
///
/// Shapes   ids (B, T) -> tokens (B, T, D), pooled (B, D).
/// Source   Vaswani et al. 2017, arXiv:1706.03762; pre-norm as in Xiong et al. 2020,
/// arXiv:2002.04745.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, spec.max_length) {
    embedding_ = register_module("embedding", torch::nn::Embedding(spec.vocabulary, config.width));
    blocks_ = register_module("blocks", Blocks(config));
    tap_widths_ = block_tap_widths(config);
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor embedded = embedding_(input.ids);  // [B, T, D]
    const Tensor x = embedded + layers::sinusoid(embedded.size(1), width(), embedded);
    Encoded out;
    out.tokens = blocks_(x, input.mask, wants_taps ? &out.taps : nullptr);
    out.mask = input.mask;
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  torch::nn::Embedding embedding_{nullptr};
  Blocks blocks_{nullptr};
  std::vector<int64_t> tap_widths_;
};

bool reads(data::Kind kind) { return kind == data::Kind::text; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(text_transformer, json, where, spec);
}

}  // namespace

const Method text_transformer = {"text_transformer",
                                 "Transformer over WordPiece tokens with sinusoidal positions.",
                                 "Vaswani et al. 2017, arXiv:1706.03762",
                                 reads,
                                 /*is_raw=*/false,
                                 describe_config<Config>,
                                 make};

}  // namespace braid::encoders
