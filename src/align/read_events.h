// Tables of events: words with times, detections, button presses; several rows for each sample.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "align/timestamps.h"

namespace braid::align {

struct Event {
  int64_t start_ns = 0;
  int64_t end_ns = 0;  // the start of what takes no time
  std::string text;
  std::vector<double> values;  // as options.value_columns; NaN = not there
};

struct EventOptions {
  std::string start_column;                // "" = found by its name: start, t_start, time, ...
  std::string end_column;                  // "" = found: end, t_end, stop, ...; or none
  std::string text_column;                 // "" = found: text, word, label, ...; or none
  std::vector<std::string> value_columns;  // none unless named
  std::string key_column;                  // rows with the same cell belong together; "" = all do
  bool is_key_optional = false;            // in a table without that column all belong together
  TimeUnit unit = TimeUnit::automatic;     // of start and end
  int64_t clock_offset_ns = 0;             // is added to every time

  int64_t limit_rows = int64_t{1} << 28;     // more is an Error(data)
  uint64_t limit_bytes = uint64_t{1} << 32;  // a larger file is an Error(io)
};

/// Events by key, in the order of time; the key is "" without a key column.
using Events = std::map<std::string, std::vector<Event>>;

/// What a reader found.
struct EventFacts {
  std::string name;
  int64_t rows = 0;
  int64_t keys = 0;
  std::string layout;  // "start t_start, end t_end, text label, key clip"
  std::string start_column, end_column, text_column, key_column;  // "" where there is none
  std::string timing;  // "unit ms: the column is named start_ms"
};

/// CSV or TSV by extension. Without a header, which a first row with a number or date is not, the
/// columns are column_1 and so on: the start, an end where it is a number too, and the text.
///
/// Units    as parse_time(); an end is in the start's unit unless its own name tells another.
/// Missing  an empty end is the start. An empty value is NaN. A file without rows, even an empty
///          one, holds no events: nobody pressed the button.
/// Errors   data, with name:line: no time, an end before its start, a start before that of the row
///          before with the same key, no number, no or several columns that may be the start, more
///          rows than the limit. usage: an unknown column or extension. format, io: as read_table.
/// Cost     one pass; the text is held while it is read.
Events read_events(const std::string& path, const EventOptions& options = {},
                   EventFacts* facts = nullptr);
/// The same of a table's text. `name` stands for its path.
Events parse_events(std::string_view text, char delimiter, const std::string& name,
                    const EventOptions& options = {}, EventFacts* facts = nullptr);

/// One line for people.
std::string describe(const EventFacts& facts);

}  // namespace braid::align
