// Mel filter banks as pretrained checkpoints were trained with.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::processors {

/// slaney: 3 f / 200 below 1 kHz, logarithmic above. kaldi: 1127 ln(1 + f / 700).
enum class MelScale { slaney, kaldi };

struct MelBankConfig {
  int64_t rate_hz = 16000;
  int64_t fft_size = 400;
  int64_t num_mels = 80;
  double low_hz = 0;
  double high_hz = 8000;
  MelScale scale = MelScale::slaney;
};

/// One band: its bins from first_bin on; the weights of all others are 0.
struct MelBand {
  int64_t first_bin = 0;
  std::vector<double> weights;
};

/// Triangles between num_mels + 2 frequencies e_0 .. e_(M+1), evenly spaced in mel:
///
///   slaney   w_m(f) = max(0, min((f - e_m) / (e_(m+1) - e_m), (e_(m+2) - f) / (e_(m+2) -
///   e_(m+1))))
///            2 / (e_(m+2) - e_m), f and e in Hz: triangles of equal area
///   kaldi    the same without the last factor, f and e in mel: triangles of peak 1
///
/// A band narrower than the step between bins may hold none, or lie above half the rate.
///
/// Shapes   num_mels bands over bins 0 .. fft_size / 2.
/// Source   transformers.audio_utils.mel_filter_bank, norm "slaney" or none with
///          triangularize_in_mel_space.
std::vector<MelBand> mel_bank(const MelBankConfig& config);

}  // namespace braid::processors
