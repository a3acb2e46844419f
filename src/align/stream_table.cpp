#include "align/stream_table.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "align/columns.h"
#include "align/stream_form.h"
#include "core/error.h"
#include "core/file.h"

namespace braid::align {
namespace {

const std::vector<std::string> kKeys = {"participant", "subject", "session", "recording", "key",
                                        "clip",        "id",      "person",  "speaker"};
const std::vector<std::string> kOptional = {"rate_hz", "offset",   "start",  "time_column",
                                            "unit",    "channels", "method", "tolerance"};

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> split(std::string_view text, char delimiter) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(delimiter);
    const std::string part(trimmed(text.substr(0, end)));
    if (!part.empty()) parts.push_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

class TableReader {
 public:
  TableReader(const formats::Table& table, std::string folder)
      : table_(table), folder_(std::move(folder)) {}

  StreamTable read(const std::string& key_column) {
    StreamTable streams;
    streams.name = table_.name();
    for (const char* required : {"stream", "file"})
      BRAID_CHECK(table_.column(required) >= 0, usage,
                  "{}: expected a column \"{}\", got {}; a table of streams has a row for each "
                  "stream with its name and its file",
                  table_.name(), required, list_names(table_.columns()));
    BRAID_CHECK(table_.num_rows() > 0, data, "{}: expected rows, got none; list the streams",
                table_.name());
    streams.key_column = key_of(key_column);
    for (const std::string& column : table_.columns())
      if (column != "stream" && column != "file" && column != streams.key_column &&
          !contains(kOptional, column))
        streams.ignored.push_back(column);
    for (int64_t row = 0; row < table_.num_rows(); ++row) add(row, &streams);
    return streams;
  }

 private:
  std::string key_of(const std::string& given) const {
    if (!given.empty()) {
      find_column({table_.columns(), true}, given, table_.name(), "--key");
      return given;
    }
    std::vector<std::string> found;
    for (const std::string& name : kKeys)
      if (table_.column(name) >= 0) found.push_back(name);
    BRAID_CHECK(found.size() < 2, usage,
                "{}: key: expected one column that says which recording a row belongs to, got {}; "
                "name it with --key",
                table_.name(), list_names(found));
    return found.empty() ? "" : found[0];
  }

  std::string cell(int64_t row, const std::string& column) const {
    const int64_t place = column.empty() ? -1 : table_.column(column);
    return place < 0 ? "" : std::string(trimmed(table_.cell(row, place)));
  }

  std::string where(int64_t row, const char* column) const {
    return fmt::format("{}:{}: {}", table_.name(), table_.line(row), column);
  }

  std::string required(int64_t row, const std::string& column, const char* what) const {
    const std::string text = cell(row, column);
    BRAID_CHECK(!text.empty(), data, "{}: expected {}, got an empty cell; fill it in",
                where(row, column.c_str()), what);
    return text;
  }

  double rate(int64_t row) const {
    const std::string text = cell(row, "rate_hz");
    if (text.empty() || text == "irregular") return 0;
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    BRAID_CHECK(*end == '\0' && std::isfinite(value) && value > 0, data,
                "{}: expected a number above 0, \"irregular\" or an empty cell, got {}",
                where(row, "rate_hz"), shown(text));
    return value;
  }

  int64_t duration(int64_t row, const char* column) const {
    try {
      return parse_duration(cell(row, column), where(row, column));
    } catch (const Error& e) {
      throw Error(ErrorKind::data, e.what());
    }
  }

  ReadOptions read_options(int64_t row) const {
    ReadOptions read;
    read.rate_hz = rate(row);
    if (!cell(row, "offset").empty()) read.clock_offset_ns = duration(row, "offset");
    const std::string start = cell(row, "start"), unit = cell(row, "unit");
    if (!start.empty())
      read.start_ns = read_time(start, looks_like_date(start) ? TimeUnit::iso : TimeUnit::s,
                                where(row, "start"));
    read.time_column = cell(row, "time_column");
    read.channels = split(cell(row, "channels"), ';');
    try {
      if (!unit.empty()) read.unit = parse_time_unit(unit);
    } catch (const Error& e) {
      rethrow_with(e, where(row, "unit"));
    }
    return read;
  }

  void add(int64_t row, StreamTable* streams) {
    StreamEntry entry;
    if (!streams->key_column.empty())
      entry.key = required(row, streams->key_column, "the key of a recording");
    entry.stream = required(row, "stream", "a stream's name");
    const std::string file = required(row, "file", "the path of a file");
    entry.path = join_path(folder_, file);
    entry.is_path_absolute = std::filesystem::path(file).is_absolute();
    entry.line = table_.line(row);
    entry.read = read_options(row);
    entry.method = cell(row, "method");
    if (!entry.method.empty()) check_method_word(entry.method);
    if (!cell(row, "tolerance").empty()) {
      entry.tolerance_ns = duration(row, "tolerance");
      BRAID_CHECK(*entry.tolerance_ns >= 0, data, "{}: expected 0 or more, got {}",
                  where(row, "tolerance"), format_duration(*entry.tolerance_ns));
    }
    const auto [first, is_new] = lines_.insert({{entry.key, entry.stream}, entry.line});
    BRAID_CHECK(is_new, data,
                "{}:{}: expected each stream once in a recording, got {} again, which line {} has; "
                "take one row out, or give the streams two names",
                table_.name(), entry.line, shown(entry.label()), first->second);
    if (!contains(streams->keys, entry.key)) streams->keys.push_back(entry.key);
    if (!contains(streams->streams, entry.stream)) streams->streams.push_back(entry.stream);
    streams->entries.push_back(std::move(entry));
  }

  const formats::Table& table_;
  std::string folder_;
  std::map<std::pair<std::string, std::string>, int64_t> lines_;
};

}  // namespace

const StreamEntry* StreamTable::find(const std::string& key, const std::string& stream) const {
  for (const StreamEntry& entry : entries)
    if (entry.key == key && entry.stream == stream) return &entry;
  return nullptr;
}

StreamTable parse_stream_table(const formats::Table& table, const std::string& folder,
                               const std::string& key_column) {
  return TableReader(table, folder).read(key_column);
}

StreamTable read_stream_table(const std::string& path, const std::string& key_column) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return parse_stream_table(formats::read_table(path), folder, key_column);
}

std::string file_stem(const std::string& text) {
  std::string stem;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    stem += is_plain ? c : '_';
  }
  if (stem.empty() || stem[0] == '.') stem.insert(0, "_");
  return stem;
}

}  // namespace braid::align
