// Pictures: a part is hidden.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_image(modality, sample, [&](formats::Image* image) {
    const double side = std::sqrt(level);
    const int w = std::clamp(static_cast<int>(std::lround(side * image->width)), 1, image->width),
              h = std::clamp(static_cast<int>(std::lround(side * image->height)), 1, image->height);
    const int left = static_cast<int>(random.below(static_cast<uint64_t>(image->width - w) + 1)),
              top = static_cast<int>(random.below(static_cast<uint64_t>(image->height - h) + 1));
    for (int y = top; y < top + h; ++y) {
      const auto begin =
          image->pixels.begin() + (int64_t{y} * image->width + left) * image->channels;
      std::fill(begin, begin + int64_t{w} * image->channels, uint8_t{128});
    }
  });
}

}  // namespace

extern const Method occlusion = {
    "occlusion",
    "A grey rectangle of the picture's shape, at a random place, hides a part.",
    "DeVries and Taylor 2017 (cutout), arXiv:1708.04552",
    "hidden share of the area",
    {data::Kind::image},
    {0.1, 0.25, 0.5, 0.75},
    apply,
    nullptr};

}  // namespace braid::corruptions
