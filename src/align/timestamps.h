// Times as text and numbers, in the units that files have, to whole nanoseconds and back.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace braid::align {

/// Times lie within this of zero (146 years; of 1970: from 1823 to 2116), so that the difference of
/// two of them fits 64 bits.
constexpr int64_t kFarthestNs = INT64_MAX / 2;

enum class TimeUnit { automatic, s, ms, us, ns, iso };
/// "auto", "s", "ms", "us", "ns", "iso".
const char* to_string(TimeUnit unit);
/// Errors: usage, with the nearest known name.
TimeUnit parse_time_unit(const std::string& name);

enum class TimeProblem { none, not_a_time, out_of_range };

/// A cell's time in ns; blanks around it do not count.
///
/// Numbers in s, ms, us or ns may have a sign, a fraction and an exponent. They are read digit by
/// digit, so "1234567890.123456789" s keeps every one; what lies below 1 ns is rounded, halves away
/// from zero. iso is a date (2024-03-01), then 'T' or a blank, hh:mm, :ss, a fraction after '.' or
/// ',', and a zone: Z, +hh:mm, +hhmm or +hh. Without a zone it is UTC; a date alone is its
/// midnight.
///
/// Units    ns since 1970 (UTC) for iso; since the file's own zero for numbers.
/// Errors   none, it says what is wrong. A leap second, 23:59:60 UTC, is the next second, as Unix
///          clocks have it; a second 60 anywhere else is not a time.
TimeProblem parse_time(std::string_view cell, TimeUnit unit, int64_t* time_ns);
/// Errors: data, opened by `where`.
int64_t read_time(std::string_view cell, TimeUnit unit, const std::string& where);
/// A number in `unit`, in ns. Errors: data, opened by `where`: NaN or out of range.
int64_t time_of(double value, TimeUnit unit, const std::string& where);

/// a + b. Errors: data, opened by `where`, where the sum is further than kFarthestNs.
int64_t add_times(int64_t a_ns, int64_t b_ns, const std::string& where);

/// Whether it begins like 2024-03-01.
bool looks_like_date(std::string_view cell);
/// Whether a number of that unit lies from 2000 to 2100 as a Unix time.
bool looks_like_unix_time(double value, TimeUnit unit);

/// The unit that ends a column's name: ms of "time_ms", "t [ms]", "timeMs" or "milliseconds".
std::optional<TimeUnit> unit_in_name(std::string_view column);
/// The words of a column's name in small letters without that unit: "t_start" of "T start (ms)".
std::string name_without_unit(std::string_view column);
/// Whether a column is named as times are: time, timestamp, t, unix_time, datetime, seconds, ...;
/// with or without a unit.
bool is_time_name(std::string_view column);

struct UnitChoice {
  TimeUnit unit;    // not automatic
  std::string why;  // "unit ms: the column is named time_ms"
};

/// The unit of a column: the given one; iso where its first cell begins like a date; the one in its
/// name; the one in which the first cell is a Unix time from 2000 to 2100; else seconds.
UnitChoice choose_unit(TimeUnit given, std::string_view column, std::string_view first_cell);

/// start + i / rate for i below `count`, each rounded to a whole ns on its own, so nothing
/// accumulates. Exact for a rate of up to ten digits; else as exact as the double is.
///
/// Errors   usage, opened by `where`: a rate that is not above 0 and at most 1e9. data: times
///          further than kFarthestNs.
std::vector<int64_t> sample_times(int64_t start_ns, double rate_hz, int64_t count,
                                  const std::string& where);

/// A cell for a message: in quotes, on one line, the first 40 bytes or so.
std::string shown(std::string_view cell);
/// For people: "2022-02-07T09:52:54.25Z", or "12.5 s" within three years of zero.
std::string format_time(int64_t time_ns);

}  // namespace braid::align
