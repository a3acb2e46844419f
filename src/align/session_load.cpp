#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "align/clock_check.h"
#include "align/series_parts.h"
#include "align/session.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// The first row whose time is not after that of the row before; 0 = none.
size_t first_unordered(const std::vector<int64_t>& times_ns) {
  for (size_t i = 1; i < times_ns.size(); ++i)
    if (times_ns[i] <= times_ns[i - 1]) return i;
  return 0;
}

void refuse_unordered(const Series& series, size_t first) {
  int64_t num_back = 0, num_equal = 0;
  for (size_t i = 1; i < series.times_ns.size(); ++i) {
    if (series.times_ns[i] < series.times_ns[i - 1]) ++num_back;
    if (series.times_ns[i] == series.times_ns[i - 1]) ++num_equal;
  }
  fail(ErrorKind::data,
       "{}: times: expected each one after that of the row before, got {} that go back and {} that "
       "repeat, the first at row {} ({} after {}); give --repair to have them sorted and dropped, "
       "each one counted",
       series.name, num_back, num_equal, first + 1, format_time(series.times_ns[first]),
       format_time(series.times_ns[first - 1]));
}

Series repaired(const Series& series, StreamFacts* facts) {
  RepairedTimes result = repair_times(series);
  for (const TimeChange& change : result.changes)
    ++facts->repairs[fmt::format("{}, {}", to_string(change.action), to_string(change.reason))];
  return std::move(result.series);
}

// What the times say of the clock. Times that are counted from a rate say nothing.
void judge_times(const std::string& name, const std::vector<int64_t>& times_ns,
                 StreamFacts* facts) {
  facts->measured_hz = facts->rate_ppm = facts->end_error_s = kUnknown;
  if (facts->file.is_from_rate) return;
  TimeCheckOptions options;
  options.rate_hz = facts->nominal_hz;
  const TimeCheck check = check_times(name, times_ns, options);
  facts->measured_hz = check.measured_hz;
  facts->rate_ppm = check.rate_error_ppm;
  facts->end_error_s = check.end_error_ns * 1e-9;
  for (const TimeFinding& finding : check.findings) facts->findings.push_back(finding.message);
}

}  // namespace

void standardize(Series* series) {
  const auto C = static_cast<size_t>(series->channels);
  for (size_t c = 0; c < C; ++c) {
    double count = 0, sum = 0, squares = 0;
    for (size_t i = c; i < series->values.size(); i += C)
      if (!std::isnan(series->values[i])) ++count, sum += series->values[i];
    const double mean = count > 0 ? sum / count : 0;
    for (size_t i = c; i < series->values.size(); i += C)
      if (!std::isnan(series->values[i])) squares += std::pow(series->values[i] - mean, 2);
    double deviation = count > 0 ? std::sqrt(squares / count) : 1;
    if (deviation <= 1e-12 * std::fabs(mean) || deviation < 1e-30) deviation = 1;
    for (size_t i = c; i < series->values.size(); i += C)
      series->values[i] = (series->values[i] - mean) / deviation;
  }
}

Series load_stream(const StreamEntry& entry, bool repairs, StreamFacts* facts) {
  StreamFacts found;
  RawSeries raw = read_raw_series(entry.path, entry.read, &found.file);
  check_measurements(raw);
  Series series = {std::move(raw.name), std::move(raw.times_ns), raw.channels,
                   std::move(raw.values)};
  if (facts != nullptr) {
    found.nominal_hz = entry.read.rate_hz;
    if (found.file.is_from_rate) found.nominal_hz = found.file.rate_hz;
    judge_times(series.name, series.times_ns, &found);
  }
  const size_t unordered = first_unordered(series.times_ns);
  if (unordered > 0 && !repairs) refuse_unordered(series, unordered);
  if (unordered > 0 || (repairs && !found.file.is_from_rate)) series = repaired(series, &found);
  check(series);
  found.rows = series.size();
  found.first_ns = series.times_ns.front();
  found.last_ns = series.times_ns.back();
  found.median_step_ns = median_step(series.times_ns);
  found.end_ns = found.last_ns + std::max<int64_t>(1, found.median_step_ns);
  if (facts != nullptr) *facts = std::move(found);
  return series;
}

StreamFacts load_media(const StreamEntry& entry) {
  const ReadOptions& read = entry.read;
  check_options(entry.path, read);
  refuse_time_column(entry.path, read);
  StreamFacts facts;
  facts.media = read_media(entry.path);
  const MediaFacts& media = facts.media;
  const bool is_video = media.kind == MediaKind::video;
  facts.file.channels = {is_video ? "frames" : "mono"};
  choose_channels(facts.file.channels, entry.path, read);
  check_given_rate(media.rate_hz, entry.path, read);
  const int64_t zero_ns =
      add_times(read.start_ns.value_or(0), read.clock_offset_ns, entry.path + ": clock offset");
  facts.rows = facts.file.rows = media.count;
  facts.nominal_hz = facts.file.rate_hz = media.rate_hz;
  facts.measured_hz = facts.rate_ppm = facts.end_error_s = kUnknown;
  facts.median_step_ns = std::max<int64_t>(1, nearest_whole(1e9 / media.rate_hz));
  facts.first_ns = add_times(zero_ns, media.start_ns, entry.path);
  facts.end_ns = add_times(zero_ns, media.end_ns, entry.path);
  facts.last_ns = facts.end_ns - facts.median_step_ns;
  facts.file.name = entry.path;
  facts.file.layout = to_string(media.kind);
  facts.file.gaps = {0};
  facts.file.is_from_rate = true;
  facts.file.timing = fmt::format("{:.6g} Hz, said by the file, from {}", media.rate_hz,
                                  format_time(read.start_ns.value_or(0)));
  if (!media.note.empty()) facts.findings.push_back(fmt::format("{}: {}", entry.path, media.note));
  return facts;
}

}  // namespace braid::align
