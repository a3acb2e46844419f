#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "align/clock_check.h"
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
  if (facts != nullptr) *facts = std::move(found);
  return series;
}

}  // namespace braid::align
