// Pillow's BILINEAR resize (a triangle filter that widens when shrinking) in float, in two passes.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "formats/image.h"

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

// The source samples of each output sample along one axis, and their weights (sum 1).
struct Taps {
  std::vector<int> first, count;
  std::vector<float> weights;  // `stride` per output sample
  int stride = 0;
  int low = 0, high = 0;  // the source samples that are used at all
};

// Same centres, support and cut at the picture's border as Pillow's precompute_coeffs().
Taps make_taps(int size_in, double start, double length, int size_out) {
  const double scale = length / size_out;
  const double support = std::max(scale, 1.0);  // half width of the triangle
  Taps taps;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.weights.resize(static_cast<size_t>(taps.stride) * size_out);
  taps.low = size_in;
  for (int i = 0; i < size_out; ++i) {
    const double centre = start + (i + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(centre - support + 0.5));
    const int high = std::min(size_in, static_cast<int>(centre + support + 0.5));
    float* weights = taps.weights.data() + static_cast<size_t>(i) * taps.stride;
    double sum = 0;
    for (int j = low; j < high; ++j)
      sum += std::max(0.0, 1.0 - std::abs((j - centre + 0.5) / support));
    for (int j = low; j < high; ++j)
      weights[j - low] =
          static_cast<float>(std::max(0.0, 1.0 - std::abs((j - centre + 0.5) / support)) / sum);
    taps.first.push_back(low);
    taps.count.push_back(high - low);
    taps.low = std::min(taps.low, low);
    taps.high = std::max(taps.high, high);
  }
  return taps;
}

// One row in [0, 1], channel after channel: alpha composited, then luma if one channel is wanted.
template <class T>
void read_row(const T* in, const Image& image, int planes, float background, float* out) {
  const float unit = 1.0f / (image.bits == 8 ? 255.0f : 65535.0f);
  const int width = image.width, channels = image.channels;
  if (channels == 1) {
    for (int x = 0; x < width; ++x) out[x] = in[x] * unit;
    return;
  }
  for (int x = 0; x < width; ++x, in += channels) {
    float rgb[3];
    for (int c = 0; c < 3; ++c) rgb[c] = in[c] * unit;
    if (channels == 4) {
      const float alpha = in[3] * unit;
      for (float& value : rgb) value = value * alpha + background * (1 - alpha);
    }
    if (planes == 1) {
      out[x] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
    } else {
      for (int c = 0; c < 3; ++c) out[static_cast<size_t>(c) * width + x] = rgb[c];
    }
  }
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

// Both passes for one placement; `out` is (planes, height, width) and already holds the background.
void resample(const Image& image, const Placement& p, int planes, float background, int height,
              int width, float* out) {
  const Taps across = make_taps(image.width, p.source_x, p.source_width, p.width);
  const Taps down = make_taps(image.height, p.source_y, p.source_height, p.height);
  const int num_rows = down.high - down.low;
  std::vector<float> row(static_cast<size_t>(planes) * image.width);
  std::vector<float> narrow(static_cast<size_t>(planes) * num_rows * p.width);  // (C, rows, W')
  const size_t row_samples = static_cast<size_t>(image.width) * image.channels;
  for (int y = 0; y < num_rows; ++y) {
    const size_t at = (down.low + y) * row_samples;
    if (image.bits == 8) read_row(image.pixels.data() + at, image, planes, background, row.data());
    if (image.bits == 16)
      read_row(image.pixels16.data() + at, image, planes, background, row.data());
    for (int c = 0; c < planes; ++c) {
      const float* from = row.data() + static_cast<size_t>(c) * image.width;
      float* to = narrow.data() + (static_cast<size_t>(c) * num_rows + y) * p.width;
      for (int x = 0; x < p.width; ++x) {
        const float* weights = across.weights.data() + static_cast<size_t>(x) * across.stride;
        const float* samples = from + across.first[x];
        float sum = 0;
        for (int k = 0; k < across.count[x]; ++k) sum += weights[k] * samples[k];
        to[x] = sum;
      }
    }
  }
  for (int c = 0; c < planes; ++c) {
    for (int y = 0; y < p.height; ++y) {
      float* to = out + (static_cast<size_t>(c) * height + p.y + y) * width + p.x;
      std::fill(to, to + p.width, 0.0f);
      for (int k = 0; k < down.count[y]; ++k) {
        const float weight = down.weights[static_cast<size_t>(y) * down.stride + k];
        const int source_row = down.first[y] + k - down.low;
        const float* from =
            narrow.data() + (static_cast<size_t>(c) * num_rows + source_row) * p.width;
        for (int x = 0; x < p.width; ++x) to[x] += weight * from[x];
      }
      for (int x = 0; x < p.width; ++x) to[x] = std::clamp(to[x], 0.0f, 1.0f);
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
  resample(image, placement, planes, background, height, width, out.data());
  for (int c = planes; c < channels_out; ++c)
    std::copy_n(out.begin(), plane, out.begin() + static_cast<ptrdiff_t>(plane * c));
  return out;
}

}  // namespace braid::formats
