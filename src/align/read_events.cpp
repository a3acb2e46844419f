#include "align/read_events.h"

#include <algorithm>
#include <limits>

#include "align/columns.h"
#include "align/series.h"
#include "core/error.h"
#include "core/file.h"

namespace braid::align {
namespace {

// By name_without_unit(); where several stand, the first of a list is taken.
const std::vector<std::string> kStarts = {"start",     "t_start", "start_time", "time_start",
                                          "starttime", "begin",   "t_begin",    "onset"};
const std::vector<std::string> kEnds = {"end",     "t_end", "end_time", "time_end",
                                        "endtime", "stop",  "t_stop",   "offset"};
const std::vector<std::string> kTexts = {"text",  "word",  "label",      "token", "event",
                                         "phone", "class", "trial_type", "name"};

class EventReader {
 public:
  EventReader(std::string_view text, char delimiter, const std::string& name,
              const EventOptions& options, EventFacts* facts)
      : rows_(text, delimiter, name), options_(options), facts_(facts) {
    facts_->name = name;
    facts_->timing = "no rows";
  }

  Events read() {
    const formats::CsvRows begin = rows_;
    Cells cells;
    int64_t line = 1;
    if (!rows_.next_row(&cells, &line)) return {};
    name_columns(cells, line);
    find_columns(cells, line);
    if (!columns_.has_header) rows_ = begin;
    Events events;
    for (; rows_.next_row(&cells, &line); ++facts_->rows) {
      BRAID_CHECK(facts_->rows < options_.limit_rows, data,
                  "{}: expected at most {} rows, got more; raise limit_rows, or split the file",
                  rows_.name(), options_.limit_rows);
      rows_.check_num_cells(cells.size(), columns_.size(), line);
      if (facts_->rows == 0) choose_units(cells);
      const std::string key(key_ == kNoColumn ? std::string_view() : cells[key_]);
      add(event(cells, line), key, line, &events[key]);
    }
    facts_->keys = static_cast<int64_t>(events.size());
    return events;
  }

 private:
  std::string where(int64_t line, size_t column) const {
    return fmt::format("{}:{}: {}", rows_.name(), line, columns_.names[column]);
  }

  static bool is_number(std::string_view cell) {
    double value = 0;
    return looks_like_date(cell) || (parse_sample(cell, &value) && value == value);
  }

  void name_columns(const Cells& first, int64_t line) {
    columns_.has_header = std::none_of(first.begin(), first.end(), is_number);
    for (size_t c = 0; c < first.size(); ++c)
      columns_.names.push_back(columns_.has_header ? std::string(trimmed(first[c]))
                                                   : fmt::format("column_{}", c + 1));
    formats::check_column_names(columns_.names, rows_.name(), line);
  }

  size_t given_or(const std::string& given, const char* option, size_t found) const {
    return given.empty() ? found : find_column(columns_, given, rows_.name(), option);
  }

  size_t named(const std::vector<std::string>& names) const {
    for (const std::string& name : names)
      for (size_t c = 0; c < columns_.size(); ++c)
        if (name_without_unit(columns_.names[c]) == name) return c;
    return kNoColumn;
  }

  size_t guess_start(int64_t line) const {
    const size_t start = named(kStarts);
    if (start != kNoColumn) return start;
    std::vector<std::string> found;
    size_t place = kNoColumn;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (!is_time_name(columns_.names[c])) continue;
      found.push_back(columns_.names[c]);
      place = c;
    }
    BRAID_CHECK(
        found.size() == 1, data,
        "{}:{}: start: expected one column named as starts are (start, t_start, time, "
        "start_ms, ...), got {}; name it with start_column (in a table of streams time_column)",
        rows_.name(), line, list_names(found.empty() ? columns_.names : found));
    return place;
  }

  size_t find_key() const {
    const std::string& key = options_.key_column;
    const bool is_there =
        std::find(columns_.names.begin(), columns_.names.end(), key) != columns_.names.end();
    if (!is_there && options_.is_key_optional) return kNoColumn;
    return given_or(key, "key_column", kNoColumn);
  }

  void take_name(const char* what, size_t column, std::string* name) {
    if (column == kNoColumn) return;
    *name = columns_.names[column];
    facts_->layout += fmt::format(", {} {}", what, *name);
  }

  void find_columns(const Cells& first, int64_t line) {
    size_t start = 0, end = kNoColumn, text = kNoColumn;
    if (columns_.has_header) {
      start = options_.start_column.empty() ? guess_start(line) : kNoColumn;
      end = named(kEnds);
      text = named(kTexts);
    } else if (options_.start_column.empty()) {
      if (columns_.size() > 1 && is_number(first[1])) end = 1;
      text = end == kNoColumn ? 1 : 2;
      if (text >= columns_.size()) text = kNoColumn;
    }
    start_ = given_or(options_.start_column, "start_column", start);
    end_ = given_or(options_.end_column, "end_column", end);
    text_ = given_or(options_.text_column, "text_column", text);
    key_ = find_key();
    for (const std::string& value : options_.value_columns)
      values_.push_back(find_column(columns_, value, rows_.name(), "value_columns"));
    facts_->layout = "start " + columns_.names[start_];
    facts_->start_column = columns_.names[start_];
    take_name("end", end_, &facts_->end_column);
    take_name("text", text_, &facts_->text_column);
    take_name("key", key_, &facts_->key_column);
    if (!options_.value_columns.empty())
      facts_->layout += ", values " + list_names(options_.value_columns);
  }

  void choose_units(const Cells& cells) {
    const UnitChoice choice = choose_unit(options_.unit, columns_.names[start_], cells[start_]);
    start_unit_ = end_unit_ = choice.unit;
    facts_->timing = choice.why;
    if (end_ == kNoColumn || options_.unit != TimeUnit::automatic) return;
    if (start_unit_ == TimeUnit::iso) return;
    end_unit_ = unit_in_name(columns_.names[end_]).value_or(start_unit_);
    if (end_unit_ != start_unit_)
      facts_->timing += fmt::format(", {} {}", columns_.names[end_], to_string(end_unit_));
  }

  int64_t time(const Cells& cells, size_t column, TimeUnit unit, int64_t line) const {
    int64_t time_ns = 0;
    if (parse_time(cells[column], unit, &time_ns) != TimeProblem::none)
      read_time(cells[column], unit, where(line, column));
    if (options_.clock_offset_ns == 0) return time_ns;
    return add_times(time_ns, options_.clock_offset_ns, where(line, column));
  }

  Event event(const Cells& cells, int64_t line) const {
    Event event;
    event.start_ns = event.end_ns = time(cells, start_, start_unit_, line);
    if (end_ != kNoColumn && !trimmed(cells[end_]).empty())
      event.end_ns = time(cells, end_, end_unit_, line);
    BRAID_CHECK(event.end_ns >= event.start_ns, data,
                "{}: expected an end that is not before its start, got one {} before; correct the "
                "row",
                where(line, end_), format_duration(event.start_ns - event.end_ns));
    if (text_ != kNoColumn) event.text = cells[text_];
    for (const size_t c : values_) {
      double value = 0;
      BRAID_CHECK(parse_sample(cells[c], &value), data,
                  "{}: expected a finite number or an empty cell, got {}; correct it, or leave the "
                  "column out of value_columns",
                  where(line, c), shown(cells[c]));
      event.values.push_back(value);
    }
    return event;
  }

  void add(Event event, const std::string& key, int64_t line, std::vector<Event>* events) const {
    BRAID_CHECK(events->empty() || event.start_ns >= events->back().start_ns, data,
                "{}: expected a time that is not before that of the row before{}, got one {} "
                "before; sort the rows by time",
                where(line, start_), key_ == kNoColumn ? "" : " of " + shown(key),
                format_duration(events->back().start_ns - event.start_ns));
    events->push_back(std::move(event));
  }

  formats::CsvRows rows_;
  const EventOptions& options_;
  EventFacts* facts_;
  TableColumns columns_;
  size_t start_ = 0, end_ = kNoColumn, text_ = kNoColumn, key_ = kNoColumn;
  std::vector<size_t> values_;
  TimeUnit start_unit_ = TimeUnit::s, end_unit_ = TimeUnit::s;
};

}  // namespace

Events parse_events(std::string_view text, char delimiter, const std::string& name,
                    const EventOptions& options, EventFacts* facts) {
  EventFacts found;
  Events events = EventReader(text, delimiter, name, options, &found).read();
  if (facts != nullptr) *facts = std::move(found);
  return events;
}

Events read_events(const std::string& path, const EventOptions& options, EventFacts* facts) {
  const char delimiter = delimiter_of(path);
  BRAID_CHECK(delimiter != '\0', usage,
              "{}: expected a table of events (.csv, .tsv or .tab), got the extension '{}'; export "
              "it as CSV",
              path, extension_of(path));
  return parse_events(read_file(path, options.limit_bytes), delimiter, path, options, facts);
}

std::string describe(const EventFacts& facts) {
  return fmt::format("{}: {} event{} of {} key{}; {}; {}", facts.name, facts.rows,
                     facts.rows == 1 ? "" : "s", facts.keys, facts.keys == 1 ? "" : "s",
                     facts.layout.empty() ? "no columns" : facts.layout, facts.timing);
}

}  // namespace braid::align
