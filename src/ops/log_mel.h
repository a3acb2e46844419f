// The log-mel spectrogram of waves that are tensors, with gradients.
#pragma once
#include <ATen/core/Tensor.h>

#include "data/log_mel.h"

namespace braid::ops {

/// What `spectrogram` makes of every row, bit for bit, so that a prediction can be followed back to
/// the wave. Preparing data is the spectrogram's own matter, not this one's.
///
/// Shapes   waves (B, N), neither of them 0 -> (B, 1 + N / hop, F), rounded down.
/// Errors   shape: no rows, no samples, or not two axes.
/// Cost     forward that of the spectrogram, rows shared by the threads. Backward the reference
///          forward and back: gradients of waves are rare, and this way only the waves are kept and
///          the definition has one derivation less to go wrong.
at::Tensor log_mel(const at::Tensor& waves, const data::LogMel& spectrogram);

/// The same out of libtorch's operators, on any device and dtype: the oracle of log_mel().
at::Tensor log_mel_reference(const at::Tensor& waves, const data::LogMel& spectrogram);

}  // namespace braid::ops
