// What the readers of tables and of arrays share. Internal to the readers of streams.
#pragma once
#include <string>
#include <vector>

#include "align/read_series.h"

namespace braid::align {

/// Errors: usage, a rate that is none.
void check_options(const std::string& name, const ReadOptions& options);
/// Errors: data, where there are more than options.limit_rows.
void check_rows(int64_t rows, const std::string& name, const ReadOptions& options);
/// Errors: data, where options.rate_hz is given and further than 1 % from `rate_hz`, the file's.
void check_given_rate(double rate_hz, const std::string& name, const ReadOptions& options);
/// The same for times that the file has: neither their median nor their mean step agrees, the mean
/// because times in whole milliseconds have no other sign of 64 Hz.
void check_given_rate(const std::vector<int64_t>& times_ns, const std::string& name,
                      const ReadOptions& options);
/// Errors: usage, where options.time_column is given to a file without columns.
void refuse_time_column(const std::string& name, const ReadOptions& options);
/// Errors: usage, where options.start_ns is given to a file that has its own times.
void refuse_start(const std::string& name, const ReadOptions& options);
/// Places of options.channels among `names`, or all. Errors: usage, unknown or named twice.
std::vector<size_t> choose_channels(const std::vector<std::string>& names, const std::string& file,
                                    const ReadOptions& options);
/// The clock offset, and the facts that the series itself shows. `facts` holds the names.
///
/// Errors   data: infinity, times out of range.
void finish(const ReadOptions& options, RawSeries* raw, SeriesFacts* facts);

}  // namespace braid::align
