// A temporal convolutional network over series with gaps and times of their own.
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/series_input.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method series_tcn;

namespace {

constexpr int64_t kMostTokens = 64;

struct Config {
  int64_t width = 64;
  std::vector<int64_t> channels = {32, 64, 64};
  int64_t kernel = 5;
  int64_t time_parts = 4;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("channels", channels, between(1, 4096),
      "channels of each residual block; block i looks 2^i ticks apart");
    v("kernel", kernel, between(1, 63), "ticks of a convolution; odd");
    v("time_parts", time_parts, between(1, 64),
      "parts of the series told apart in the pooled vector; 1 = the plain mean over time");
    v("dropout", dropout, between(0, 0.9), "chance to drop a feature while training");
  }
};

/// x + f(x): two dilated convolutions, each with LayerNorm over channels (a tick must not depend on
/// padding) and relu; zeros in masked ticks, so that padding is what lies outside the series.
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(int64_t in, int64_t out, int64_t kernel, int64_t dilation, double dropout) {
    const auto convolution = [&](int64_t from) {
      return torch::nn::Conv1d(torch::nn::Conv1dOptions(from, out, kernel)
                                   .dilation(dilation)
                                   .padding(dilation * (kernel / 2)));
    };
    first_ = register_module("first", convolution(in));
    second_ = register_module("second", convolution(out));
    norm_first_ = register_module("norm_first", layers::LayerNorm(out));
    norm_second_ = register_module("norm_second", layers::LayerNorm(out));
    dropout_ = register_module("dropout", layers::Dropout(dropout));
    if (in != out) match_ = register_module("match", layers::Linear(in, out));
  }

  // Shapes   x (B, T, in), mask (B, T) -> (B, T, out).
  Tensor forward(const Tensor& x, const Tensor& mask) {
    Tensor y = first_(x.transpose(1, 2)).transpose(1, 2);  // [B, T, out]
    y = keep_where(mask, dropout_(norm_first_(y).relu()));
    y = second_(y.transpose(1, 2)).transpose(1, 2);
    y = norm_second_(y).relu();
    return keep_where(mask, y + (match_.is_empty() ? x : match_(x)));
  }

 private:
  torch::nn::Conv1d first_{nullptr}, second_{nullptr};
  layers::LayerNorm norm_first_{nullptr}, norm_second_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear match_{nullptr};
};
TORCH_MODULE(Block);

/// Residual blocks of dilated convolutions over values, presence and steps in time; between blocks
/// time is halved as long as there are more than 64 ticks.
///
/// Shapes   values (B, T, C), observed, times (B, T) -> tokens (B, at most 64, D); pooled (B, D),
///          from the means over `time_parts` parts of each series.
/// Missing  a gap is 0 with its indicator 0, and steps in time are an input: uneven times are seen.
/// Source   Bai, Kolter, Koltun 2018, arXiv:1803.01271. Differs: LayerNorm for weight norm, sees
///          both sides, time halved between blocks.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_tokens(config, spec)), time_parts_(config.time_parts) {
    BRAID_CHECK(config.kernel % 2 == 1, config, "kernel: expected an odd number of ticks, got {}",
                config.kernel);
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    int64_t in = series_features(spec);
    for (size_t i = 0; i < config.channels.size(); ++i) {
      blocks_->push_back(
          Block(in, config.channels[i], config.kernel, int64_t{1} << i, config.dropout));
      in = config.channels[i];
      if (i + 1 < config.channels.size()) tap_widths_.push_back(time_parts_ * in);
    }
    strides_ = strides(config, spec);
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    projection_ = register_module("projection", layers::Linear(in, config.width));
    pool_ = register_module("pool", layers::Linear(time_parts_ * in, config.width));
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    Tensor mask = input.mask;                      // [B, T]
    Tensor x = series_input(input, spec_.step_s);  // [B, T, features]
    Encoded out;
    for (size_t i = 0; i < blocks_->size(); ++i) {
      x = blocks_[i]->as<Block>()->forward(x, mask);
      if (strides_[i] > 1) {
        x = group_means(x, mask, strides_[i]);  // [B, T / stride, C]
        mask = pool_mask(pad_time(mask, strides_[i]), strides_[i]);
      }
      if (i + 1 < blocks_->size() && wants_taps) out.taps.push_back(part_vector(x, mask));
    }
    out.tokens = projection_(dropout_(x));  // [B, T, D]
    out.tokens = out.tokens + layers::sinusoid(out.tokens.size(1), width(), out.tokens);
    out.mask = mask;
    out.pooled = pool_(dropout_(part_vector(x, mask)));  // [B, D]
    return out;
  }

 private:
  static std::vector<int64_t> strides(const Config& config, const data::ModalitySpec& spec) {
    std::vector<int64_t> result(config.channels.size(), 1);
    int64_t whole = group_size(spec.max_length, kMostTokens);
    // Halved after each block; what is left after the last one.
    for (size_t i = 0; i < result.size() && whole > 1; ++i, whole /= 2) result[i] = 2;
    if (!result.empty()) result.back() *= whole;
    return result;
  }
  static int64_t num_tokens(const Config& config, const data::ModalitySpec& spec) {
    BRAID_CHECK(!config.channels.empty() && config.channels.size() <= 16, config,
                "channels: expected 1 to 16 blocks, got {}; name one number per block",
                config.channels.size());
    int64_t length = spec.max_length;
    for (const int64_t stride : strides(config, spec)) length = (length + stride - 1) / stride;
    return length;
  }

  // Shapes   x (B, T, C), mask (B, T) -> (B, time_parts * C).
  Tensor part_vector(const Tensor& x, const Tensor& mask) const {
    return pool_time(x, mask, time_parts_).flatten(/*start_dim=*/1);
  }

  const int64_t time_parts_;
  std::vector<int64_t> tap_widths_, strides_;
  torch::nn::ModuleList blocks_;
  layers::Dropout dropout_{nullptr};
  layers::Linear projection_{nullptr}, pool_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::series; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(series_tcn, json, where, spec);
}

}  // namespace

const Method series_tcn = {
    "series_tcn",
    "Residual blocks of dilated convolutions over values, gaps and steps in time.",
    "Bai et al. 2018, arXiv:1803.01271",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
