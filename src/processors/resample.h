// Resampling as the sound of pretrained checkpoints was resampled.
#pragma once
#include <vector>

namespace braid::processors {

/// Band-limited resampling by a sinc under a Hann window, torchaudio's default. With o and n the
/// two rates over their greatest common divisor, b = 0.99 min(o, n) and
///
///   h(t) = (b / o) sinc(b t) cos^2(pi b t / 12) for |b t| < 6, otherwise 0
///   out[i] = sum_j samples[j] h(j / o - i / n)
///
/// formats::resample() has a longer, sharper filter, which is not what these checkpoints were
/// trained on: on sounds of amplitude 0.5 the two are up to 0.04 to 0.07 apart, this one within
/// 2e-5 of the reference's single precision.
///
/// Shapes   [N] -> [ceil(N to_hz / from_hz)]; silence is assumed around the sound.
/// Errors   usage: a rate outside 1 to 768000.
/// Cost     12 max(1, o / n) / 0.99 multiply-adds a sample of the result.
/// Source   torchaudio.functional.resample, sinc_interp_hann, lowpass_filter_width 6, rolloff 0.99.
std::vector<float> resample_sinc(const std::vector<float>& samples, int from_hz, int to_hz);

}  // namespace braid::processors
