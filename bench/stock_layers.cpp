#include "bench/stock_layers.h"

namespace braid::bench {
namespace {

namespace nn = torch::nn;

constexpr int64_t kBottleneck = 4;

void add_convolution(nn::Sequential* to, int64_t in, int64_t out, int64_t side, int64_t step) {
  (*to)->push_back(
      nn::Conv2d(nn::Conv2dOptions(in, out, side).stride(step).padding(side / 2).bias(false)));
  (*to)->push_back(nn::BatchNorm2d(out));
}

class BottleneckImpl : public nn::Module {
 public:
  BottleneckImpl(int64_t in, int64_t out, int64_t step) {
    const int64_t narrow = out / kBottleneck;
    nn::Sequential layers;
    add_convolution(&layers, in, narrow, /*side=*/1, /*step=*/1);
    layers->push_back(nn::ReLU(nn::ReLUOptions(/*inplace=*/true)));
    add_convolution(&layers, narrow, narrow, /*side=*/3, step);
    layers->push_back(nn::ReLU(nn::ReLUOptions(/*inplace=*/true)));
    add_convolution(&layers, narrow, out, /*side=*/1, /*step=*/1);
    layers_ = register_module("layers", layers);
    if (in == out && step == 1) return;
    nn::Sequential shortcut;
    add_convolution(&shortcut, in, out, /*side=*/1, step);
    shortcut_ = register_module("shortcut", shortcut);
  }

  at::Tensor forward(const at::Tensor& x) {
    return at::relu_(layers_->forward(x).add_(shortcut_.is_empty() ? x : shortcut_->forward(x)));
  }

 private:
  nn::Sequential layers_{nullptr}, shortcut_{nullptr};
};
TORCH_MODULE(Bottleneck);

}  // namespace

nn::TransformerEncoder stock_transformer(int64_t width, int64_t heads, int64_t mlp_width,
                                         int64_t layers) {
  const auto layer = nn::TransformerEncoderLayerOptions(width, heads)
                         .dim_feedforward(mlp_width)
                         .activation(torch::kGELU)
                         .dropout(0);
  nn::TransformerEncoder stock(nn::TransformerEncoderOptions(layer, layers));
  stock->eval();
  return stock;
}

nn::Sequential stock_wave_features(int64_t channels, const std::vector<int64_t>& kernels,
                                   const std::vector<int64_t>& steps, int64_t width,
                                   int64_t place_kernel, int64_t place_groups) {
  nn::Sequential stock;
  for (size_t i = 0; i < kernels.size(); ++i) {
    stock->push_back(nn::Conv1d(nn::Conv1dOptions(i == 0 ? 1 : channels, channels, kernels[i])
                                    .stride(steps[i])
                                    .bias(false)));
    if (i == 0) stock->push_back(nn::GroupNorm(nn::GroupNormOptions(channels, channels)));
    stock->push_back(nn::GELU());
  }
  stock->push_back(nn::Conv1d(nn::Conv1dOptions(channels, width, /*kernel_size=*/1)));
  stock->push_back(nn::Conv1d(nn::Conv1dOptions(width, width, place_kernel)
                                  .padding(place_kernel / 2)
                                  .groups(place_groups)));
  stock->push_back(nn::GELU());
  stock->eval();
  return stock;
}

nn::Sequential stock_resnet(int64_t stem, const std::vector<int64_t>& channels,
                            const std::vector<int64_t>& depths) {
  nn::Sequential stock;
  add_convolution(&stock, /*in=*/3, stem, /*side=*/7, /*step=*/2);
  stock->push_back(nn::ReLU(nn::ReLUOptions(/*inplace=*/true)));
  stock->push_back(nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding(1)));
  int64_t in = stem;
  for (size_t stage = 0; stage < channels.size(); ++stage)
    for (int64_t block = 0; block < depths[stage]; ++block) {
      stock->push_back(Bottleneck(in, channels[stage], stage > 0 && block == 0 ? 2 : 1));
      in = channels[stage];
    }
  stock->eval();
  return stock;
}

}  // namespace braid::bench
