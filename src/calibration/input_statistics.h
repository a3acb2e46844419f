// A few numbers that say what an input is like, whatever an encoder makes of it.
#pragma once
#include "layers/encoded.h"

namespace braid::calibration {

/// Of each row, over its real tokens or observed numbers alone: of images, sound and embeddings the
/// mean and, as logarithms, the deviation, the largest size, the mean step to the next value along
/// the last dimension and the one before it, and the length; of text the logarithm of the length
/// and the share of unknown tokens (none where the vocabulary is of whole words: they are left
/// out); of tables the shares of observed numbers and of missing and unknown categories, and the
/// mean, mean size and largest size of numbers.
///
/// Shapes   -> (B, S) double. An absent row is finite and means nothing.
/// Cost     a few passes over the input.
Tensor input_statistics(const Input& input);

}  // namespace braid::calibration
