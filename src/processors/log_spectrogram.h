// Sound to logarithms of mel bands, as feature extractors of pretrained checkpoints compute them.
#pragma once
#include <cstdint>
#include <vector>

#include "processors/mel_bank.h"
#include "processors/power_spectra.h"

namespace braid::processors {

struct LogSpectrogramConfig {
  std::vector<double> window;    // W weights
  int64_t fft_size = 0;          // N >= W
  int64_t hop_samples = 0;       // H
  bool is_mean_removed = false;  // of each frame, before all else
  double preemphasis = 0;        // x[i] - preemphasis x[i - 1]; the first takes itself for x[-1]
  std::vector<MelBand> bank;     // F bands
  double floor = 1e-10;          // of a band, before the logarithm
  double log_scale = 1;          // of the natural logarithm: 1 / ln 10 makes decades of it
};

/// 0.5 - 0.5 cos(2 pi i / size), periodic; symmetric ones divide by size - 1.
std::vector<double> hann_window(int64_t size, bool is_periodic);

/// out[t, m] = log_scale ln(max(floor, sum_k w_m[k] P_t[k])), P_t the power spectrum of the frame
/// that begins at sample t H.
///
/// Shapes   samples [at least (T - 1) H + W] -> out (T, F) row-major.
/// Cost     T / 2 complex FFTs of N in double, PowerSpectra::kFrames frames side by side; three
///          allocations a call. A const object may be used by many threads.
class LogSpectrogram {
 public:
  explicit LogSpectrogram(LogSpectrogramConfig config);

  int64_t window_samples() const { return static_cast<int64_t>(config_.window.size()); }
  int64_t hop_samples() const { return config_.hop_samples; }
  int64_t num_mels() const { return static_cast<int64_t>(config_.bank.size()); }
  /// What a band without any power is.
  float silence() const;
  void operator()(const float* samples, int64_t num_frames, float* out) const;
  /// The same with frame t centred on sample t H of a sound of `total` samples, of which the first
  /// `num_samples` are given and the rest are silence; borders are mirrored without repeating the
  /// border sample. Frames of silence alone cost nothing.
  ///
  /// Shapes   num_samples <= total, total > W / 2, num_frames <= 1 + total / H.
  void centred(const float* samples, int64_t num_samples, int64_t total, int64_t num_frames,
               float* out) const;

 private:
  // One frame's samples as the transform reads them; `frame` has window_samples() places.
  void cut_frame(const float* samples, double* frame) const;
  LogSpectrogramConfig config_;
  PowerSpectra spectra_;
};

}  // namespace braid::processors
