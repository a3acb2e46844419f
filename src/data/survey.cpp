#include "data/survey.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/file.h"
#include "core/thread_pool.h"
#include "data/cells.h"
#include "data/read_frames.h"
#include "data/read_measurements.h"
#include "formats/media_path.h"
#include "formats/npy.h"

namespace braid::data {
namespace {

void survey_image(const std::string& path, Surveyed* out) {
  const std::string bytes = read_file(path);
  out->hash = hash_bytes(bytes);
  const formats::Image image = formats::decode_image(bytes, path);
  out->width = image.width;
  out->height = image.height;
  out->channels = image.channels;
}

template <class T>
uint64_t hash_values(const std::vector<T>& values) {
  return hash_bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

void survey_audio(const std::string& path, Surveyed* out) {
  formats::AudioInfo info;
  const formats::Audio audio = formats::read_audio(path, /*rate_hz=*/0, &info);
  out->hash = hash_values(audio.samples);
  out->rate_hz = info.rate_hz;
  out->channels = info.channels;
  out->duration_s = info.duration_s;
  // One step of 16-bit sound is 3e-5.
  out->is_silent = std::all_of(audio.samples.begin(), audio.samples.end(),
                               [](float x) { return std::abs(x) < 1e-4f; });
}

void survey_series(const std::string& path, Surveyed* out) {
  const Measurements read = read_measurements(Path{path});
  const align::Series& series = read.series;
  const int64_t step_ns = align::median_step(series.times_ns);
  out->hash = hash_bytes({reinterpret_cast<const char*>(series.times_ns.data()),
                          series.times_ns.size() * sizeof(int64_t)},
                         hash_values(series.values));
  out->channels = static_cast<double>(series.channels);
  out->height = static_cast<double>(series.size());
  out->rate_hz =
      step_ns > 0 ? std::stod(fmt::format("{:.6g}", 1e9 / static_cast<double>(step_ns))) : 0;
  out->duration_s = align::seconds(series.times_ns.back() - series.times_ns.front());
}

// The packets alone: no frame is decoded.
void survey_video(const std::string& path, Surveyed* out) {
  const formats::MediaPath media = formats::parse_media_path(path);
  if (formats::is_npy(media.file)) {
    const auto frames = read_frames(Path{path}, {/*rate_hz=*/1, /*count=*/0});
    for (const formats::Image& frame : frames)
      out->hash = hash_bytes(
          {reinterpret_cast<const char*>(frame.pixels.data()), frame.pixels.size()}, out->hash);
    out->width = frames[0].width;
    out->height = frames[0].height;
    out->rate_hz = 1;
    out->duration_s = static_cast<double>(frames.size());
    return;
  }
  const std::string bytes = read_file(media.file);
  out->hash = hash_bytes(path.substr(media.file.size()), hash_bytes(bytes));
  const formats::VideoInfo info = formats::decode_video_info(bytes, media.file);
  out->width = info.width;
  out->height = info.height;
  out->rate_hz = std::round(info.rate_hz * 1000) / 1000;
  out->duration_s = std::min(media.to_s, info.duration_s) - media.from_s;
  BRAID_CHECK(out->duration_s > 0, data, "{}: expected frames in this stretch, got {} s of video",
              path, info.duration_s);
  if (info.is_truncated) out->note = info.note;
}

void survey_volume(const std::string& path, Surveyed* out) {
  const formats::Volume volume = formats::read_volume(path);
  out->hash = hash_values(volume.values);
  out->width = static_cast<double>(volume.width);
  out->height = static_cast<double>(volume.height);
  out->channels = static_cast<double>(volume.depth);
}

void survey_embedding(const std::string& path, Surveyed* out) {
  const formats::MediaPath media = formats::parse_media_path(path);
  const formats::NpyArray array =
      media.row >= 0 ? formats::read_npy_row(media.file, media.row) : formats::read_npy(media.file);
  const auto& values = array.values;
  out->hash = hash_values(values);
  out->height = array.shape.size() > 1 ? static_cast<double>(array.shape[0]) : 1;
  out->width = out->height > 0 ? static_cast<double>(values.size()) / out->height : 0;
  const auto bad =
      std::find_if(values.begin(), values.end(), [](double x) { return !std::isfinite(x); });
  BRAID_CHECK(bad == values.end(), data,
              "{}: expected finite values, got {} at position {}; make the file anew", path, *bad,
              bad - values.begin());
}

void survey_text(const std::string& text, Surveyed* out) {
  out->hash = hash_bytes(trimmed(text));
  bool is_inside = false;
  for (const char c : text) {
    const bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');
    out->width += !is_blank && !is_inside ? 1 : 0;
    is_inside = !is_blank;
  }
}

Surveyed survey_value(Kind kind, const Value& value) {
  Surveyed result;
  result.is_present = true;
  const Path* path = std::get_if<Path>(&value);
  if (path != nullptr) result.file = path->path;
  try {
    if (kind == Kind::text)
      survey_text(std::get<std::string>(value), &result);
    else if (kind == Kind::image)
      survey_image(path->path, &result);
    else if (kind == Kind::audio)
      survey_audio(path->path, &result);
    else if (kind == Kind::series)
      survey_series(path->path, &result);
    else if (kind == Kind::video)
      survey_video(path->path, &result);
    else if (kind == Kind::volume)
      survey_volume(path->path, &result);
    else
      survey_embedding(path->path, &result);
    result.is_readable = true;
  } catch (const Error& e) {
    result.problem = e.what();
  }
  return result;
}

bool has_cells(const Modality& modality) {
  const bool is_of_columns =
      modality.kind == Kind::embedding && modality.fields[0] != modality.name;
  return modality.kind != Kind::tabular && !is_of_columns;
}

}  // namespace

std::vector<std::vector<Surveyed>> survey(const Dataset& dataset, int num_threads,
                                          const Sinks& sinks) {
  const std::vector<Modality>& modalities = dataset.modalities();
  std::vector<std::vector<Surveyed>> found(modalities.size());
  for (size_t m = 0; m < modalities.size(); ++m)
    if (has_cells(modalities[m])) found[m].resize(dataset.size());
  std::mutex mutex;
  int64_t num_done = 0;
  parallel_for(dataset.size(), num_threads, [&](int64_t row) {
    const Sample sample = dataset.sample(row);
    for (size_t m = 0; m < modalities.size(); ++m) {
      const auto value = sample.values.find(modalities[m].name);
      if (!found[m].empty() && value != sample.values.end())
        found[m][row] = survey_value(modalities[m].kind, value->second);
    }
    const std::lock_guard<std::mutex> lock(mutex);
    if (++num_done % 100 == 0 || num_done == dataset.size())
      sinks.tick({"inspect", num_done, dataset.size(), ""});
  });
  return found;
}

}  // namespace braid::data
