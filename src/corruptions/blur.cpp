// Pictures: out of focus.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

// Weights of -radius ... radius; beyond three deviations nothing is left to see.
std::vector<float> gaussian(double deviation) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3 * deviation)));
  std::vector<float> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(static_cast<float>(std::exp(-0.5 * i * i / (deviation * deviation))));
    sum += weights.back();
  }
  for (float& weight : weights) weight /= static_cast<float>(sum);
  return weights;
}

// Along one axis of `length` places `step` apart, each line beginning at one of `starts`; the edge
// is repeated.
void blur_lines(std::vector<float>* values, const std::vector<size_t>& starts, int length,
                size_t step, const std::vector<float>& weights) {
  const int radius = static_cast<int>(weights.size() / 2);
  std::vector<float> line(static_cast<size_t>(length));
  for (size_t start : starts) {
    for (int i = 0; i < length; ++i)
      line[static_cast<size_t>(i)] = (*values)[start + static_cast<size_t>(i) * step];
    for (int i = 0; i < length; ++i) {
      float sum = 0;
      for (int k = -radius; k <= radius; ++k)
        sum += weights[static_cast<size_t>(k + radius)] *
               line[static_cast<size_t>(std::clamp(i + k, 0, length - 1))];
      (*values)[start + static_cast<size_t>(i) * step] = sum;
    }
  }
}

void apply(const data::Modality& modality, double level, Rng, data::Sample* sample) {
  change_image(modality, sample, [&](formats::Image* image) {
    const std::vector<float> weights =
        gaussian(std::max(level * std::max(image->width, image->height), 1e-3));
    std::vector<float> values(image->pixels.begin(), image->pixels.end());
    const size_t C = static_cast<size_t>(image->channels),
                 row = C * static_cast<size_t>(image->width);
    std::vector<size_t> rows, columns;
    for (size_t y = 0; y < static_cast<size_t>(image->height); ++y)
      for (size_t c = 0; c < C; ++c) rows.push_back(y * row + c);
    for (size_t x = 0; x < row; ++x) columns.push_back(x);
    blur_lines(&values, rows, image->width, C, weights);
    blur_lines(&values, columns, image->height, row, weights);
    for (size_t i = 0; i < values.size(); ++i)
      image->pixels[i] = static_cast<uint8_t>(std::clamp(std::lround(values[i]), 0L, 255L));
  });
}

}  // namespace

extern const Method blur = {"blur",
                            "Gaussian blur: out of focus.",
                            "Hendrycks and Dietterich 2019, arXiv:1903.12261",
                            "standard deviation, share of the longer side",
                            {data::Kind::image},
                            {0.01, 0.02, 0.04, 0.08},
                            apply,
                            nullptr};

}  // namespace braid::corruptions
