// Dates and times of ISO 8601 and the days that the calendar counts. Internal to timestamps.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::align {

/// What parse_time() tells of iso; false where it is none. Years 1678 to 2261, which fit 64 bits.
bool parse_date_time(std::string_view text, int64_t* time_ns);
/// "2022-02-07T09:52:54.25Z": as many digits of the fraction as it needs.
std::string format_date_time(int64_t time_ns);

}  // namespace braid::align
