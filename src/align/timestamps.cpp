#include "align/timestamps.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "align/civil_time.h"
#include "align/columns.h"
#include "align/series.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kSecond = 1000000000;
// From automatic to iso.
const char* const kUnitNames[] = {"auto", "s", "ms", "us", "ns", "iso"};
const char* const kTimeNames[] = {
    "time",       "times",     "t",         "ts",       "timestamp", "time_stamp",
    "timestamps", "unix",      "unix_time", "unixtime", "epoch",     "date",
    "datetime",   "date_time", "utc",       "utc_time", "elapsed",   "elapsed_time"};

// Digits after the point that make up a nanosecond.
int digits_of(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::ms:
      return 6;
    case TimeUnit::us:
      return 3;
    case TimeUnit::ns:
      return 0;
    default:
      return 9;
  }
}

double ns_of(TimeUnit unit) { return std::pow(10.0, digits_of(unit)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number's digits without its point, which stands before digit `point`.
struct Digits {
  std::string_view whole, fraction;
  bool is_negative = false;
  int64_t point = 0;

  int64_t size() const { return static_cast<int64_t>(whole.size() + fraction.size()); }
  // 0 outside.
  unsigned at(int64_t i) const {
    if (i < 0 || i >= size()) return 0;
    const size_t place = static_cast<size_t>(i);
    const char c = place < whole.size() ? whole[place] : fraction[place - whole.size()];
    return static_cast<unsigned>(c - '0');
  }
};

std::string_view take_digits(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && is_digit((*text)[end])) ++end;
  const std::string_view digits = text->substr(0, end);
  text->remove_prefix(end);
  return digits;
}

bool take_one_of(std::string_view* text, std::string_view characters) {
  if (text->empty() || characters.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

bool split_number(std::string_view text, Digits* digits) {
  digits->is_negative = !text.empty() && text.front() == '-';
  take_one_of(&text, "+-");
  digits->whole = take_digits(&text);
  if (take_one_of(&text, ".")) digits->fraction = take_digits(&text);
  digits->point = static_cast<int64_t>(digits->whole.size());
  if (digits->size() == 0) return false;
  if (take_one_of(&text, "eE")) {
    take_one_of(&text, "+");
    int exponent = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (code != std::errc() || std::abs(exponent) > 1000) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    digits->point += exponent;
  }
  return text.empty();
}

TimeProblem parse_number_time(std::string_view text, TimeUnit unit, int64_t* time_ns) {
  Digits digits;
  if (!split_number(text, &digits)) return TimeProblem::not_a_time;
  const int64_t end = digits.point + digits_of(unit);
  uint64_t ns = 0;
  for (int64_t i = 0; i < end; ++i) {
    const uint64_t digit = digits.at(i);
    if (ns > (static_cast<uint64_t>(kFarthestNs) - digit) / 10) return TimeProblem::out_of_range;
    ns = ns * 10 + digit;
  }
  if (digits.at(end) >= 5) ++ns;
  if (ns > static_cast<uint64_t>(kFarthestNs)) return TimeProblem::out_of_range;
  *time_ns = digits.is_negative ? -static_cast<int64_t>(ns) : static_cast<int64_t>(ns);
  return TimeProblem::none;
}

// "time", "ms" of "timeMs", "time_ms" and "Time [ms]".
std::vector<std::string> words_of(std::string_view column) {
  std::vector<std::string> words;
  bool is_open = false, was_small = false;
  for (const char c : column) {
    const bool is_big = c >= 'A' && c <= 'Z', is_small = c >= 'a' && c <= 'z';
    const bool is_word = is_big || is_small || is_digit(c) || (c & 0x80) != 0;
    if (is_word) {
      if (!is_open || (is_big && was_small)) words.emplace_back();
      words.back() += is_big ? static_cast<char>(c - 'A' + 'a') : c;
    }
    is_open = is_word;
    was_small = is_small;
  }
  return words;
}

std::optional<TimeUnit> unit_word(const std::string& word) {
  static const std::pair<TimeUnit, std::vector<std::string>> kWords[] = {
      {TimeUnit::s, {"s", "sec", "secs", "second", "seconds"}},
      {TimeUnit::ms, {"ms", "msec", "msecs", "millis", "millisecond", "milliseconds"}},
      {TimeUnit::us,
       {"us", "\xC2\xB5s", "\xCE\xBCs", "usec", "usecs", "micros", "microsecond", "microseconds"}},
      {TimeUnit::ns, {"ns", "nsec", "nsecs", "nanos", "nanosecond", "nanoseconds"}}};
  for (const auto& [unit, words] : kWords)
    if (std::find(words.begin(), words.end(), word) != words.end()) return unit;
  return std::nullopt;
}

// rate = samples / seconds in whole numbers; false where ten digits do not hold it.
bool as_ratio(double rate_hz, uint64_t* samples, uint64_t* seconds) {
  double scaled = rate_hz, scale = 1;
  for (; scaled <= 9e9 && scale <= 1e9; scale *= 10, scaled = rate_hz * scale) {
    *samples = static_cast<uint64_t>(std::llround(scaled));
    *seconds = static_cast<uint64_t>(scale);
    if (*samples > 0 && static_cast<double>(*samples) / scale == rate_hz) return true;
  }
  return false;
}

}  // namespace

const char* to_string(TimeUnit unit) { return kUnitNames[static_cast<size_t>(unit)]; }

TimeUnit parse_time_unit(const std::string& name) {
  const auto found = std::find(std::begin(kUnitNames), std::end(kUnitNames), name);
  BRAID_CHECK(found != std::end(kUnitNames), usage, "{}",
              unknown_name("time unit", name, {std::begin(kUnitNames), std::end(kUnitNames)}));
  return static_cast<TimeUnit>(found - std::begin(kUnitNames));
}

TimeProblem parse_time(std::string_view cell, TimeUnit unit, int64_t* time_ns) {
  BRAID_ASSERT(unit != TimeUnit::automatic);
  const std::string_view text = trimmed(cell);
  if (unit != TimeUnit::iso) return parse_number_time(text, unit, time_ns);
  if (!parse_date_time(text, time_ns)) return TimeProblem::not_a_time;
  return std::abs(*time_ns) <= kFarthestNs ? TimeProblem::none : TimeProblem::out_of_range;
}

int64_t read_time(std::string_view cell, TimeUnit unit, const std::string& where) {
  int64_t time_ns = 0;
  const TimeProblem problem = parse_time(cell, unit, &time_ns);
  BRAID_CHECK(problem != TimeProblem::out_of_range, data,
              "{}: expected a time within 146 years of zero (as a date: 1823 to 2116), got {}; "
              "is it {}?",
              where, shown(cell), unit == TimeUnit::iso ? "the right year" : to_string(unit));
  BRAID_CHECK(problem == TimeProblem::none || unit == TimeUnit::iso, data,
              "{}: expected a number of {}, got {}; correct or remove the row, or give the "
              "unit",
              where, to_string(unit), shown(cell));
  BRAID_CHECK(problem == TimeProblem::none, data,
              "{}: expected a date and time such as 2024-03-01T12:30:00.5Z, got {}; correct or "
              "remove the row, or give the unit",
              where, shown(cell));
  return time_ns;
}

int64_t time_of(double value, TimeUnit unit, const std::string& where) {
  BRAID_CHECK(std::isfinite(value), data, "{}: expected a number of {}, got {}", where,
              to_string(unit), value);
  const long double ns = static_cast<long double>(value) * static_cast<long double>(ns_of(unit));
  BRAID_CHECK(std::abs(ns) <= static_cast<long double>(kFarthestNs), data,
              "{}: expected a time within 146 years of zero, got {}; is it {}?", where, value,
              to_string(unit));
  return std::llround(ns);
}

int64_t add_times(int64_t a_ns, int64_t b_ns, const std::string& where) {
  int64_t sum = 0;
  BRAID_CHECK(
      !__builtin_add_overflow(a_ns, b_ns, &sum) && sum <= kFarthestNs && sum >= -kFarthestNs, data,
      "{}: expected times within 146 years of zero, got {} + {} ns; is the offset right?", where,
      a_ns, b_ns);
  return sum;
}

bool looks_like_date(std::string_view cell) {
  const std::string_view text = trimmed(cell);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (!is_digit(text[i])) return false;
  return true;
}

bool looks_like_unix_time(double value, TimeUnit unit) {
  const double seconds = value * ns_of(unit) * 1e-9;
  return seconds >= 946684800 && seconds < 4102444800;  // the years 2000 to 2099
}

std::optional<TimeUnit> unit_in_name(std::string_view column) {
  const std::vector<std::string> words = words_of(column);
  return words.empty() ? std::nullopt : unit_word(words.back());
}

std::string name_without_unit(std::string_view column) {
  std::vector<std::string> words = words_of(column);
  if (words.size() > 1 && unit_word(words.back())) words.pop_back();
  return fmt::format("{}", fmt::join(words, "_"));
}

bool is_time_name(std::string_view column) {
  const std::string name = name_without_unit(column);
  // Units in full are times; "s" or "ms" alone may be anything.
  if (name.size() > 5 && unit_word(name)) return true;
  return std::find(std::begin(kTimeNames), std::end(kTimeNames), name) != std::end(kTimeNames);
}

UnitChoice choose_unit(TimeUnit given, std::string_view column, std::string_view first_cell) {
  if (given != TimeUnit::automatic)
    return {given, fmt::format("unit {}: as given", to_string(given))};
  if (looks_like_date(first_cell))
    return {TimeUnit::iso, "dates of ISO 8601 (UTC where they name no zone)"};
  if (const auto unit = unit_in_name(column))
    return {*unit, fmt::format("unit {}: the column is named {}", to_string(*unit), column)};
  const std::string text(trimmed(first_cell));
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc())
    for (const TimeUnit unit : {TimeUnit::s, TimeUnit::ms, TimeUnit::us, TimeUnit::ns})
      if (looks_like_unix_time(value, unit))
        return {unit, fmt::format("unit {}: {} looks like a Unix time", to_string(unit), text)};
  return {TimeUnit::s, fmt::format("unit s: neither the name {} nor the values tell another",
                                   column.empty() ? "(none)" : column)};
}

std::vector<int64_t> sample_times(int64_t start_ns, double rate_hz, int64_t count,
                                  const std::string& where) {
  BRAID_CHECK(rate_hz > 0 && rate_hz <= 1e9, usage,
              "{}: rate: expected above 0 and at most 1e9 Hz, got {}", where, rate_hz);
  std::vector<int64_t> times(static_cast<size_t>(count));
  if (count == 0) return times;
  const long double last_ns = static_cast<long double>(count - 1) / rate_hz * 1e9L;
  BRAID_CHECK(last_ns + std::abs(static_cast<long double>(start_ns)) <
                  static_cast<long double>(kFarthestNs),
              data, "{}: expected times within 146 years of zero, got {} samples at {} Hz", where,
              count, rate_hz);
  uint64_t samples = 0, seconds = 0;
  const bool is_ratio = as_ratio(rate_hz, &samples, &seconds) && count <= int64_t{1} << 32;
  for (int64_t i = 0; i < count; ++i) {
    int64_t since_start = 0;
    if (is_ratio) {
      const uint64_t scaled = static_cast<uint64_t>(i) * seconds;
      since_start = static_cast<int64_t>(scaled / samples) * kSecond +
                    static_cast<int64_t>((scaled % samples * kSecond + samples / 2) / samples);
    } else {
      since_start = std::llround(static_cast<long double>(i) * 1e9L / rate_hz);
    }
    times[static_cast<size_t>(i)] = start_ns + since_start;
  }
  return times;
}

std::string shown(std::string_view cell) {
  constexpr size_t kMost = 40;
  size_t end = std::min(cell.size(), kMost);
  while (end < cell.size() && (cell[end] & 0xC0) == 0x80) ++end;  // to the end of a character
  std::string text(cell.substr(0, end));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return fmt::format("\"{}{}\"", text, end < cell.size() ? "..." : "");
}

std::string format_time(int64_t time_ns) {
  constexpr int64_t kThreeYears = 3 * 365 * 86400 * kSecond;
  return std::abs(time_ns) < kThreeYears ? format_duration(time_ns) : format_date_time(time_ns);
}

}  // namespace braid::align
