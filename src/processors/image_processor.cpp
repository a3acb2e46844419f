#include "processors/image_processor.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "processors/image_config.h"
#include "processors/pixel_resize.h"
#include "processors/taps_cache.h"

namespace braid::processors {
namespace {

constexpr int kMaxSourceSide = 1 << 20;

// The slow processors rescale in double and normalise in float; the fast ones fold the factor into
// mean and deviation, in float.
float slow_value(const ImageConfig& config, int level, size_t channel) {
  float value = static_cast<float>(level);
  if (config.is_rescaled) value = static_cast<float>(level * config.rescale_factor);
  if (!config.is_normalized) return value;
  return (value - static_cast<float>(config.mean[channel])) /
         static_cast<float>(config.std[channel]);
}
float fast_value(const ImageConfig& config, int level, size_t channel) {
  const auto value = static_cast<float>(level);
  const auto factor = static_cast<float>(config.rescale_factor);
  if (!config.is_normalized) return config.is_rescaled ? value * factor : value;
  const float scale = config.is_rescaled ? static_cast<float>(1.0 / config.rescale_factor) : 1.0f;
  const float mean = static_cast<float>(config.mean[channel]) * scale;
  const float std = static_cast<float>(config.std[channel]) * scale;
  return (value - mean) / std;
}

LevelTables make_tables(const ImageConfig& config) {
  LevelTables tables;
  for (size_t c = 0; c < tables.size(); ++c)
    for (int level = 0; level < 256; ++level)
      tables[c][level] =
          config.is_fast ? fast_value(config, level, c) : slow_value(config, level, c);
  return tables;
}

// The part of an axis that is seen, and where in the output it begins.
struct Seen {
  Axis axis;
  int64_t at = 0;
};

int64_t half_to_even(int64_t difference) {
  const int64_t half = difference / 2;
  return difference % 2 == 1 && half % 2 == 1 ? half + 1 : half;
}

Seen see(int64_t size_in, int64_t size_out, int64_t output, CentreRule rule) {
  Seen seen;
  seen.axis.size_in = size_in;
  seen.axis.size_out = size_out;
  seen.axis.count = std::min(size_out, output);
  const int64_t cut = size_out - output;
  if (cut >= 0)
    seen.axis.begin = rule == CentreRule::torchvision ? half_to_even(cut) : cut / 2;
  else
    seen.at = rule == CentreRule::slow ? (1 - cut) / 2 : -cut / 2;
  return seen;
}

// The longer side in proportion, as Python divides: rounded once, then cut.
int64_t longer_side(int64_t shortest, int64_t longer, int64_t shorter) {
  return static_cast<int64_t>(static_cast<double>(shortest * longer) /
                              static_cast<double>(shorter));
}

void check_image(const formats::Image& image) {
  const bool is_known = (image.channels == 1 || image.channels == 3 || image.channels == 4) &&
                        (image.bits == 8 || image.bits == 16);
  BRAID_CHECK(is_known && image.width > 0 && image.height > 0, shape,
              "image processor: expected a picture of 1, 3 or 4 channels of 8 or 16 bits, got "
              "{}x{}x{} of {} bits",
              image.height, image.width, image.channels, image.bits);
  BRAID_CHECK(image.width <= kMaxSourceSide && image.height <= kMaxSourceSide, data,
              "image processor: expected sides of at most {} pixels, got {}x{}; cut the picture",
              kMaxSourceSide, image.width, image.height);
  const size_t expected = static_cast<size_t>(image.width) * image.height * image.channels;
  const size_t got = image.bits == 8 ? image.pixels.size() : image.pixels16.size();
  BRAID_CHECK(got == expected, shape, "image processor: expected {} samples for {}x{}x{}, got {}",
              expected, image.height, image.width, image.channels, got);
}

}  // namespace

struct ImageProcessor::State {
  ImageConfig config;
  LevelTables tables;
  TapsCache taps;

  explicit State(ImageConfig c)
      : config(std::move(c)),
        tables(make_tables(config)),
        taps(config.kernel, config.is_fast ? Arithmetic::torchvision : Arithmetic::pillow) {}
};

ImageProcessor::ImageProcessor(std::shared_ptr<const State> state) : state_(std::move(state)) {}

ImageProcessor ImageProcessor::parse(const Json& preprocessor_config, const std::string& where) {
  return ImageProcessor(
      std::make_shared<const State>(parse_image_config(preprocessor_config, where)));
}

int64_t ImageProcessor::height() const { return state_->config.output_height; }
int64_t ImageProcessor::width() const { return state_->config.output_width; }
const Json& ImageProcessor::config() const { return state_->config.json; }

std::vector<float> ImageProcessor::operator()(const formats::Image& image) const {
  std::vector<float> out(num_samples());
  write(image, out.data());
  return out;
}

std::vector<float> ImageProcessor::video(const std::vector<formats::Image>& frames) const {
  std::vector<float> out(frames.size() * num_samples());
  float* to = out.data();
  for (const formats::Image& frame : frames) {
    write(frame, to);
    to += num_samples();
  }
  return out;
}

void ImageProcessor::write(const formats::Image& image, float* out) const {
  check_image(image);
  const ImageConfig& config = state_->config;
  int64_t height_out = image.height, width_out = image.width;
  if (config.size_rule == SizeRule::exact) {
    height_out = config.height;
    width_out = config.width;
  } else if (config.size_rule == SizeRule::shortest) {
    const bool is_tall = image.width <= image.height;
    width_out = is_tall ? config.shortest : longer_side(config.shortest, image.width, image.height);
    height_out =
        is_tall ? longer_side(config.shortest, image.height, image.width) : config.shortest;
  }
  const Seen across = see(image.width, width_out, width(), config.centre_rule);
  const Seen down = see(image.height, height_out, height(), config.centre_rule);
  const size_t plane_samples = static_cast<size_t>(height()) * width();
  if (across.axis.count < width() || down.axis.count < height())
    for (size_t c = 0; c < 3; ++c)  // what is added around a picture too small is black
      std::fill_n(out + c * plane_samples, plane_samples, state_->tables[c][0]);
  const PixelTarget target = {out + down.at * width() + across.at, static_cast<size_t>(width()),
                              plane_samples};
  resize_pixels(image, config.is_on_white, *state_->taps.get(across.axis),
                *state_->taps.get(down.axis), state_->tables, target);
}

}  // namespace braid::processors
