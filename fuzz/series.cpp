// Any bytes as a table of samples and as one of events, with and without options: an Error, or
// series and facts that agree with each other and with check().
#include <cstdint>
#include <cstdlib>

#include "align/read_events.h"
#include "align/read_series.h"
#include "core/error.h"

namespace {

using namespace braid::align;

void check_series(std::string_view text, char delimiter, const ReadOptions& options) {
  SeriesFacts facts;
  RawSeries raw;
  try {
    raw = parse_raw_series(text, delimiter, "fuzz", options, &facts);
  } catch (const braid::Error&) {
    return;
  }
  const size_t C = static_cast<size_t>(raw.channels);
  if (raw.times_ns.size() * C != raw.values.size() || facts.rows != raw.size()) std::abort();
  if (facts.channels.size() != C || facts.gaps.size() != C || describe(facts).empty()) std::abort();
  try {
    check({raw.name, raw.times_ns, raw.channels, raw.values});
  } catch (const braid::Error&) {
    if (facts.num_back + facts.num_equal == 0) std::abort();
  }
}

void check_events(std::string_view text, char delimiter, const EventOptions& options) {
  EventFacts facts;
  int64_t rows = 0;
  try {
    for (const auto& [key, events] : parse_events(text, delimiter, "fuzz", options, &facts))
      rows += static_cast<int64_t>(events.size());
  } catch (const braid::Error&) {
    return;
  }
  if (rows != facts.rows || describe(facts).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadOptions at_rate, moved;
  at_rate.rate_hz = 30000.0 / 1001;
  moved.time_column = "column_1";
  moved.unit = TimeUnit::ns;
  moved.clock_offset_ns = -kFarthestNs;
  EventOptions by_key;
  by_key.key_column = "key";
  for (const char delimiter : {',', '\t'}) {
    for (const ReadOptions& options : {ReadOptions(), at_rate, moved})
      check_series(text, delimiter, options);
    for (const EventOptions& options : {EventOptions(), by_key})
      check_events(text, delimiter, options);
  }
  return 0;
}
