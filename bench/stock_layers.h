// What libtorch's own modules make of the same work as a published encoder: the yardstick of
// bench/pretrained.cpp.
#pragma once
#include <torch/torch.h>

#include <vector>

namespace braid::bench {

/// `layers` post-norm layers of torch::nn::TransformerEncoder, without dropout, in evaluation mode.
///
/// Shapes   (T, B, width) -> the same.
torch::nn::TransformerEncoder stock_transformer(int64_t width, int64_t heads, int64_t mlp_width,
                                                int64_t layers);

/// A ResNet with bottlenecks out of torch::nn::Conv2d, BatchNorm2d and MaxPool2d, in evaluation
/// mode: `stem` channels, then stages of `channels` and `depths`.
///
/// Shapes   (B, 3, H, W) -> (B, channels.back(), H / 32, W / 32) with four stages.
torch::nn::Sequential stock_resnet(int64_t stem, const std::vector<int64_t>& channels,
                                   const std::vector<int64_t>& depths);

/// What Wav2Vec2 does before its layers: convolutions in steps along the wave, the first with a
/// norm per channel, a map to `width` and a grouped convolution that tells places, in evaluation
/// mode.
///
/// Shapes   (B, 1, samples) -> (B, width, T).
torch::nn::Sequential stock_wave_features(int64_t channels, const std::vector<int64_t>& kernels,
                                          const std::vector<int64_t>& steps, int64_t width,
                                          int64_t place_kernel, int64_t place_groups);

}  // namespace braid::bench
