// One linear map of ready-made embeddings: the textbooks' encoder.
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method linear;

namespace {

struct Config {
  int64_t width = 64;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
  }
};

/// tokens = x W^T + b for every row of the embedding; pooled = mean of the real tokens.
///
/// Shapes   values (B, T, D of the file) -> tokens (B, T, D), pooled (B, D).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, spec.max_length) {
    linear_ = register_module("encoder", layers::Linear(spec.features, config.width));
  }

 protected:
  Encoded compute(const Input& input) override {
    Encoded out;
    out.tokens = linear_(input.values);
    out.mask = input.mask;
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  layers::Linear linear_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::embedding; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(linear, json, where, spec);
}

}  // namespace

const Method linear = {"linear",
                       "One linear map of ready-made embeddings.",
                       "",
                       reads,
                       /*is_raw=*/false,
                       describe_config<Config>,
                       make};

}  // namespace braid::encoders
