#include "align/align.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "align/timestamps.h"
#include "core/error.h"
#include "core/registry.h"

namespace braid::align {

#include "align/table.inc"

namespace {

const char* const kOrigins[] = {"missing", "measured", "interpolated", "held", "aggregated"};
const char* const kGaps[] = {"mask", "hold", "fail"};

Channel channel_of(const Series& series, int64_t c) {
  Channel channel;
  channel.times_ns.reserve(series.times_ns.size());
  channel.values.reserve(series.times_ns.size());
  for (size_t i = 0; i < series.times_ns.size(); ++i) {
    const double value =
        series.values[i * static_cast<size_t>(series.channels) + static_cast<size_t>(c)];
    if (std::isnan(value)) continue;
    channel.times_ns.push_back(series.times_ns[i]);
    channel.values.push_back(value);
  }
  return channel;
}

void hold(const Channel& channel, const std::vector<int64_t>& ticks_ns, int64_t hold_ns,
          Column* column) {
  Cursor cursor(channel.times_ns);
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    const int64_t newest = cursor.newest_before(ticks_ns[t]);
    if (column->origins[t] != Origin::missing || newest < 0) continue;
    const size_t i = static_cast<size_t>(newest);
    if (ticks_ns[t] - channel.times_ns[i] <= hold_ns)
      column->set(t, channel.values[i], Origin::held, channel.times_ns[i]);
  }
}

void check_ticks(const std::vector<int64_t>& ticks_ns) {
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    BRAID_CHECK(ticks_ns[t] >= -kFarthestNs && ticks_ns[t] <= kFarthestNs, usage,
                "ticks: expected times within 146 years of 0, got {} ns; give nanoseconds",
                ticks_ns[t]);
    BRAID_CHECK(t == 0 || ticks_ns[t] > ticks_ns[t - 1], usage,
                "ticks: expected ascending times, got tick {} {} before the one before it", t + 1,
                format_duration(ticks_ns[t - 1] - ticks_ns[t]));
  }
}

}  // namespace

const char* to_string(Origin origin) { return kOrigins[static_cast<int>(origin)]; }

const char* to_string(Gap gap) { return kGaps[static_cast<int>(gap)]; }

Gap parse_gap(const std::string& name) {
  for (int i = 0; i < static_cast<int>(std::size(kGaps)); ++i)
    if (name == kGaps[i]) return static_cast<Gap>(i);
  throw Error(ErrorKind::usage,
              unknown_name("gap policy", name, {std::begin(kGaps), std::end(kGaps)}));
}

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

const Method& find(const std::string& name) {
  return find_method(methods(), "alignment method", name);
}

bool is_aggregate(const Method& method) {
  Column column = {{0}, {Origin::missing}, {kNever}};
  Options options;
  options.window_ns = 10;
  method.fill({{0, 4}, {1, 1}}, {5}, options, &column);
  return column.origins[0] == Origin::aggregated;
}

void check(const Options& options, const std::string& where) {
  for (const auto& [name, value] :
       {std::pair("tolerance", options.tolerance_ns), std::pair("window", options.window_ns),
        std::pair("hold", options.hold_ns)})
    BRAID_CHECK(value >= 0, usage, "{}: {}: expected 0 or more, got {}", where, name,
                format_duration(value));
}

void fill_column(const Channel& channel, const Method& method, const std::vector<int64_t>& ticks_ns,
                 const Options& options, Column* column) {
  method.fill(channel, ticks_ns, options, column);
  if (options.gap == Gap::hold) hold(channel, ticks_ns, options.hold_ns, column);
}

int64_t window_of(const std::vector<int64_t>& ticks_ns, const Options& options) {
  if (options.window_ns > 0) return options.window_ns;
  const int64_t step = median_step(ticks_ns);
  return step > 0 ? step : INT64_MAX;  // a single tick has no step: all that is before it
}

namespace {

void refuse_gap(const Series& series, size_t channel, const Method& method,
                const std::vector<int64_t>& ticks_ns, const Column& column) {
  for (size_t t = 0; t < ticks_ns.size(); ++t)
    BRAID_CHECK(column.origins[t] != Origin::missing, data,
                "{}: channel {}: no value by \"{}\" at tick {}, {} after the first; allow a larger "
                "tolerance, or mask or hold gaps",
                series.name, channel + 1, method.name, t + 1,
                format_duration(ticks_ns[t] - ticks_ns[0]));
}

}  // namespace

Aligned align(const Series& series, const Method& method, const std::vector<int64_t>& ticks_ns,
              const Options& options) {
  check(series);
  check_ticks(ticks_ns);
  check(options, series.name);
  const size_t T = ticks_ns.size(), C = static_cast<size_t>(series.channels);
  Aligned aligned;
  aligned.channels = series.channels;
  Column column;
  for (size_t c = 0; c < C; ++c) {
    column.values.assign(T, std::numeric_limits<double>::quiet_NaN());
    column.origins.assign(T, Origin::missing);
    column.used_ns.assign(T, kNever);
    fill_column(channel_of(series, static_cast<int64_t>(c)), method, ticks_ns, options, &column);
    if (options.gap == Gap::fail) refuse_gap(series, c, method, ticks_ns, column);
    if (C == 1) break;  // the column is the result: touching its memory twice is what costs
    aligned.values.resize(T * C);
    aligned.origins.resize(T * C);
    aligned.used_ns.resize(T * C);
    for (size_t t = 0; t < T; ++t) {
      aligned.values[t * C + c] = column.values[t];
      aligned.origins[t * C + c] = column.origins[t];
      aligned.used_ns[t * C + c] = column.used_ns[t];
    }
  }
  if (C == 1) {
    aligned.values = std::move(column.values);
    aligned.origins = std::move(column.origins);
    aligned.used_ns = std::move(column.used_ns);
  }
  return aligned;
}

}  // namespace braid::align
