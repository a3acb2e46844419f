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

constexpr double kMostFrames = 1e6;

// Even moments: from + k * step for k below num.
struct Moments {
  double from_s = 0, step_s = 1;
  int64_t num = 0;
  double at(int64_t k) const { return from_s + static_cast<double>(k) * step_s; }
};

Moments moments_of(double from_s, double to_s, const FrameChoice& choice) {
  BRAID_CHECK(from_s < to_s, data,
              "expected frames in this stretch, got none; leave the cell empty");
  if (choice.count > 0) {
    const double part = (to_s - from_s) / static_cast<double>(choice.count);
    return {from_s + part / 2, part, choice.count};
  }
  const double all = std::ceil((to_s - from_s) * choice.rate_hz - 1e-9);
  const double extra = std::max(0.0, all - static_cast<double>(choice.most));
  const double first = choice.crop == "head"   ? 0
                       : choice.crop == "tail" ? extra
                                               : std::floor(extra / 2);
  BRAID_CHECK(all - extra <= kMostFrames, data, "expected at most {:.0f} frames, got {:.0f}",
              kMostFrames, all - extra);
  return {from_s + first / choice.rate_hz, 1 / choice.rate_hz,
          std::max<int64_t>(1, static_cast<int64_t>(all - extra))};
}

// The latest frame that is not after the moment; before the first it is the first.
const formats::Image& shown_at(const formats::Video& video, double moment_s) {
  const auto after = std::upper_bound(video.frames.begin(), video.frames.end(), moment_s * 1e9,
                                      [](double moment, const formats::Frame& frame) {
                                        return moment < static_cast<double>(frame.time_ns);
                                      });
  return (after == video.frames.begin() ? after : after - 1)->image;
}

std::vector<formats::Image> chosen(const formats::Video& video, const formats::MediaPath& path,
                                   double late_s, const FrameChoice& choice) {
  BRAID_CHECK(!video.frames.empty(), data, "expected frames, got none");
  std::vector<int64_t> times;
  for (const formats::Frame& frame : video.frames) times.push_back(frame.time_ns);
  BRAID_CHECK(std::is_sorted(times.begin(), times.end()), data,
              "expected frames in the order of their times");
  const int64_t step = times.size() > 1 ? std::max<int64_t>(align::median_step(times), 1) : kSecond;
  const double begin = align::seconds(times.front());
  const double end = align::seconds(times.back()) + align::seconds(step);
  const Moments moments =
      moments_of(std::max(path.from_s, begin), std::min(path.to_s, end), choice);
  std::vector<formats::Image> out;
  for (int64_t k = 0; k < moments.num; ++k) out.push_back(shown_at(video, moments.at(k) - late_s));
  return out;
}

std::vector<formats::Image> decode(const std::string& file, const formats::VideoOptions& options) {
  formats::Video video = formats::read_video(file, options);
  std::vector<formats::Image> out;
  for (formats::Frame& frame : video.frames) out.push_back(std::move(frame.image));
  return out;
}

// Where the moments have to be known before anything is decoded: what is late, or cut elsewhere
// than at its end.
std::vector<formats::Image> decode_moments(const formats::MediaPath& path, double late_s,
                                           const FrameChoice& choice,
                                           formats::VideoOptions options) {
  const formats::VideoInfo info = formats::video_info(path.file);
  const double begin = align::seconds(info.start_ns), end = begin + info.duration_s;
  const bool starts_at_frame = choice.count > 0 && path.from_s == 0;
  Moments moments =
      moments_of(starts_at_frame ? begin : path.from_s, std::min(path.to_s, end), choice);
  moments.from_s -= late_s;
  int64_t first = 0, last = moments.num - 1;  // that lie within the video
  while (first < moments.num && moments.at(first) < begin) ++first;
  while (last >= 0 && moments.at(last) >= end) --last;
  options.rate_hz = first <= last ? 1 / moments.step_s : 1 / info.duration_s;
  options.from_s = first <= last ? moments.at(first)
                   : first > 0   ? begin
                                 : std::max(begin, end - 1e-6);
  options.to_s = first <= last ? moments.at(last) + moments.step_s / 2 : end;
  const std::vector<formats::Image> frames = decode(path.file, options);
  BRAID_CHECK(!frames.empty(), data, "{}: expected frames, got none", path.file);
  std::vector<formats::Image> out;
  for (int64_t k = 0; k < moments.num; ++k) {
    const auto place = std::clamp<int64_t>(k - first, 0, static_cast<int64_t>(frames.size()) - 1);
    out.push_back(frames[static_cast<size_t>(place)]);
  }
  return out;
}

}  // namespace

std::vector<formats::Image> read_frames(const Value& value, const FrameChoice& choice) {
  if (const auto* video = std::get_if<formats::Video>(&value)) return chosen(*video, {}, 0, choice);
  const auto* given = std::get_if<Path>(&value);
  BRAID_CHECK(given != nullptr, data, "expected a video, got {}", describe(value));
  const formats::MediaPath path = formats::parse_media_path(given->path);
  check_exists(given->path);
  if (formats::is_npy(path.file))
    return chosen(from_array(path, given->path), path, given->late_s, choice);
  BRAID_CHECK(path.row < 0 && !path.is_audio_track, data,
              "{}: expected a video or a stretch of one, got another part of the file",
              given->path);
  formats::VideoOptions options;
  options.channels = static_cast<int>(choice.channels);
  if (given->late_s != 0 || (choice.rate_hz > 0 && choice.crop != "head"))
    return decode_moments(path, given->late_s, choice, options);
  options.rate_hz = choice.rate_hz;
  options.count = choice.count;
  options.from_s = path.from_s;
  options.to_s = path.to_s;
  if (choice.rate_hz > 0)
    options.to_s = std::min(
        path.to_s, path.from_s + (static_cast<double>(choice.most) - 0.5) / choice.rate_hz);
  return decode(path.file, options);
}

}  // namespace braid::data
