// A small Transformer over runs of ticks, each at its own time.
#include <torch/torch.h>

#include <cmath>

#include "encoders/blocks.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/series_input.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method series_transformer;

namespace {

constexpr int64_t kMostTokens = 64;

struct Config : BlocksConfig {
  int64_t patch = 0;
  template <class V>
  void visit(V& v) {
    v("patch", patch, between(0, 4096),
      "ticks per token; 0 = the fewest that make at most 64 tokens");
    BlocksConfig::visit(v);
  }
};

int64_t patch_of(const Config& config, const data::ModalitySpec& spec) {
  return config.patch > 0 ? config.patch : (spec.max_length + kMostTokens - 1) / kMostTokens;
}

/// Runs of ticks (values, indicators, steps in time) through one linear map, an embedding of each
/// run's time, pre-norm blocks, final norm. The embedding of time t: one linear and D - 1 sines of
/// learned frequency and phase, so that uneven times are places like any other.
///
/// Shapes   values (B, T, C), observed, times (B, T) -> tokens (B, ceil(T / patch), D); pooled
///          (B, D), their mean.
/// Source   Nie et al. 2023 (patches), arXiv:2211.14730; Kazemi et al. 2019 (Time2Vec),
///          arXiv:1907.05321. Differs: all channels in one token; gaps have indicators.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width,
                (spec.max_length + patch_of(config, spec) - 1) / patch_of(config, spec)),
        patch_(patch_of(config, spec)) {
    patches_ =
        register_module("patches", layers::Linear(patch_ * series_features(spec), config.width));
    // From a turn each tick down to one in ten thousand, as fixed sinusoids have them.
    const Tensor place = torch::arange(config.width).div(static_cast<double>(config.width));
    frequency_ = register_parameter("frequency", (-place * std::log(10000.0)).exp());
    phase_ = register_parameter("phase", torch::randn({config.width}));
    blocks_ = register_module("blocks", Blocks(config));
    tap_widths_ = block_tap_widths(config);
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor ticks = pad_time(series_input(input, spec_.step_s), patch_);  // [B, T, F]
    const int64_t B = ticks.size(0), num_tokens = ticks.size(1) / patch_;
    const Tensor x = patches_(ticks.reshape({B, num_tokens, patch_ * ticks.size(2)}));
    const Tensor times = group_means(input.times.to(x.dtype()).unsqueeze(2), input.mask, patch_)
                             .div(spec_.step_s > 0 ? spec_.step_s : 1);  // [B, tokens, 1]
    const Tensor angle = times * frequency_ + phase_;                    // [B, tokens, D]
    const Tensor place =
        at::cat({angle.narrow(/*dim=*/2, 0, 1).div(static_cast<double>(spec_.max_length)),
                 angle.narrow(/*dim=*/2, 1, width() - 1).sin()},
                /*dim=*/2);
    Encoded out;
    out.mask = pool_mask(pad_time(input.mask, patch_), patch_);
    out.tokens = blocks_(x + place, out.mask, wants_taps ? &out.taps : nullptr);  // [B, tokens, D]
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  const int64_t patch_;
  layers::Linear patches_{nullptr};
  Tensor frequency_, phase_;
  Blocks blocks_{nullptr};
  std::vector<int64_t> tap_widths_;
};

bool reads(data::Kind kind) { return kind == data::Kind::series; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(series_transformer, json, where, spec);
}

}  // namespace

const Method series_transformer = {
    "series_transformer",
    "Transformer over runs of ticks, each embedded with its own time: uneven times are no gap.",
    "Nie et al. 2023, arXiv:2211.14730; Kazemi et al. 2019, arXiv:1907.05321",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
