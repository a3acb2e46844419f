#include "align/civil_time.h"

#include <fmt/format.h>

namespace braid::align {
namespace {

constexpr int64_t kSecond = 1000000000, kDaySeconds = 86400;
constexpr int kFirstYear = 1678, kLastYear = 2261;  // what 64 bits of ns hold whole

bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// Days from 1970-01-01 to the first of that year.
int64_t days_before(int64_t year) {
  const auto leap_years_until = [](int64_t last) { return last / 4 - last / 100 + last / 400; };
  return 365 * (year - 1970) + leap_years_until(year - 1) - leap_years_until(1969);
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits.
  bool take_number(size_t count, int* number) {
    if (text_.size() < count) return false;
    int value = 0;
    for (const char c : text_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    *number = value;
    return true;
  }
  /// Any number of digits after the point, at least one, rounded to ns.
  bool take_fraction(int64_t* ns) {
    int digit = 0, place = 0;
    *ns = 0;
    for (; take_number(1, &digit); ++place)
      *ns = place < 9 ? *ns * 10 + digit : *ns + (place == 9 && digit >= 5 ? 1 : 0);
    const bool has_digits = place > 0;
    for (; place < 9; ++place) *ns *= 10;
    return has_digits;
  }

 private:
  std::string_view text_;
};

// Z, +hh:mm, +hhmm, +hh or nothing.
bool take_zone(Scanner* scanner, int64_t* zone_seconds) {
  *zone_seconds = 0;
  if (scanner->at_end() || scanner->take('Z') || scanner->take('z')) return true;
  const bool is_west = scanner->take('-');
  if (!is_west && !scanner->take('+')) return false;
  int hours = 0, minutes = 0;
  if (!scanner->take_number(2, &hours)) return false;
  if (!scanner->at_end()) {
    scanner->take(':');
    if (!scanner->take_number(2, &minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  *zone_seconds = (hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
  return true;
}

bool take_date(Scanner* scanner, int64_t* days) {
  int year = 0, month = 0, day = 0;
  if (!scanner->take_number(4, &year) || !scanner->take('-') || !scanner->take_number(2, &month) ||
      !scanner->take('-') || !scanner->take_number(2, &day))
    return false;
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1 ||
      day > days_in(year, month))
    return false;
  *days = days_before(year) + day - 1;
  for (int m = 1; m < month; ++m) *days += days_in(year, m);
  return true;
}

}  // namespace

bool parse_date_time(std::string_view text, int64_t* time_ns) {
  Scanner scanner(text);
  int64_t days = 0, fraction_ns = 0, zone_seconds = 0;
  if (!take_date(&scanner, &days)) return false;
  *time_ns = days * kDaySeconds * kSecond;
  if (scanner.at_end()) return true;
  int hour = 0, minute = 0, second = 0;
  if (!scanner.take('T') && !scanner.take('t') && !scanner.take(' ')) return false;
  if (!scanner.take_number(2, &hour) || !scanner.take(':') || !scanner.take_number(2, &minute))
    return false;
  if (scanner.take(':')) {
    if (!scanner.take_number(2, &second)) return false;
    if ((scanner.take('.') || scanner.take(',')) && !scanner.take_fraction(&fraction_ns))
      return false;
  }
  if (!take_zone(&scanner, &zone_seconds) || !scanner.at_end()) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  const int64_t minute_start = days * kDaySeconds + hour * 3600 + minute * 60 - zone_seconds;
  const bool ends_a_day = (minute_start % kDaySeconds + 60) % kDaySeconds == 0;
  if (second == 60 && !ends_a_day) return false;
  *time_ns = (minute_start + second) * kSecond + fraction_ns;
  return true;
}

std::string format_date_time(int64_t time_ns) {
  int64_t seconds = time_ns / kSecond, ns = time_ns % kSecond;
  if (ns < 0) ns += kSecond, --seconds;
  int64_t days = seconds / kDaySeconds, second = seconds % kDaySeconds;
  if (second < 0) second += kDaySeconds, --days;
  int64_t year = 1970 + days / 366 - (days < 0 ? 2 : 0);
  while (days_before(year + 1) <= days) ++year;
  int64_t day = days - days_before(year);
  int month = 1;
  while (day >= days_in(year, month)) day -= days_in(year, month++);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day + 1,
                                 second / 3600, second / 60 % 60, second % 60);
  if (ns > 0) {
    text += fmt::format(".{:09}", ns);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

}  // namespace braid::align
