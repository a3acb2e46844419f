// The table that lists streams: which file holds which stream of which recording, and what its
// clock needs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "align/read_series.h"
#include "formats/table.h"

namespace braid::align {

struct StreamEntry {
  std::string key;                // which recording; "" without a key column
  std::string stream;             // "eda"
  std::string path;               // relative ones start at the table's folder
  bool is_path_absolute = false;  // as the table has it
  int64_t line = 0;               // of the table
  ReadOptions read;
  std::string method;                   // or a form's word; "" = chosen for the stream
  std::optional<int64_t> tolerance_ns;  // empty = chosen for the stream

  /// "S02 eda", or "eda" without a key.
  std::string label() const { return key.empty() ? stream : key + " " + stream; }
};

struct StreamTable {
  std::string name;                  // the file, for messages
  std::string key_column;            // "" = all rows are one recording
  std::vector<std::string> keys;     // in order of first appearance
  std::vector<std::string> streams;  // in order of first appearance
  std::vector<StreamEntry> entries;
  std::vector<std::string> ignored;  // columns that mean nothing here

  /// nullptr where the recording has no such stream.
  const StreamEntry* find(const std::string& key, const std::string& stream) const;
};

/// A CSV, TSV or JSONL table with the columns
///   stream, file   what and where; required.
///   a key          `key_column`, or the only one of participant, subject, session, recording, key,
///                  clip, id, person, speaker. Rows of one key are one recording.
///   rate_hz        empty or "irregular" = as the file says.
///   offset         is added to the stream's times: "20ms", "-1.5 s", a bare number is seconds.
///   start          time of the first sample of a file without times: seconds or a date.
///   time_column, unit, channels (joined by ';'), method, tolerance   as ReadOptions and Options;
///                  the methods "cut" and "text" are no values at ticks (stream_form.h).
/// Every other column is named in `ignored`. An empty cell is as if the column were not there.
///
/// Errors   data, with name:line: no row, an empty stream or file, a stream that stands twice for
///          one key, a cell that cannot be read. usage: a missing or unknown column, several that
///          may be the key, an unknown extension. config: an unknown method. format, io: as
///          read_table().
StreamTable read_stream_table(const std::string& path, const std::string& key_column = "");
StreamTable parse_stream_table(const formats::Table& table, const std::string& folder,
                               const std::string& key_column = "");

/// Letters, digits, '.', '_' and '-' of `text`, all else as '_': for names of files. Never empty,
/// never opened by a point.
std::string file_stem(const std::string& text);

}  // namespace braid::align
