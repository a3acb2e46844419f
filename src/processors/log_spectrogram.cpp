#include "processors/log_spectrogram.h"

#include <algorithm>
#include <cmath>

#include "core/clones.h"
#include "processors/logarithms.h"

namespace braid::processors {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kFrames = PowerSpectra::kFrames;
constexpr int64_t kStep = PowerSpectra::kStep;

BRAID_CLONES void apply_window(const float* __restrict samples, const double* __restrict window,
                               int64_t size, double* __restrict frame) {
  for (int64_t i = 0; i < size; ++i) frame[i] = static_cast<double>(samples[i]) * window[i];
}

// (samples - mean) with its own past taken off, windowed.
BRAID_CLONES void apply_preemphasis(const float* __restrict samples,
                                    const double* __restrict window, int64_t size, double mean,
                                    double preemphasis, double* __restrict frame) {
  frame[0] = (samples[0] - mean) * (1 - preemphasis) * window[0];
  for (int64_t i = 1; i < size; ++i)
    frame[i] = ((samples[i] - mean) - preemphasis * (samples[i - 1] - mean)) * window[i];
}

// kStep frames of `size`, one after the other, to sample after sample.
BRAID_CLONES void interleave(const double* __restrict frames, int64_t size, double* __restrict to) {
  for (int64_t i = 0; i < size; ++i)
    for (int64_t f = 0; f < kStep; ++f) to[i * kStep + f] = frames[f * size + i];
}

// One band of kFrames frames: each frame's sum in the order of its bins.
BRAID_CLONES void weigh(const double* __restrict weights, const double* __restrict power,
                        int64_t num_bins, double* __restrict sums) {
  double sum[kFrames] = {};
  for (int64_t k = 0; k < num_bins; ++k)
    for (int64_t f = 0; f < kFrames; ++f) sum[f] += weights[k] * power[k * kFrames + f];
  for (int64_t f = 0; f < kFrames; ++f) sums[f] = sum[f];
}

}  // namespace

std::vector<double> hann_window(int64_t size, bool is_periodic) {
  const double period = static_cast<double>(is_periodic ? size : std::max<int64_t>(size - 1, 1));
  std::vector<double> window(size);
  for (int64_t i = 0; i < size; ++i) window[i] = 0.5 - 0.5 * std::cos(2 * kPi * i / period);
  return window;
}

LogSpectrogram::LogSpectrogram(LogSpectrogramConfig config)
    : config_(std::move(config)), spectra_(config_.fft_size) {}

float LogSpectrogram::silence() const {
  double silence = 0;
  take_logs(&silence, 1, config_.floor);
  return static_cast<float>(silence * config_.log_scale);
}

void LogSpectrogram::cut_frame(const float* samples, double* frame) const {
  const int64_t size = window_samples();
  if (!config_.is_mean_removed && config_.preemphasis == 0) {
    apply_window(samples, config_.window.data(), size, frame);
    return;
  }
  double sum = 0;
  if (config_.is_mean_removed)
    for (int64_t i = 0; i < size; ++i) sum += samples[i];
  apply_preemphasis(samples, config_.window.data(), size, sum / static_cast<double>(size),
                    config_.preemphasis, frame);
}

void LogSpectrogram::operator()(const float* samples, int64_t num_frames, float* out) const {
  const int64_t size = window_samples(), num_mels = this->num_mels();
  PowerSpectra::Workspace work = spectra_.make_workspace();
  std::vector<double> frames(kStep * size), sums(num_mels * kFrames);
  for (int64_t begin = 0; begin < num_frames; begin += kFrames) {
    const int64_t count = std::min(kFrames, num_frames - begin);
    for (const int64_t half : {int64_t{0}, kStep}) {
      const int64_t in_half = std::clamp<int64_t>(count - half, 0, kStep);
      for (int64_t f = 0; f < in_half; ++f)
        cut_frame(samples + (begin + half + f) * config_.hop_samples, frames.data() + f * size);
      std::fill(frames.begin() + in_half * size, frames.end(), 0.0);
      double* to = work.samples.data() + spectra_.place(half);
      interleave(frames.data(), size, to);
      // What the last transform left beyond a window shorter than it.
      std::fill(to + size * kStep, to + config_.fft_size * kStep, 0.0);
    }
    spectra_(&work);
    for (int64_t m = 0; m < num_mels; ++m) {
      const MelBand& band = config_.bank[m];
      weigh(band.weights.data(), work.power.data() + band.first_bin * kFrames,
            static_cast<int64_t>(band.weights.size()), sums.data() + m * kFrames);
    }
    take_logs(sums.data(), num_mels * kFrames, config_.floor);
    for (int64_t f = 0; f < count; ++f)
      for (int64_t m = 0; m < num_mels; ++m)
        out[(begin + f) * num_mels + m] =
            static_cast<float>(sums[m * kFrames + f] * config_.log_scale);
  }
}

void LogSpectrogram::centred(const float* samples, int64_t num_samples, int64_t total,
                             int64_t num_frames, float* out) const {
  const int64_t size = window_samples(), half = size / 2, hop = config_.hop_samples;
  // The last frame that reaches a given sample, be it by its mirror image.
  const int64_t num_sounding = std::min(num_frames, (num_samples + size - half) / hop + 1);
  std::vector<float> around((num_sounding - 1) * hop + size);
  const int64_t length = static_cast<int64_t>(around.size());
  const auto sample_at = [&](int64_t at) { return at < num_samples ? samples[at] : 0.0f; };
  for (int64_t j = 0; j < std::min(half, length); ++j) around[j] = sample_at(half - j);
  if (length > half)
    std::copy(samples, samples + std::min(num_samples, length - half), around.begin() + half);
  for (int64_t j = total + half; j < length; ++j) around[j] = sample_at(2 * (total - 1) + half - j);
  (*this)(around.data(), num_sounding, out);
  std::fill(out + num_sounding * num_mels(), out + num_frames * num_mels(), silence());
}

}  // namespace braid::processors
