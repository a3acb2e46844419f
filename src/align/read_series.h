// Files of samples as series: tables, .npy arrays and sound, with their times found or given.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "align/series.h"
#include "align/timestamps.h"

namespace braid::align {

struct ReadOptions {
  std::string time_column;              // of a table; "" = found by its name
  std::string times_path;               // of a .npy: another one with a time for each row
  TimeUnit unit = TimeUnit::automatic;  // of the times in the file
  double rate_hz = 0;                   // 0 = as the file says
  std::optional<int64_t> start_ns;      // time of the first sample where the file has none; 0
  std::vector<std::string> channels;    // which, and in what order; empty = all
  int64_t clock_offset_ns = 0;          // is added to every time

  int64_t limit_rows = int64_t{1} << 28;     // more is an Error(data)
  uint64_t limit_bytes = uint64_t{1} << 32;  // a larger file is an Error(io)
};

/// A series as its file has it: times may go back or repeat, and there may be no row at all. For
/// those who repair what check() refuses.
struct RawSeries {
  std::string name;
  std::vector<int64_t> times_ns;  // (N) in the file's order
  int64_t channels = 1;
  std::vector<double> values;  // (N, C) row-major; NaN = a gap in that channel

  int64_t size() const { return static_cast<int64_t>(times_ns.size()); }
};

/// What a reader found.
struct SeriesFacts {
  std::string name;
  std::string layout;  // "table with times in column time"
  std::string timing;  // "unit ms: the column is named time_ms", "32 Hz, said by the file"
  int64_t rows = 0;
  std::vector<std::string> channels;
  std::vector<int64_t> gaps;            // (C) how many are NaN
  int64_t first_ns = 0, last_ns = 0;    // of the first and the last row; 0 without rows
  int64_t median_step_ns = 0;           // 0 of fewer than two rows
  double rate_hz = 0;                   // nominal, else of the median step; 0 = unknown
  bool is_from_rate = false;            // the times are counted, the file has none of its own
  int64_t num_back = 0, num_equal = 0;  // times that lie before, or are, the one before
};

/// A file by its extension:
///   .csv .tsv .tab  with a header, a time column and a column for each channel; or with
///                   options.rate_hz, with or without a header; or an Empatica E4 export, known by
///                   its content: Unix start and rate, or Unix start and "IBI", in the first rows.
///   .npy            (N) or (N, C), with options.rate_hz or options.times_path.
///   sound           what formats::decode_audio reads, and a container's "clip.mp4#audio", as one
///                   channel "mono" at the file's rate.
///
/// Units    times as parse_time() and the options have them; values as the file's.
/// Missing  an empty cell, NaN, NA, N/A, null or None is a gap in that channel. A time has to be
///          there. A blank line is skipped where rows have times and refused where the rate counts.
/// Errors   data, with name:line: no time, no number, infinity, rows of another length, more rows
///          than the limit; options.rate_hz further than 1 % from what the file has. shape: a .npy
///          of another rank. usage: options that do not go with the file, an unknown column, an
///          unknown extension, video, a stretch of a sound ("#t="). format, io: as the readers of
///          formats.
/// Cost     one pass over the file; its text is held while it is read, then 8 bytes for every time
///          and value.
RawSeries read_raw_series(const std::string& path, const ReadOptions& options = {},
                          SeriesFacts* facts = nullptr);

/// Errors   data: no row, or nothing but gaps.
void check_measurements(const RawSeries& raw);

/// The same, ready for align().
///
/// Errors   as read_raw_series() and check(). data: no row, or nothing but gaps.
Series read_series(const std::string& path, const ReadOptions& options = {},
                   SeriesFacts* facts = nullptr);

/// read_raw_series() of a table's text. `name` stands for its path.
RawSeries parse_raw_series(std::string_view text, char delimiter, const std::string& name,
                           const ReadOptions& options = {}, SeriesFacts* facts = nullptr);

/// One line: rows, channels, span, rate, gaps, and how it was found.
std::string describe(const SeriesFacts& facts);

}  // namespace braid::align
