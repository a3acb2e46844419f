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
  for (int64_t t = 0; t < array.shape[0]; ++t) out.series.times_ns.push_back(t * kSecond);
  for (int64_t c = 0; c < out.series.channels; ++c) out.channels.push_back(std::to_string(c));
  return out;
}

Measurements from_file(const formats::MediaPath& path, const std::string& name) {
  BRAID_CHECK(path.row < 0, data, "{}: expected a row of a .npy array alone, got one of {}", name,
              path.file);
  align::SeriesFacts facts;
  Measurements out;
  try {
    out.series = align::read_series(path.file + (path.is_audio_track ? "#audio" : ""), {}, &facts);
  } catch (const Error& e) {  // a cell that names no series is bad data, not a wrong call
    if (e.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::data, e.what());
  }
  out.series.name = name;
  out.channels = facts.channels;
  return out;
}

int64_t to_ns(double s) { return align::nearest_whole(s * 1e9); }

// What is shown of it, from 0 on: a stretch of the file's own clock, or all; late by late_ns.
void keep_stretch(const formats::MediaPath& path, int64_t late_ns, align::Series* series) {
  const std::vector<int64_t>& times = series->times_ns;
  const int64_t from_ns = path.from_s > 0 ? to_ns(path.from_s) : times.front();
  const int64_t to =
      std::isinf(path.to_s) ? align::saturating_add(times.back(), 1) : to_ns(path.to_s);
  const int64_t zero_ns = align::saturating_sub(from_ns, late_ns);
  const auto first = std::lower_bound(times.begin(), times.end(), zero_ns) - times.begin();
  const auto end =
      std::lower_bound(times.begin(), times.end(), align::saturating_sub(to, late_ns)) -
      times.begin();
  align::Series kept;
  kept.name = series->name;
  kept.channels = series->channels;
  if (first < end) {
    kept.times_ns.assign(times.begin() + first, times.begin() + end);
    kept.values.assign(series->values.begin() + first * series->channels,
                       series->values.begin() + end * series->channels);
  }
  for (int64_t& time_ns : kept.times_ns) time_ns -= zero_ns;
  *series = std::move(kept);
}

// What fills up a shorter sample of an array is no part of it, nor of one in memory.
void drop_last_gaps(align::Series* series) {
  const auto C = static_cast<size_t>(series->channels);
  size_t T = series->times_ns.size();
  const auto is_blank = [&](size_t t) {
    const auto row = series->values.begin() + static_cast<int64_t>(t * C);
    return std::all_of(row, row + series->channels, [](double x) { return std::isnan(x); });
  };
  while (T > 1 && is_blank(T - 1)) --T;
  series->times_ns.resize(T);
  series->values.resize(T * C);
}

}  // namespace

Measurements read_measurements(const Value& value) {
  Measurements out;
  formats::MediaPath path;
  double late_s = 0;
  if (const auto* series = std::get_if<align::Series>(&value)) {
    out.series = *series;
    if (out.series.name.empty()) out.series.name = "series";
    for (int64_t c = 0; c < series->channels; ++c) out.channels.push_back(std::to_string(c));
  } else {
    const auto* given = std::get_if<Path>(&value);
    BRAID_CHECK(given != nullptr, data, "expected a series, got {}", describe(value));
    path = formats::parse_media_path(given->path);
    late_s = given->late_s;
    check_exists(given->path);
    out = formats::is_npy(path.file) ? from_array(path, given->path) : from_file(path, given->path);
  }
  align::Series& series = out.series;
  BRAID_CHECK(series.size() > 0, data, "{}: expected measurements, got none", series.name);
  align::check(series);
  keep_stretch(path, to_ns(late_s), &series);
  if (series.size() == 0 && late_s != 0) return out;
  BRAID_CHECK(series.size() > 0, data,
              "{}: expected measurements in this stretch, got none; leave the cell empty",
              series.name);
  drop_last_gaps(&series);
  bool has_any = false;
  for (double& x : series.values) {
    x = static_cast<float>(x);
    BRAID_CHECK(!std::isinf(x), data,
                "{}: expected values that float32 holds, got a larger one; change its unit",
                series.name);
    has_any = has_any || !std::isnan(x);
  }
  if (!has_any && late_s != 0) series.times_ns.clear(), series.values.clear();
  BRAID_CHECK(has_any || late_s != 0, data,
              "{}: expected a measurement, got gaps alone; leave the cell empty", series.name);
  return out;
}

}  // namespace braid::data
