// Group norm and relu of pictures and spectrograms whose channels lie last in memory.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace braid::ops {

constexpr double kGroupNormEpsilon = 1e-5;

/// relu(norm(x) * weight + bias): mean and variance of each sample and group of channels.
///
/// `real`: which rows of each picture (frames of each spectrogram) are real; the others count for
/// nothing, whatever they hold, and come out as zeros. Undefined: all are.
/// Shapes   x (B, C, H, W), real (B, H) bool, weight and bias (C), C a multiple of groups -> (B, C,
///          H, W), channels last.
/// Cost     three passes forward and two backward, each sample's from the cache.
/// Source   Wu and He 2018, arXiv:1803.08494.
at::Tensor group_norm_relu(const at::Tensor& x, const at::Tensor& real, int64_t groups,
                           const at::Tensor& weight, const at::Tensor& bias);
at::Tensor group_norm_relu_reference(const at::Tensor& x, const at::Tensor& real, int64_t groups,
                                     const at::Tensor& weight, const at::Tensor& bias);

}  // namespace braid::ops
