// Pictures: JPEG of low quality.
#include <algorithm>
#include <array>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

constexpr int kSide = 8;
constexpr double kPi = 3.14159265358979323846;
using Block = std::array<double, kSide * kSide>;

// The standard's tables for brightness and for colour, T.81 Annex K.1, which encoders scale.
constexpr std::array<int, 64> kLuma = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<int, 64> kChroma = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
    99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

// Steps of a quality of 1 to 100, as libjpeg scales the tables.
Block steps_of(const std::array<int, 64>& table, int quality) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  Block steps;
  for (size_t i = 0; i < steps.size(); ++i)
    steps[i] = std::clamp((table[i] * scale + 50) / 100, 1, 255);
  return steps;
}

// Rows of the orthonormal DCT-II.
const Block& cosines() {
  static const Block table = [] {
    Block rows{};
    for (int k = 0; k < kSide; ++k)
      for (int x = 0; x < kSide; ++x)
        rows[static_cast<size_t>(k * kSide + x)] =
            std::sqrt((k == 0 ? 1.0 : 2.0) / kSide) * std::cos((2 * x + 1) * k * kPi / (2 * kSide));
    return rows;
  }();
  return table;
}

// a b, or a^T b, of 8 x 8 matrices.
Block product(const Block& a, const Block& b, bool transposes_a, bool transposes_b) {
  Block out{};
  for (size_t i = 0; i < kSide; ++i)
    for (size_t j = 0; j < kSide; ++j)
      for (size_t k = 0; k < kSide; ++k)
        out[i * kSide + j] += a[transposes_a ? k * kSide + i : i * kSide + k] *
                              b[transposes_b ? j * kSide + k : k * kSide + j];
  return out;
}

void quantise(Block* block, const Block& steps) {
  const Block& c = cosines();
  Block spectrum = product(product(c, *block, false, false), c, false, true);
  for (size_t i = 0; i < spectrum.size(); ++i)
    spectrum[i] = steps[i] * std::nearbyint(spectrum[i] / steps[i]);
  *block = product(product(c, spectrum, true, false), c, false, false);
}

// One plane in blocks of 8 x 8; at the edges the last pixel is repeated.
void quantise_plane(std::vector<double>* plane, int width, int height, const Block& steps) {
  const auto place = [&](int x, int y) {
    return static_cast<size_t>(std::min(y, height - 1)) * static_cast<size_t>(width) +
           static_cast<size_t>(std::min(x, width - 1));
  };
  for (int top = 0; top < height; top += kSide)
    for (int left = 0; left < width; left += kSide) {
      Block block;
      for (int i = 0; i < kSide * kSide; ++i)
        block[static_cast<size_t>(i)] = (*plane)[place(left + i % kSide, top + i / kSide)] - 128;
      quantise(&block, steps);
      for (int i = 0; i < kSide * kSide; ++i)
        if (left + i % kSide < width && top + i / kSide < height)
          (*plane)[place(left + i % kSide, top + i / kSide)] = block[static_cast<size_t>(i)] + 128;
    }
}

uint8_t to_byte(double value) {
  return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

void apply_to_grey(formats::Image* image, int quality) {
  std::vector<double> plane(image->pixels.begin(), image->pixels.end());
  quantise_plane(&plane, image->width, image->height, steps_of(kLuma, quality));
  std::transform(plane.begin(), plane.end(), image->pixels.begin(), to_byte);
}

// In YCbCr as JFIF has it, colours at full resolution.
void apply_to_colours(formats::Image* image, int quality) {
  const size_t size = image->pixels.size() / 3;
  std::vector<double> y(size), cb(size), cr(size);
  for (size_t i = 0; i < size; ++i) {
    const double r = image->pixels[3 * i], g = image->pixels[3 * i + 1],
                 b = image->pixels[3 * i + 2];
    y[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    cb[i] = 128 + 0.564 * (b - y[i]);
    cr[i] = 128 + 0.713 * (r - y[i]);
  }
  quantise_plane(&y, image->width, image->height, steps_of(kLuma, quality));
  for (std::vector<double>* plane : {&cb, &cr})
    quantise_plane(plane, image->width, image->height, steps_of(kChroma, quality));
  for (size_t i = 0; i < size; ++i) {
    image->pixels[3 * i] = to_byte(y[i] + 1.402 * (cr[i] - 128));
    image->pixels[3 * i + 1] = to_byte(y[i] - 0.344136 * (cb[i] - 128) - 0.714136 * (cr[i] - 128));
    image->pixels[3 * i + 2] = to_byte(y[i] + 1.772 * (cb[i] - 128));
  }
}

void apply(const data::Modality& modality, double level, Rng, data::Sample* sample) {
  change_image(modality, sample, [&](formats::Image* image) {
    if (image->channels == 1)
      apply_to_grey(image, static_cast<int>(level));
    else
      apply_to_colours(image, static_cast<int>(level));
  });
}

}  // namespace

extern const Method jpeg = {"jpeg",
                            "What JPEG of low quality leaves: its transform with coarse steps.",
                            "ITU-T T.81, Annex K; steps scaled as by libjpeg",
                            "quality of 1 to 100, 100 = best",
                            {data::Kind::image},
                            {50, 25, 10, 5},
                            apply,
                            nullptr};

}  // namespace braid::corruptions
