#include "processors/power_spectra.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <vector>

#include "core/rng.h"

namespace braid::processors {
namespace {

double slow_power(const std::vector<double>& frame, int64_t bin) {
  const auto size = static_cast<int64_t>(frame.size());
  std::complex<double> sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += frame[i] * std::polar(1.0, -2 * M_PI * static_cast<double>(i * bin % size) /
                                          static_cast<double>(size));
  return std::norm(sum);
}

// Powers of two and their like, each radix alone, primes, products of all.
TEST(power_spectra, equal_the_definition) {
  Rng rng(2);
  for (const int64_t size :
       {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 25, 49, 64, 77, 105, 131, 400, 420}) {
    const PowerSpectra spectra(size);
    ASSERT_EQ(spectra.num_bins(), size / 2 + 1);
    PowerSpectra::Workspace work = spectra.make_workspace();
    std::vector<std::vector<double>> frames(PowerSpectra::kFrames, std::vector<double>(size));
    for (int64_t f = 0; f < PowerSpectra::kFrames; ++f)
      for (int64_t i = 0; i < size; ++i)
        work.samples[spectra.place(f) + i * PowerSpectra::kStep] = frames[f][i] =
            rng.uniform(-1, 1);
    spectra(&work);
    for (int64_t f = 0; f < PowerSpectra::kFrames; ++f)
      for (int64_t k = 0; k < spectra.num_bins(); ++k)
        ASSERT_NEAR(work.power[k * PowerSpectra::kFrames + f], slow_power(frames[f], k), 1e-10)
            << "size " << size << " frame " << f << " bin " << k;
  }
}

// cos(2 pi 3 i / 8): (8 / 2)^2 = 16 in bin 3, nothing elsewhere.
TEST(power_spectra, of_a_wave_by_hand) {
  const PowerSpectra spectra(8);
  PowerSpectra::Workspace work = spectra.make_workspace();
  for (int64_t i = 0; i < 8; ++i)
    work.samples[spectra.place(5) + i * PowerSpectra::kStep] =
        std::cos(2 * M_PI * 3 * static_cast<double>(i) / 8);
  spectra(&work);
  for (int64_t k = 0; k <= 4; ++k)
    for (int64_t f = 0; f < PowerSpectra::kFrames; ++f)
      EXPECT_NEAR(work.power[k * PowerSpectra::kFrames + f], f == 5 && k == 3 ? 16 : 0, 1e-12);
}

// Two frames share a transform: a loud one leaves 1e-16 of its amplitude in the other.
TEST(power_spectra, of_silence_beside_a_loud_frame) {
  const PowerSpectra spectra(400);
  PowerSpectra::Workspace work = spectra.make_workspace();
  Rng rng(3);
  for (int64_t i = 0; i < 400; ++i)
    work.samples[spectra.place(0) + i * PowerSpectra::kStep] = rng.uniform(-1, 1);
  spectra(&work);
  for (int64_t k = 0; k < spectra.num_bins(); ++k)
    EXPECT_LT(work.power[k * PowerSpectra::kFrames + PowerSpectra::kStep], 1e-24);
}

}  // namespace
}  // namespace braid::processors
