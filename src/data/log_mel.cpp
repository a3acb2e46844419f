#include "data/log_mel.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>

#include "core/clones.h"
#include "core/error.h"
#include "processors/logarithms.h"

namespace braid::data {
namespace {

constexpr double kPi = 3.14159265358979323846;

double hz_to_mel(double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); }
double mel_to_hz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

struct FreeFft {
  void operator()(kiss_fftr_state* p) const { kiss_fftr_free(p); }
};

// numpy's pad mode "reflect": ... 2 1 | 0 1 2 ... N-1 | N-2 ...; callers reach less than N beyond.
int64_t mirrored(int64_t i, int64_t num_samples) {
  if (i < 0) return -i;
  return i < num_samples ? i : 2 * (num_samples - 1) - i;
}

constexpr int64_t kFrames = 8;  // that go through the bands side by side

BRAID_CLONES void apply_window(const float* __restrict samples, const float* __restrict window,
                               int64_t size, float* __restrict frame) {
  for (int64_t i = 0; i < size; ++i) frame[i] = samples[i] * window[i];
}

// Power of one frame's bins, as every kFrames-th value of `power`.
BRAID_CLONES void take_power(const kiss_fft_cpx* __restrict spectrum, int64_t num_bins,
                             double* __restrict power) {
  for (int64_t k = 0; k < num_bins; ++k)
    power[k * kFrames] = spectrum[k].r * spectrum[k].r + spectrum[k].i * spectrum[k].i;
}

// One band of kFrames frames: each frame's sum in the order of its bins.
BRAID_CLONES void weigh(const float* __restrict weights, const double* __restrict power,
                        int64_t num_bins, double* __restrict sums) {
  double sum[kFrames] = {};
  for (int64_t k = 0; k < num_bins; ++k)
    for (int64_t f = 0; f < kFrames; ++f)
      sum[f] += static_cast<double>(weights[k]) * power[k * kFrames + f];
  for (int64_t f = 0; f < kFrames; ++f) sums[f] = sum[f];
}

}  // namespace

LogMel::LogMel(const LogMelConfig& config) {
  BRAID_CHECK(config.rate_hz > 0, config, "log_mel.rate_hz: expected above 0, got {}",
              config.rate_hz);
  const double rate = static_cast<double>(config.rate_hz);
  const double high_hz = config.high_hz == 0 ? rate / 2 : config.high_hz;
  const int64_t window = std::llround(config.window_ms * rate / 1000);
  hop_ = std::llround(config.hop_ms * rate / 1000);
  BRAID_CHECK(window >= 1, config,
              "log_mel.window_ms: expected at least one sample at {} Hz, got {} ms", config.rate_hz,
              config.window_ms);
  BRAID_CHECK(hop_ >= 1, config, "log_mel.hop_ms: expected at least one sample at {} Hz, got {} ms",
              config.rate_hz, config.hop_ms);
  BRAID_CHECK(config.num_mels >= 1, config, "log_mel.num_mels: expected at least 1, got {}",
              config.num_mels);
  BRAID_CHECK(high_hz <= rate / 2, config,
              "log_mel.high_hz: expected at most half of {} Hz, got {}", config.rate_hz, high_hz);
  BRAID_CHECK(config.low_hz >= 0 && config.low_hz < high_hz, config,
              "log_mel.low_hz: expected 0 to below {}, got {}", high_hz, config.low_hz);
  for (int64_t i = 0; i < window; ++i)
    window_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2 * kPi * i / window)));
  fft_size_ = 2;  // the real FFT needs an even size
  while (fft_size_ < window) fft_size_ *= 2;

  const double low_mel = hz_to_mel(config.low_hz);
  const double step = (hz_to_mel(high_hz) - low_mel) / (config.num_mels + 1);
  for (int64_t m = 0; m < config.num_mels; ++m) {
    const double left = mel_to_hz(low_mel + step * m), peak = mel_to_hz(low_mel + step * (m + 1)),
                 right = mel_to_hz(low_mel + step * (m + 2));
    Band band;
    for (int64_t k = 0; k <= fft_size_ / 2; ++k) {
      const double hz = k * rate / fft_size_;
      const double weight = std::min((hz - left) / (peak - left), (right - hz) / (right - peak));
      if (weight <= 0) continue;
      if (band.weights.empty()) band.first_bin = k;
      band.weights.push_back(static_cast<float>(weight));
    }
    bands_.push_back(std::move(band));
  }
}

std::vector<double> LogMel::bands() const {
  const int64_t num_bins = fft_size_ / 2 + 1;
  std::vector<double> all(bands_.size() * num_bins);
  for (size_t m = 0; m < bands_.size(); ++m)
    std::copy(bands_[m].weights.begin(), bands_[m].weights.end(),
              all.begin() + static_cast<int64_t>(m) * num_bins + bands_[m].first_bin);
  return all;
}

std::vector<float> LogMel::operator()(const std::vector<float>& samples,
                                      int64_t* num_frames) const {
  BRAID_CHECK(!samples.empty(), shape, "log_mel: samples: expected at least 1, got 0");
  const int64_t num_samples = static_cast<int64_t>(samples.size());
  const int64_t half = window_samples() / 2, num_bins = fft_size_ / 2 + 1;
  const int64_t num_mels = this->num_mels();
  const bool is_mirrored = num_samples > window_samples() - half;  // the farther of the two reaches
  // kissfft's real transform keeps scratch space in its plan, so that threads cannot share one.
  const std::unique_ptr<kiss_fftr_state, FreeFft> fft(
      kiss_fftr_alloc(static_cast<int>(fft_size_), /*inverse_fft=*/0, nullptr, nullptr));
  if (!fft) throw std::bad_alloc();
  std::vector<float> frame(fft_size_);
  std::vector<kiss_fft_cpx> spectrum(num_bins);
  std::vector<double> power(num_bins * kFrames), sums(num_mels * kFrames);
  *num_frames = this->num_frames(num_samples);
  std::vector<float> out(*num_frames * num_mels);
  for (int64_t begin = 0; begin < *num_frames; begin += kFrames) {
    const int64_t count = std::min(kFrames, *num_frames - begin);
    for (int64_t f = 0; f < count; ++f) {
      cut_frame(samples, (begin + f) * hop_ - half, is_mirrored, frame.data());
      kiss_fftr(fft.get(), frame.data(), spectrum.data());
      take_power(spectrum.data(), num_bins, power.data() + f);
    }
    for (int64_t m = 0; m < num_mels; ++m)
      weigh(bands_[m].weights.data(), power.data() + bands_[m].first_bin * kFrames,
            static_cast<int64_t>(bands_[m].weights.size()), sums.data() + m * kFrames);
    processors::take_logs(sums.data(), num_mels * kFrames, kFloor);
    for (int64_t f = 0; f < count; ++f)
      for (int64_t m = 0; m < num_mels; ++m)
        out[(begin + f) * num_mels + m] = static_cast<float>(sums[m * kFrames + f]);
  }
  return out;
}

void LogMel::cut_frame(const std::vector<float>& samples, int64_t first, bool is_mirrored,
                       float* frame) const {
  const int64_t num_samples = static_cast<int64_t>(samples.size());
  if (first >= 0 && first + window_samples() <= num_samples) {
    apply_window(samples.data() + first, window_.data(), window_samples(), frame);
    return;
  }
  for (int64_t i = 0; i < window_samples(); ++i) {
    const int64_t at = first + i;
    const bool is_inside = at >= 0 && at < num_samples;
    const float sample = is_inside     ? samples[at]
                         : is_mirrored ? samples[mirrored(at, num_samples)]
                                       : 0.0f;
    frame[i] = sample * window_[i];
  }
}

std::vector<float> log_mel(const std::vector<float>& samples, const LogMelConfig& config,
                           int64_t* num_frames) {
  return LogMel(config)(samples, num_frames);
}

}  // namespace braid::data
