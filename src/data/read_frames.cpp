#include "data/read_frames.h"

#include <algorithm>
#include <cmath>

#include "align/series.h"
#include "data/prepare_kinds.h"
#include "formats/media_path.h"
#include "formats/npy.h"

namespace braid::data {
namespace {

constexpr int64_t kSecond = 1000000000;

bool is_array(const std::string& file) {
  return file.size() > 4 && file.compare(file.size() - 4, 4, ".npy") == 0;
}

formats::Video from_array(const formats::MediaPath& path, const std::string& name) {
  const formats::NpyArray array =
      path.row < 0 ? formats::read_npy(path.file) : formats::read_npy_row(path.file, path.row);
  const auto& shape = array.shape;
  const bool has_channels = shape.size() == 4;
  BRAID_CHECK(shape.size() == 3 || (has_channels && (shape[3] == 1 || shape[3] == 3)), data,
              "{}: expected frames (T, H, W) or (T, H, W, 3), got ({}); name a row as in \"{}#0\"",
              name, fmt::join(shape, ", "), path.file);
  BRAID_CHECK(!array.values.empty(), data, "{}: expected frames, got none", name);
  formats::Video video;
  const size_t size = array.values.size() / static_cast<size_t>(shape[0]);
  for (int64_t t = 0; t < shape[0]; ++t) {
    formats::Frame frame;
    frame.time_ns = t * kSecond;
    frame.image.height = static_cast<int>(shape[1]);
    frame.image.width = static_cast<int>(shape[2]);
    frame.image.channels = has_channels ? static_cast<int>(shape[3]) : 1;
    for (size_t i = 0; i < size; ++i) {
      const double x = array.values[static_cast<size_t>(t) * size + i];
      BRAID_CHECK(x >= 0 && x <= 255, data, "{}: expected pixels of 0 to 255, got {}", name, x);
      frame.image.pixels.push_back(static_cast<uint8_t>(std::lround(x)));
    }
    video.frames.push_back(std::move(frame));
  }
  return video;
}

// The latest frame that is not after the moment; before the first it is the first.
const formats::Image& shown_at(const formats::Video& video, int64_t moment_ns) {
  const auto after = std::upper_bound(
      video.frames.begin(), video.frames.end(), moment_ns,
      [](int64_t moment, const formats::Frame& frame) { return moment < frame.time_ns; });
  return (after == video.frames.begin() ? after : after - 1)->image;
}

std::vector<formats::Image> chosen(const formats::Video& video, const FrameChoice& choice) {
  BRAID_CHECK(!video.frames.empty(), data, "expected frames, got none");
  std::vector<int64_t> times;
  for (const formats::Frame& frame : video.frames) times.push_back(frame.time_ns);
  BRAID_CHECK(std::is_sorted(times.begin(), times.end()), data,
              "expected frames in the order of their times");
  const int64_t step = times.size() > 1 ? std::max<int64_t>(align::median_step(times), 1) : kSecond;
  const int64_t start = times.front(), end = times.back() + step;
  std::vector<formats::Image> out;
  if (choice.count > 0) {
    const double part = static_cast<double>(end - start) / static_cast<double>(choice.count);
    for (int64_t k = 0; k < choice.count; ++k)
      out.push_back(
          shown_at(video, start + static_cast<int64_t>((static_cast<double>(k) + 0.5) * part)));
    return out;
  }
  for (int64_t k = 0;; ++k) {
    const double moment =
        static_cast<double>(start) + static_cast<double>(k) * 1e9 / choice.rate_hz;
    if (moment >= static_cast<double>(end)) return out;
    out.push_back(shown_at(video, static_cast<int64_t>(moment)));
  }
}

}  // namespace

std::vector<formats::Image> read_frames(const Value& value, const FrameChoice& choice) {
  if (const auto* video = std::get_if<formats::Video>(&value)) return chosen(*video, choice);
  const auto* given = std::get_if<Path>(&value);
  BRAID_CHECK(given != nullptr, data, "expected a video, got {}", describe(value));
  const formats::MediaPath path = formats::parse_media_path(given->path);
  check_exists(path.file);
  if (is_array(path.file)) return chosen(from_array(path, given->path), choice);
  formats::VideoOptions options;
  options.rate_hz = choice.rate_hz;
  options.count = choice.count;
  options.from_s = path.from_s;
  options.to_s = path.to_s;
  options.channels = static_cast<int>(choice.channels);
  formats::Video video = formats::read_video(path.file, options);
  std::vector<formats::Image> out;
  for (formats::Frame& frame : video.frames) out.push_back(std::move(frame.image));
  return out;
}

}  // namespace braid::data
