// The log-mel spectrogram of mono sound: what every sound encoder reads.
#pragma once
#include <cstdint>
#include <vector>

#include "core/config.h"

namespace braid::data {

struct LogMelConfig {
  int64_t rate_hz = 16000;
  double window_ms = 25;
  double hop_ms = 10;
  int64_t num_mels = 40;
  double low_hz = 20;
  double high_hz = 0;

  template <class V>
  void visit(V& v) {
    v("rate_hz", rate_hz, between(0, 768000),
      "samples per second the sound is resampled to; 0 = the most common rate of the training "
      "files, at most 16000");
    v("window_ms", window_ms, between(0.1, 10000),
      "length of the Hann window; longer = finer in pitch, coarser in time");
    v("hop_ms", hop_ms, between(0.1, 10000),
      "step between frames; shorter = more frames and more work");
    v("num_mels", num_mels, between(1, 1024), "bands per frame");
    v("low_hz", low_hz, at_least(0), "where the lowest band begins");
    v("high_hz", high_hz, at_least(0), "where the highest band ends; 0 = half the rate");
  }
};

/// Log-mel spectrogram. With window W = round(window_ms * rate_hz / 1000) and hop H (likewise)
/// samples and FFT size F, the next power of two >= W:
///
///   x_t[i] = sample[t H - floor(W / 2) + i] * (0.5 - 0.5 cos(2 pi i / W)),  i < W
///   P_t[k] = |sum_i x_t[i] exp(-2 pi j i k / F)|^2,  k <= F / 2
///   mel(f) = 2595 log10(1 + f / 700)
///   e_0 .. e_(M+1): num_mels + 2 frequencies evenly spaced in mel from low_hz to high_hz
///   w_m(f) = max(0, min((f - e_m) / (e_(m+1) - e_m), (e_(m+2) - f) / (e_(m+2) - e_(m+1))))
///   out[t, m] = ln(max(sum_k w_m(k rate_hz / F) P_t[k], 1e-10))
///
/// that is: a periodic Hann window, power without scaling, the HTK mel scale, triangles of peak 1.
/// Samples before the first and after the last are mirrored without repeating the border sample; a
/// sound of at most ceil(W / 2) samples, too short for that, is surrounded by zeros. A band
/// narrower than rate_hz / F may hold no k; it is then ln(1e-10) throughout.
///
/// Shapes   samples [N] -> (T, num_mels) row-major, T = 1 + floor(N / H).
/// Errors   config (constructor): rate_hz 0, window or hop under one sample, low_hz >= high_hz or
///          high_hz above half the rate. shape: no samples.
/// Cost     T FFTs of F real points; the window and the bands are computed once per object.
///          A const object may be used by many threads.
class LogMel {
 public:
  static constexpr double kFloor = 1e-10;  // of a band, before the logarithm

  explicit LogMel(const LogMelConfig& config);
  std::vector<float> operator()(const std::vector<float>& samples, int64_t* num_frames) const;

  int64_t window_samples() const { return static_cast<int64_t>(window_.size()); }
  int64_t hop_samples() const { return hop_; }
  int64_t fft_size() const { return fft_size_; }
  int64_t num_frames(int64_t num_samples) const { return 1 + num_samples / hop_; }
  int64_t num_mels() const { return static_cast<int64_t>(bands_.size()); }
  const std::vector<float>& window() const { return window_; }
  /// w_m at every FFT bin, (num_mels, fft_size / 2 + 1).
  std::vector<double> bands() const;

 private:
  struct Band {
    int64_t first_bin = 0;
    std::vector<float> weights;
  };
  // Writes the windowed samples from `first` on; `frame` has fft_size() places, the last stay zero.
  void cut_frame(const std::vector<float>& samples, int64_t first, bool is_mirrored,
                 float* frame) const;
  std::vector<float> window_;
  int64_t hop_ = 0, fft_size_ = 0;
  std::vector<Band> bands_;
};

/// One sound with a LogMel made for it; keep a LogMel where there are many.
std::vector<float> log_mel(const std::vector<float>& samples, const LogMelConfig& config,
                           int64_t* num_frames);

}  // namespace braid::data
