// Pictures: Gaussian noise on every pixel.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_image(modality, sample, [&](formats::Image* image) {
    for (uint8_t& value : image->pixels)
      value = static_cast<uint8_t>(
          std::clamp(std::lround(value + 255 * level * random.normal()), 0L, 255L));
  });
}

}  // namespace

extern const Method pixel_noise = {"pixel_noise",
                                   "Gaussian noise on every pixel and channel.",
                                   "Hendrycks and Dietterich 2019, arXiv:1903.12261",
                                   "standard deviation, share of the full range",
                                   {data::Kind::image},
                                   {0.05, 0.1, 0.2, 0.4},
                                   apply,
                                   nullptr};

}  // namespace braid::corruptions
