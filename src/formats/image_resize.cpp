// Pillow's BILINEAR resize (a triangle filter that widens when shrinking) in float, in two passes:
// down the columns first, where whole rows are added up, then across the few rows that are left.
#include <algorithm>
#include <cmath>

#include "core/clones.h"
#include "core/error.h"
#include "formats/image.h"
#include "formats/resize_taps.h"

namespace braid::formats {
namespace {

// A part of the source and the size it becomes; the rest of the output is background.
struct Placement {
  double source_x = 0, source_y = 0, source_width = 0, source_height = 0;
  int x = 0, y = 0, width = 0, height = 0;
};

int scaled_size(int size, double scale, int limit) {
  return std::clamp(static_cast<int>(std::lround(size * scale)), 1, limit);
}

Placement place(const Image& image, int height, int width, const std::string& fit) {
  Placement p;
  p.source_width = image.width;
  p.source_height = image.height;
  p.width = width;
  p.height = height;
  const double scale_x = static_cast<double>(width) / image.width;
  const double scale_y = static_cast<double>(height) / image.height;
  if (fit == "pad") {
    const double scale = std::min(scale_x, scale_y);
    p.width = scaled_size(image.width, scale, width);
    p.height = scaled_size(image.height, scale, height);
    p.x = (width - p.width) / 2;
    p.y = (height - p.height) / 2;
  } else if (fit == "crop") {
    const double scale = std::max(scale_x, scale_y);
    p.source_width = std::min<double>(image.width, width / scale);
    p.source_height = std::min<double>(image.height, height / scale);
    p.source_x = (image.width - p.source_width) / 2;
    p.source_y = (image.height - p.source_height) / 2;
  }
  return p;
}

// sum += weight * row, over `size` samples.
BRAID_CLONES void add_row(const uint8_t* __restrict row, float weight, size_t size,
                          float* __restrict sum) {
  for (size_t i = 0; i < size; ++i) sum[i] += weight * static_cast<float>(row[i]);
}
BRAID_CLONES void add_row(const uint16_t* __restrict row, float weight, size_t size,
                          float* __restrict sum) {
  for (size_t i = 0; i < size; ++i) sum[i] += weight * static_cast<float>(row[i]);
}
BRAID_CLONES void add_row(const float* __restrict row, float weight, size_t size,
                          float* __restrict sum) {
  for (size_t i = 0; i < size; ++i) sum[i] += weight * row[i];
}

// One output sample across: of one channel, or of three with a fourth lane that is not used.
float weigh_1(const float* samples, const float* weights, int count) {
  float sum = 0;
  for (int k = 0; k < count; ++k) sum += weights[k] * samples[k];
  return sum;
}
void weigh_3(const float* samples, const float* weights, int count, float* sum) {
  float lanes[4] = {};
  for (int k = 0; k < count; ++k)
    for (int c = 0; c < 4; ++c) lanes[c] += weights[k] * samples[3 * k + c];
  std::copy_n(lanes, 3, sum);
}

// RGB in [0, 1] of pixels with alpha, composited.
template <class T>
std::vector<float> compose(const std::vector<T>& pixels, float unit, float background) {
  std::vector<float> rgb(pixels.size() / 4 * 3);
  float* to = rgb.data();
  for (const T* in = pixels.data(); in != pixels.data() + pixels.size(); in += 4, to += 3) {
    const float alpha = in[3] * unit;
    for (int c = 0; c < 3; ++c) to[c] = in[c] * unit * alpha + background * (1 - alpha);
  }
  return rgb;
}

void check(const Image& image, int height, int width, int channels_out, const std::string& fit) {
  BRAID_CHECK(height > 0 && width > 0, usage,
              "resize_image: size: expected at least 1x1, got {}x{}", width, height);
  BRAID_CHECK(channels_out == 1 || channels_out == 3, usage,
              "resize_image: channels_out: expected 1 or 3, got {}", channels_out);
  BRAID_CHECK(fit == "stretch" || fit == "pad" || fit == "crop", usage, "resize_image: {}",
              unknown_name("fit", fit, {"stretch", "pad", "crop"}));
  const size_t expected =
      static_cast<size_t>(std::max(image.width, 0)) * std::max(image.height, 0) * image.channels;
  const size_t got = image.bits == 8 ? image.pixels.size() : image.pixels16.size();
  BRAID_CHECK(expected > 0 && got == expected, shape,
              "resize_image: expected {} samples for {}x{}x{}, got {}", expected, image.height,
              image.width, image.channels, got);
}

// Both passes for one placement. `pixels` has 1 or 3 interleaved channels, `unit` brings them into
// [0, 1]; `out` is (planes, height, width) and already holds the background.
template <class T>
void resample(const T* pixels, float unit, const Image& image, const Placement& p, int planes,
              int height, int width, float* out) {
  const Taps across = make_taps(image.width, p.source_x, p.source_width, p.width);
  const Taps down = make_taps(image.height, p.source_y, p.source_height, p.height);
  const size_t channels = image.channels == 1 ? 1 : 3;
  const size_t row_samples = image.width * channels, plane = static_cast<size_t>(height) * width;
  std::vector<float> row(row_samples + 1);  // one more: weigh_3 reads four lanes
  for (int y = 0; y < p.height; ++y) {
    std::fill(row.begin(), row.end(), 0.0f);
    const float* rows = down.weights.data() + static_cast<size_t>(y) * down.stride;
    for (int k = 0; k < down.count[y]; ++k)
      add_row(pixels + (down.first[y] + k) * row_samples, rows[k] * unit, row_samples, row.data());
    float* to = out + static_cast<size_t>(p.y + y) * width + p.x;
    for (int x = 0; x < p.width; ++x) {
      const float* weights = across.weights.data() + static_cast<size_t>(x) * across.stride;
      const float* samples = row.data() + across.first[x] * channels;
      if (channels == 1) {
        to[x] = std::clamp(weigh_1(samples, weights, across.count[x]), 0.0f, 1.0f);
        continue;
      }
      float rgb[3];
      weigh_3(samples, weights, across.count[x], rgb);
      if (planes == 1) rgb[0] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
      for (int c = 0; c < planes; ++c) to[c * plane + x] = std::clamp(rgb[c], 0.0f, 1.0f);
    }
  }
}

}  // namespace

std::vector<float> resize_image(const Image& image, int height, int width, int channels_out,
                                const std::string& fit, float background) {
  check(image, height, width, channels_out, fit);
  const Placement placement = place(image, height, width, fit);
  const size_t plane = static_cast<size_t>(height) * width;
  // A grey picture is resized once, whatever the number of channels asked for.
  const int planes = image.channels == 1 ? 1 : channels_out;
  std::vector<float> out(plane * channels_out, background);
  const float unit = 1.0f / (image.bits == 8 ? 255.0f : 65535.0f);
  const auto run = [&](const auto* pixels, float scale) {
    resample(pixels, scale, image, placement, planes, height, width, out.data());
  };
  if (image.channels == 4)
    run((image.bits == 8 ? compose(image.pixels, unit, background)
                         : compose(image.pixels16, unit, background))
            .data(),
        1.0f);
  else if (image.bits == 8)
    run(image.pixels.data(), unit);
  else
    run(image.pixels16.data(), unit);
  for (int c = planes; c < channels_out; ++c)
    std::copy_n(out.begin(), plane, out.begin() + static_cast<ptrdiff_t>(plane * c));
  return out;
}

}  // namespace braid::formats
