#include "data/read_measurements.h"

#include <algorithm>
#include <cmath>

#include "align/read_series.h"
#include "data/prepare_kinds.h"
#include "formats/media_path.h"
#include "formats/npy.h"

namespace braid::data {
namespace {

constexpr int64_t kSecond = 1000000000;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Measurements from_array(const formats::MediaPath& path, const std::string& name) {
  const formats::NpyArray array =
      path.row < 0 ? formats::read_npy(path.file) : formats::read_npy_row(path.file, path.row);
  BRAID_CHECK(array.shape.size() == 1 || array.shape.size() == 2, data,
              "{}: expected ticks (T) or (T, C), got {} axes; name a row as in \"{}#0\"", name,
              array.shape.size(), path.file);
  Measurements out;
  out.series.name = name;
  out.series.channels = array.shape.size() == 2 ? array.shape[1] : 1;
  out.series.values = array.values;
  BRAID_CHECK(out.series.channels > 0, data, "{}: expected channels, got none", name);
  // What fills up a shorter sample of an array is no part of it.
  int64_t T = array.shape[0];
  const auto is_blank = [&](int64_t t) {
    const auto row = out.series.values.begin() + t * out.series.channels;
    return std::all_of(row, row + out.series.channels, [](double x) { return std::isnan(x); });
  };
  while (T > 1 && is_blank(T - 1)) --T;
  out.series.values.resize(static_cast<size_t>(T * out.series.channels));
  for (int64_t t = 0; t < T; ++t) out.series.times_ns.push_back(t * kSecond);
  for (int64_t c = 0; c < out.series.channels; ++c) out.channels.push_back(std::to_string(c));
  return out;
}

Measurements from_file(const formats::MediaPath& path, const std::string& name) {
  align::ReadOptions options;
  align::SeriesFacts facts;
  Measurements out;
  out.series = align::read_series(path.file, options, &facts);
  out.series.name = name;
  out.channels = facts.channels;
  return out;
}

// What lies in [from, to) of the file's own clock.
void keep_stretch(const formats::MediaPath& path, align::Series* series) {
  const auto ns = [](double s) { return align::nearest_whole(s * 1e9); };
  const auto begin = series->times_ns.begin();
  const auto first = std::lower_bound(begin, series->times_ns.end(), ns(path.from_s)) - begin;
  const auto end = std::isinf(path.to_s)
                       ? static_cast<int64_t>(series->times_ns.size())
                       : std::lower_bound(begin, series->times_ns.end(), ns(path.to_s)) - begin;
  BRAID_CHECK(first < end, data, "{}: expected measurements in this stretch, got none",
              series->name);
  align::Series kept;
  kept.name = series->name;
  kept.channels = series->channels;
  kept.times_ns.assign(begin + first, begin + end);
  kept.values.assign(series->values.begin() + first * series->channels,
                     series->values.begin() + end * series->channels);
  *series = std::move(kept);
}

}  // namespace

Measurements read_measurements(const Value& value) {
  Measurements out;
  formats::MediaPath path;
  if (const auto* series = std::get_if<align::Series>(&value)) {
    out.series = *series;
    for (int64_t c = 0; c < series->channels; ++c) out.channels.push_back(std::to_string(c));
  } else {
    const auto* given = std::get_if<Path>(&value);
    BRAID_CHECK(given != nullptr, data, "expected a series, got {}", describe(value));
    path = formats::parse_media_path(given->path);
    check_exists(path.file);
    out =
        ends_with(path.file, ".npy") ? from_array(path, given->path) : from_file(path, given->path);
  }
  align::Series& series = out.series;
  const std::string name = series.name.empty() ? "" : series.name + ": ";
  BRAID_CHECK(series.size() > 0, data, "{}expected measurements, got none", name);
  align::check(series);
  if (path.has_stretch()) keep_stretch(path, &series);
  const int64_t zero =
      path.has_stretch() ? align::nearest_whole(path.from_s * 1e9) : series.times_ns.front();
  for (int64_t& time_ns : series.times_ns) time_ns -= zero;
  bool has_any = false;
  for (double& x : series.values) {
    x = static_cast<float>(x);
    BRAID_CHECK(!std::isinf(x), data, "{}expected values that float32 holds, got a larger one",
                name);
    has_any = has_any || !std::isnan(x);
  }
  BRAID_CHECK(has_any, data, "{}expected a measurement, got gaps alone; leave the cell empty",
              name);
  return out;
}

}  // namespace braid::data
