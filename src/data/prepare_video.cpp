// Moving pictures: frames spread over the whole or so many a second, brought to one size and
// channel count, standardised per channel.
#include <algorithm>
#include <cmath>

#include "data/prepare_kinds.h"
#include "data/read_frames.h"

namespace braid::data {
namespace {

struct VideoState {
  int64_t frames = 16;
  double rate_hz = 0;
  int64_t height = 0, width = 0, channels = 0;
  std::string fit = "stretch", crop = "head";
  Standardizer channel;
  template <class V>
  void visit(V& v) {
    v("frames", frames, between(1, 4096), "most frames");
    v("rate_hz", rate_hz, between(0, 1000), "frames a second; 0 = spread over the whole");
    v("height", height, between(1, 1024), "pixels");
    v("width", width, between(1, 1024), "pixels");
    v("channels", channels, between(1, 3), "1 grey, 3 RGB");
    v("fit", fit, one_of({"stretch", "pad", "crop"}),
      "how another aspect ratio is brought to this");
    v("crop", crop, one_of({"head", "centre", "tail"}), "what is kept of more frames");
    v("channel", channel, any(), "statistics per channel");
  }
};

// (T, C, H, W) in [0, 1].
std::vector<float> load_resized(const Value& value, const VideoState& state) {
  FrameChoice choice;
  choice.rate_hz = state.rate_hz;
  choice.count = state.rate_hz > 0 ? 0 : state.frames;
  choice.channels = state.channels;
  choice.most = state.frames;
  choice.crop = state.crop;
  std::vector<float> out;
  for (const formats::Image& frame : read_frames(value, choice)) {
    const std::vector<float> pixels =
        formats::resize_image(frame, static_cast<int>(state.height), static_cast<int>(state.width),
                              static_cast<int>(state.channels), state.fit);
    out.insert(out.end(), pixels.begin(), pixels.end());
  }
  return out;
}

class VideoPreparer : public Preparer {
 public:
  VideoPreparer(std::string field, VideoState state)
      : field_(std::move(field)), state_(std::move(state)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::video;
    spec.channels = state_.channels;
    spec.height = state_.height;
    spec.width = state_.width;
    spec.max_length = state_.frames;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    in_field(sample, field_, [&] { result.values = load_resized(value, state_); });
    const size_t plane = static_cast<size_t>(state_.height * state_.width);
    const size_t channels = static_cast<size_t>(state_.channels);
    for (size_t i = 0; i < result.values.size(); ++i)
      result.values[i] = state_.channel.apply(i / plane % channels, result.values[i]);
    result.present = true;
    result.length = static_cast<int64_t>(result.values.size() / (plane * channels));
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  VideoState state_;
};

bool is_grey(const formats::Image& frame) {
  if (frame.channels == 1) return true;
  for (size_t i = 0; i + 2 < frame.pixels.size(); i += 3)
    if (frame.pixels[i] != frame.pixels[i + 1] || frame.pixels[i] != frame.pixels[i + 2])
      return false;
  return true;
}

// Size and channels that the config leaves to the files: two frames of each are looked at.
void learn_sizes(const Training& training, VideoState* state) {
  const std::string& field = training.modality.name;
  const std::vector<int64_t> rows = rows_with(training, field, kSizeSample);
  std::vector<int64_t> heights(rows.size()), widths(rows.size());
  std::vector<uint8_t> grey(rows.size());
  const std::vector<size_t> good =
      visit_samples(training, rows, [&](const Sample& sample, size_t i) {
        in_field(sample, field, [&] {
          const auto frames = read_frames(value_of(sample, field), {/*rate_hz=*/0, /*count=*/2});
          heights[i] = frames[0].height;
          widths[i] = frames[0].width;
          grey[i] = std::all_of(frames.begin(), frames.end(), is_grey);
        });
      });
  std::vector<int64_t> good_heights, good_widths;
  bool all_grey = true;
  for (const size_t i : good) {
    good_heights.push_back(heights[i]);
    good_widths.push_back(widths[i]);
    all_grey = all_grey && grey[i];
  }
  if (state->channels == 0) state->channels = all_grey ? 1 : 3;
  const double height = static_cast<double>(median(std::move(good_heights)));
  const double width = static_cast<double>(median(std::move(good_widths)));
  const double scale = std::min(1.0, 64 / std::max(height, width));
  const auto side = [scale](double size) {
    return std::max<int64_t>(std::llround(size * scale), 8);
  };
  if (state->height == 0) state->height = side(height);
  if (state->width == 0) state->width = side(width);
}

}  // namespace

PreparerPtr learn_video(const Training& training, const VideoConfig& config) {
  BRAID_CHECK(config.channels != 2, config,
              "video.channels: expected 1 or 3, or 0 for as the files are, got 2");
  const std::string& field = training.modality.name;
  VideoState state;
  state.frames = config.frames;
  state.rate_hz = config.rate_hz;
  state.height = config.height;
  state.width = config.width;
  state.channels = config.channels;
  state.fit = config.fit;
  state.crop = config.crop;
  if (state.height == 0 || state.width == 0 || state.channels == 0) learn_sizes(training, &state);

  const std::vector<int64_t> rows = rows_with(training, field, kStatisticsSample);
  const size_t channels = static_cast<size_t>(state.channels);
  const size_t plane = static_cast<size_t>(state.height * state.width);
  state.channel = learn_statistics(
      training, rows, channels, [&](const Sample& sample, std::vector<Moments>* moments) {
        const std::vector<float> values = load_resized(value_of(sample, field), state);
        for (size_t j = 0; j < values.size(); ++j) (*moments)[j / plane % channels].add(values[j]);
      });
  return std::make_unique<VideoPreparer>(field, std::move(state));
}

PreparerPtr load_video(const Saved& saved) {
  VideoState state = read_saved<VideoState>(saved.node, saved.where);
  BRAID_CHECK(state.channels != 2, format, "{}: expected 1 or 3 channels, got 2", saved.where);
  state.channel.check(static_cast<size_t>(state.channels), saved.where);
  return std::make_unique<VideoPreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
