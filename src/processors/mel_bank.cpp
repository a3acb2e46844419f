#include "processors/mel_bank.h"

#include <algorithm>
#include <cmath>

namespace braid::processors {
namespace {

constexpr double kLinearHz = 1000, kLinearMel = 15;  // where slaney's scale turns logarithmic

double hz_to_mel(double hz, MelScale scale) {
  if (scale == MelScale::kaldi) return 1127.0 * std::log(1.0 + hz / 700.0);
  if (hz < kLinearHz) return 3.0 * hz / 200.0;
  return kLinearMel + std::log(hz / kLinearHz) * (27.0 / std::log(6.4));
}

double slaney_to_hz(double mel) {
  if (mel < kLinearMel) return 200.0 * mel / 3.0;
  return kLinearHz * std::exp(std::log(6.4) / 27.0 * (mel - kLinearMel));
}

// Where the bins lie, on the axis that the triangles are straight on.
std::vector<double> bin_places(const MelBankConfig& config) {
  const int64_t num_bins = config.fft_size / 2 + 1;
  std::vector<double> places(num_bins);
  for (int64_t k = 0; k < num_bins; ++k) {
    // The reference halves the rate, and an odd FFT size, without a remainder.
    const double hz = static_cast<double>(k * (config.rate_hz / 2)) /
                      static_cast<double>(std::max<int64_t>(num_bins - 1, 1));
    places[k] = config.scale == MelScale::kaldi ? hz_to_mel(hz, config.scale) : hz;
  }
  return places;
}

}  // namespace

std::vector<MelBand> mel_bank(const MelBankConfig& config) {
  const bool is_slaney = config.scale == MelScale::slaney;
  const double low = hz_to_mel(config.low_hz, config.scale);
  const double high = hz_to_mel(config.high_hz, config.scale);
  std::vector<double> edges;
  for (int64_t m = 0; m < config.num_mels + 2; ++m) {
    const double mel = low + (high - low) / static_cast<double>(config.num_mels + 1) * m;
    edges.push_back(is_slaney ? slaney_to_hz(mel) : mel);
  }
  const std::vector<double> places = bin_places(config);
  std::vector<MelBand> bank;
  for (int64_t m = 0; m < config.num_mels; ++m) {
    const double left = edges[m], peak = edges[m + 1], right = edges[m + 2];
    const double height = is_slaney ? 2.0 / (right - left) : 1.0;
    MelBand band;
    for (size_t k = 0; k < places.size(); ++k) {
      const double up = (places[k] - left) / (peak - left);
      const double down = (right - places[k]) / (right - peak);
      const double weight = std::min(up, down);
      if (weight <= 0) continue;
      if (band.weights.empty()) band.first_bin = static_cast<int64_t>(k);
      band.weights.push_back(weight * height);
    }
    bank.push_back(std::move(band));
  }
  return bank;
}

}  // namespace braid::processors
