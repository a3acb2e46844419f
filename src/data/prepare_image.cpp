// Pictures: brought to one size and channel count, standardised per channel.
#include <algorithm>

#include "data/prepare_kinds.h"

namespace braid::data {
namespace {

struct ImageState {
  int64_t size = 0, channels = 0;
  std::string fit = "stretch";
  Standardizer channel;
  template <class V>
  void visit(V& v) {
    v("size", size, between(1, 1024), "height and width in pixels");
    v("channels", channels, between(1, 3), "1 grey, 3 RGB");
    v("fit", fit, one_of({"stretch", "pad", "crop"}), "how a picture is brought to a square");
    v("channel", channel, any(), "statistics per channel");
  }
};

void check_pixels(const formats::Image& image) {
  BRAID_CHECK(image.width > 0 && image.height > 0 && image.channels > 0, data,
              "expected a picture, got {} x {} pixels with {} channels", image.width, image.height,
              image.channels);
  const uint64_t expected =
      uint64_t(image.width) * uint64_t(image.height) * uint64_t(image.channels);
  const uint64_t got = image.bits == 16 ? image.pixels16.size() : image.pixels.size();
  BRAID_CHECK(
      got == expected && (image.channels == 1 || image.channels == 3 || image.channels == 4), data,
      "expected {} x {} pixels of 1, 3 or 4 channels, got {} values of {} channels", image.width,
      image.height, got, image.channels);
}

template <class T>
bool has_equal_colours(const formats::Image& image, const std::vector<T>& pixels) {
  for (size_t i = 0; i + 2 < pixels.size(); i += static_cast<size_t>(image.channels))
    if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2]) return false;
  return true;
}

bool is_grey(const formats::Image& image) {
  if (image.channels < 3) return true;
  return image.bits == 16 ? has_equal_colours(image, image.pixels16)
                          : has_equal_colours(image, image.pixels);
}

std::vector<float> load_resized(const Value& value, const ImageState& state) {
  formats::Image file;
  return formats::resize_image(load_pixels(value, &file), static_cast<int>(state.size),
                               static_cast<int>(state.size), static_cast<int>(state.channels),
                               state.fit);
}

class ImagePreparer : public Preparer {
 public:
  ImagePreparer(std::string field, ImageState state)
      : field_(std::move(field)), state_(std::move(state)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::image;
    spec.channels = state_.channels;
    spec.height = spec.width = state_.size;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    in_field(sample, field_, [&] { result.values = load_resized(value, state_); });  // (C, H, W)
    const size_t plane = static_cast<size_t>(state_.size * state_.size);
    float* value_at = result.values.data();
    for (size_t c = 0; c < static_cast<size_t>(state_.channels); ++c)
      for (size_t i = 0; i < plane; ++i, ++value_at) *value_at = state_.channel.apply(c, *value_at);
    result.present = true;
    result.length = 1;
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  ImageState state_;
};

// Size and channels that the config leaves to the files.
void learn_sizes(const Training& training, ImageState* state) {
  const std::string& field = training.modality.name;
  const std::vector<int64_t> rows = rows_with(training, field, kSizeSample);
  std::vector<int64_t> sides(rows.size());
  std::vector<uint8_t> grey(rows.size());
  const std::vector<size_t> good =
      visit_samples(training, rows, [&](const Sample& sample, size_t i) {
        in_field(sample, field, [&] {
          formats::Image file;
          const formats::Image& image = load_pixels(value_of(sample, field), &file);
          sides[i] = std::max(image.width, image.height);
          grey[i] = is_grey(image);
        });
      });
  std::vector<int64_t> good_sides;
  bool all_grey = true;
  for (const size_t i : good) {
    good_sides.push_back(sides[i]);
    all_grey = all_grey && grey[i];
  }
  if (state->size == 0) state->size = std::clamp<int64_t>(median(std::move(good_sides)), 8, 64);
  if (state->channels == 0) state->channels = all_grey ? 1 : 3;
}

}  // namespace

const formats::Image& load_pixels(const Value& value, formats::Image* file) {
  if (const auto* image = std::get_if<formats::Image>(&value)) {
    check_pixels(*image);
    return *image;
  }
  const auto* path = std::get_if<Path>(&value);
  BRAID_CHECK(path != nullptr, data, "expected a picture, got {}", describe(value));
  check_exists(path->path);
  return *file = formats::read_image(path->path);
}

PreparerPtr learn_image(const Training& training, const ImageConfig& config) {
  BRAID_CHECK(config.channels != 2, config,
              "image.channels: expected 1 or 3, or 0 for as the files are, got 2");
  const std::string& field = training.modality.name;
  ImageState state;
  state.size = config.size;
  state.channels = config.channels;
  state.fit = config.fit;
  if (state.size == 0 || state.channels == 0) learn_sizes(training, &state);

  const std::vector<int64_t> rows = rows_with(training, field, kStatisticsSample);
  const size_t channels = static_cast<size_t>(state.channels);
  state.channel = learn_statistics(
      training, rows, channels, [&](const Sample& sample, std::vector<Moments>* moments) {
        const std::vector<float> values = load_resized(value_of(sample, field), state);
        const size_t plane = values.size() / channels;
        for (size_t j = 0; j < values.size(); ++j) (*moments)[j / plane].add(values[j]);
      });
  return std::make_unique<ImagePreparer>(field, std::move(state));
}

PreparerPtr load_image(const Saved& saved) {
  ImageState state = read_saved<ImageState>(saved.node, saved.where);
  BRAID_CHECK(state.channels != 2, format, "{}: expected 1 or 3 channels, got 2", saved.where);
  state.channel.check(static_cast<size_t>(state.channels), saved.where);
  return std::make_unique<ImagePreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
