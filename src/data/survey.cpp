#include "data/survey.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/file.h"
#include "core/thread_pool.h"
#include "data/cells.h"
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

void survey_audio(const std::string& path, Surveyed* out) {
  const std::string bytes = read_file(path);
  out->hash = hash_bytes(bytes);
  formats::AudioInfo info;
  const formats::Audio audio = formats::decode_audio(bytes, path, /*rate_hz=*/0, &info);
  out->rate_hz = info.rate_hz;
  out->channels = info.channels;
  out->duration_s = info.duration_s;
  // One step of 16-bit sound is 3e-5.
  out->is_silent = std::all_of(audio.samples.begin(), audio.samples.end(),
                               [](float x) { return std::abs(x) < 1e-4f; });
}

void survey_embedding(const std::string& path, Surveyed* out) {
  const size_t hash = path.rfind('#');
  double row = 0;
  const bool has_row =
      hash != std::string::npos &&
      read_number(std::string_view(path).substr(hash + 1), &row) == NumberCell::number;
  const formats::NpyArray array =
      has_row ? formats::read_npy_row(path.substr(0, hash), static_cast<int64_t>(row))
              : formats::read_npy(path);
  const auto& values = array.values;
  out->hash =
      hash_bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
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
