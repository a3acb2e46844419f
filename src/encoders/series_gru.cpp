// A recurrent network over series with gaps and times of their own.
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/series_input.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method series_gru;

namespace {

constexpr int64_t kMostTokens = 64;

struct Config {
  int64_t width = 64;
  int64_t layers = 1;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens and of the hidden state");
    v("layers", layers, between(1, 8), "GRU layers; cost grows linearly");
    v("dropout", dropout, between(0, 0.9), "chance to drop a feature while training");
  }
};

/// A GRU whose missing inputs decay from their last value to the mean: with x' the last value seen
/// and d the time since, x = m x + (1 - m) exp(-max(0, w d + b)) x'.
///
/// Shapes   values (B, T, C), observed, times (B, T) -> tokens (B, at most 64, D), the hidden
/// states
///          (means of runs of them); pooled (B, D), from the last state and the mean of all.
/// Missing  as above; indicators and steps in time are inputs too.
/// Cost     T steps one after the other: long series take long.
/// Source   Che et al. 2018 (GRU-D), arXiv:1606.01865. Differs: hidden states do not decay, so that
///          the whole sequence is one call.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, (spec.max_length + stride_of(spec) - 1) / stride_of(spec)),
        stride_(stride_of(spec)) {
    decay_weight_ = register_parameter("decay_weight", torch::full({spec.features}, 0.1));
    decay_bias_ = register_parameter("decay_bias", torch::full({spec.features}, 0.1));
    gru_ = register_module("gru",
                           torch::nn::GRU(torch::nn::GRUOptions(series_features(spec), config.width)
                                              .num_layers(config.layers)
                                              .batch_first(true)));
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    pool_ = register_module("pool", layers::Linear(2 * config.width, config.width));
  }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor& mask = input.mask;
    const Tensor x = keep_where(mask, decayed(input));
    const Tensor states = norm_(std::get<0>(gru_(x)));  // [B, T, D]
    const Tensor last = states.gather(
        /*dim=*/1, mask.sum(/*dim=*/1)
                       .sub(1)
                       .clamp_min(0)
                       .view({-1, 1, 1})
                       .expand({-1, 1, width()}));  // [B, 1, D]
    Encoded out;
    out.tokens = group_means(dropout_(states), mask, stride_);  // [B, T / stride, D]
    out.mask = pool_mask(pad_time(mask, stride_), stride_);
    const Tensor mean = layers::masked_mean(states, mask);
    out.pooled = pool_(dropout_(at::cat({last.squeeze(1), mean}, /*dim=*/1)));  // [B, D]
    return out;
  }

 private:
  static int64_t stride_of(const data::ModalitySpec& spec) {
    return group_size(spec.max_length, kMostTokens);
  }

  // series_input() with what is missing decayed. Shapes   -> (B, T, 2 C + 1).
  Tensor decayed(const Input& input) const {
    const Tensor all = series_input(input, spec_.step_s);
    const int64_t C = spec_.features, T = input.values.size(1);
    const Tensor tick = at::arange(1, T + 1, input.mask.options().dtype(at::kLong)).view({1, T, 1});
    // Place of the last tick that was seen, counted from 1; 0 = none yet.
    const Tensor last = std::get<0>(input.observed.to(at::kLong).mul(tick).cummax(/*dim=*/1));
    const Tensor place = last.sub(1).clamp_min(0);  // [B, T, C]
    const Tensor seen = input.values.gather(/*dim=*/1, place);
    const Tensor times = input.times.to(input.values.dtype()).unsqueeze(2).expand_as(seen);
    const double step_s = spec_.step_s > 0 ? spec_.step_s : 1;
    const Tensor since = (times - times.gather(/*dim=*/1, place)).div(step_s).clamp_min(0);
    const Tensor held = (-(since * decay_weight_ + decay_bias_).relu()).exp() * seen;
    const Tensor values =
        at::where(input.observed, input.values, at::where(last.gt(0), held, at::zeros_like(held)));
    return at::cat({values, all.narrow(/*dim=*/2, C, C + 1)}, /*dim=*/2);
  }

  const int64_t stride_;
  Tensor decay_weight_, decay_bias_;
  torch::nn::GRU gru_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear pool_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::series; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(series_gru, json, where, spec);
}

}  // namespace

const Method series_gru = {"series_gru",
                           "GRU whose missing inputs decay from their last value to the mean.",
                           "Che et al. 2018, arXiv:1606.01865",
                           reads,
                           /*is_raw=*/false,
                           describe_config<Config>,
                           make};

}  // namespace braid::encoders
