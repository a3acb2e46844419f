// Tables of samples: with a time column, at a rate, or as the Empatica E4 writes them.
#include <algorithm>
#include <limits>

#include "align/columns.h"
#include "align/series_parts.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kFastestE4Hz = 10000;

// How the rows of one table become samples.
struct Plan {
  size_t time_column = kNoColumn;  // none: the rate says the times
  TimeUnit unit = TimeUnit::s;
  int64_t start_ns = 0;  // of the first row, or of zero in the time column
  double rate_hz = 0;
  TableColumns columns;
  std::vector<size_t> channels;
};

bool all_cells(const Cells& cells, double least, double most) {
  double value = 0;
  return std::all_of(cells.begin(), cells.end(), [&](std::string_view cell) {
    return parse_sample(cell, &value) && value >= least && value <= most;
  });
}

bool is_unix_time(std::string_view cell) {
  double value = 0;
  return parse_sample(cell, &value) && looks_like_unix_time(value, TimeUnit::s);
}

// Two cells, a start and the word.
bool begins_e4_beats(const Cells& first) {
  return first.size() == 2 && is_unix_time(first[0]) && trimmed(first[1]) == "IBI";
}

// A start, then a rate, for every channel.
bool begins_e4_samples(const Cells& first, const Cells& second) {
  return first.size() == second.size() && std::all_of(first.begin(), first.end(), is_unix_time) &&
         all_cells(second, 0, kFastestE4Hz);
}

class TableReader {
 public:
  TableReader(std::string_view text, char delimiter, const std::string& name,
              const ReadOptions& options, SeriesFacts* facts)
      : rows_(text, delimiter, name), text_(text), options_(options), facts_(facts) {
    check_options(name, options);
    BRAID_CHECK(options.times_path.empty(), usage,
                "{}: times_path: expected none for a table, got {}; name a time column", name,
                options.times_path);
  }

  RawSeries read() {
    plan();
    facts_->channels.clear();
    for (const size_t c : plan_.channels) facts_->channels.push_back(plan_.columns.names[c]);
    raw_.name = rows_.name();
    raw_.channels = static_cast<int64_t>(plan_.channels.size());
    read_rows();
    if (plan_.time_column == kNoColumn)
      raw_.times_ns = sample_times(plan_.start_ns, plan_.rate_hz, num_rows_, rows_.name());
    else
      check_given_rate(raw_.times_ns, rows_.name(), options_);
    const std::string start = rows_.name() + ": start";
    if (plan_.time_column != kNoColumn && plan_.start_ns != 0)
      for (int64_t& time : raw_.times_ns) time = add_times(time, plan_.start_ns, start);
    facts_->rate_hz = plan_.rate_hz;
    finish(options_, &raw_, facts_);
    return std::move(raw_);
  }

 private:
  std::string where(int64_t line, const std::string& what) const {
    return fmt::format("{}:{}: {}", rows_.name(), line, what);
  }

  // Leaves rows_ before the first sample and line_ at the line before.
  void plan() {
    const formats::CsvRows begin = rows_;
    Cells first, second;
    BRAID_CHECK(rows_.next_row(&first, &line_), data,
                "{}:1: expected rows of samples, got an empty file; is the stream recorded at all?",
                rows_.name());
    formats::CsvRows probe = rows_;
    int64_t second_line = line_;
    const bool has_second = probe.next_row(&second, &second_line);
    const bool may_be_e4 = options_.time_column.empty();
    if (may_be_e4 && begins_e4_beats(first)) return plan_e4_beats(first);
    if (may_be_e4 && has_second && begins_e4_samples(first, second)) {
      plan_e4_samples(first, second);
      rows_ = std::move(probe);
      line_ = second_line;
      return;
    }
    plan_.columns = columns_of(first, rows_.name(), line_);
    plan_times(first, has_second ? second : Cells());
    plan_channels();
    if (plan_.columns.has_header) return;
    rows_ = begin;
    --line_;
  }

  void plan_e4_beats(const Cells& first) {
    refuse_start(rows_.name(), options_);
    plan_.start_ns = read_time(first[0], TimeUnit::s, where(line_, "start"));
    plan_.time_column = 0;
    plan_.columns.names = {"offset", "IBI"};
    plan_channels();
    facts_->layout = "Empatica E4, beats: start in the first row, then offset and interval";
    facts_->timing = "offsets in s after the start " + format_time(plan_.start_ns);
  }

  void plan_e4_samples(const Cells& first, const Cells& second) {
    refuse_start(rows_.name(), options_);
    double rate_hz = 0, other = 0;
    parse_sample(second[0], &rate_hz);
    plan_.start_ns = read_time(first[0], TimeUnit::s, where(line_, "start"));
    for (size_t c = 1; c < first.size(); ++c) {
      parse_sample(second[c], &other);
      BRAID_CHECK(read_time(first[c], TimeUnit::s, where(line_, "start")) == plan_.start_ns &&
                      other == rate_hz,
                  data,
                  "{}: expected one start and one rate for all columns of an Empatica E4 export, "
                  "got others in column {}; split the file",
                  where(line_, "start and rate"), c + 1);
    }
    BRAID_CHECK(rate_hz > 0, data, "{}: expected a rate above 0 Hz, got {}; is the export whole?",
                where(line_ + 1, "rate"), trimmed(second[0]));
    check_given_rate(rate_hz, rows_.name(), options_);
    plan_.rate_hz = rate_hz;
    const std::vector<std::string> axes = {"x", "y", "z"};  // of ACC.csv, the only one of several
    if (first.size() == 1) plan_.columns.names = {stem_of(rows_.name())};
    if (first.size() == 3) plan_.columns.names = axes;
    for (size_t c = plan_.columns.size(); c < first.size(); ++c)
      plan_.columns.names.push_back(fmt::format("column_{}", c + 1));
    plan_channels();
    facts_->layout = "Empatica E4: start and rate in the first two rows, then samples";
    facts_->timing =
        fmt::format("{} Hz from {}, said by the file", rate_hz, format_time(plan_.start_ns));
  }

  size_t guess_time_column(const Cells& first) const {
    const TableColumns& columns = plan_.columns;
    std::vector<std::string> found;
    size_t place = kNoColumn;
    for (size_t c = 0; c < columns.size(); ++c) {
      const bool is_date = !columns.has_header && looks_like_date(first[c]);
      if (!is_date && !is_time_name(columns.names[c])) continue;
      found.push_back(columns.names[c]);
      place = c;
    }
    BRAID_CHECK(found.size() < 2, data,
                "{}: expected one column of times, got {}; name it with time_column",
                where(line_, "time"), list_names(found));
    BRAID_CHECK(!found.empty() || options_.rate_hz != 0, data,
                "{}: expected a column named as times are (time, timestamp, t, time_ms, ...), got "
                "{}; name it with time_column, or give rate_hz",
                where(line_, "time"), list_names(columns.names));
    return place;
  }

  void plan_times(const Cells& first, const Cells& second) {
    const std::string& name = rows_.name();
    plan_.time_column = options_.time_column.empty()
                            ? guess_time_column(first)
                            : find_column(plan_.columns, options_.time_column, name, "time_column");
    if (plan_.time_column == kNoColumn) {
      plan_.rate_hz = options_.rate_hz;
      plan_.start_ns = options_.start_ns.value_or(0);
      facts_->layout = plan_.columns.has_header ? "table at a given rate"
                                                : "table at a given rate, without a header";
      facts_->timing =
          fmt::format("{} Hz from {}, as given", plan_.rate_hz, format_time(plan_.start_ns));
      return;
    }
    refuse_start(name, options_);
    const std::string& column = plan_.columns.names[plan_.time_column];
    const Cells& cells = plan_.columns.has_header ? second : first;
    const UnitChoice choice = choose_unit(
        options_.unit, column,
        plan_.time_column < cells.size() ? cells[plan_.time_column] : std::string_view());
    plan_.unit = choice.unit;
    facts_->layout = "table with times in column " + column;
    facts_->timing = choice.why;
  }

  void plan_channels() {
    std::vector<std::string> names;
    std::vector<size_t> places;
    for (size_t c = 0; c < plan_.columns.size(); ++c) {
      if (c == plan_.time_column) continue;
      names.push_back(plan_.columns.names[c]);
      places.push_back(c);
    }
    BRAID_CHECK(!names.empty(), data,
                "{}: expected a column of samples beside {}, got none; a list of times alone is "
                "one of events",
                rows_.name(), plan_.columns.names[0]);
    for (const size_t i : choose_channels(names, rows_.name(), options_))
      plan_.channels.push_back(places[i]);
  }

  void read_rows() {
    // The first lines tell about how many there are.
    const std::string_view front = text_.substr(0, 1 << 16);
    const size_t front_lines =
        static_cast<size_t>(std::count(front.begin(), front.end(), '\n')) + 1;
    const double guess = static_cast<double>(front_lines) * 1.05 *
                             static_cast<double>(text_.size()) / static_cast<double>(front.size()) +
                         16;
    // A row takes some bytes: blank lines in front must not reserve more than the text can hold.
    const size_t lines = std::min(static_cast<size_t>(guess), text_.size() / 4 + 16);
    const bool has_times = plan_.time_column != kNoColumn;
    if (has_times) raw_.times_ns.reserve(lines);
    raw_.values.reserve(std::min(lines * plan_.channels.size(), text_.size()));
    Cells cells;
    int64_t line = line_;
    for (; rows_.next_row(&cells, &line); ++num_rows_) {
      check_rows(num_rows_ + 1, rows_.name(), options_);
      if (cells.size() != plan_.columns.size())
        rows_.check_num_cells(cells.size(), plan_.columns.size(), line);
      if (has_times) raw_.times_ns.push_back(time(cells[plan_.time_column], line));
      // Without times a skipped line would move all that follow.
      BRAID_CHECK(has_times || line == line_ + 1 || (num_rows_ == 0 && plan_.columns.has_header),
                  data,
                  "{}: expected a sample, got a blank line; write nan for a gap, or remove it",
                  where(line - 1, "sample"));
      for (const size_t c : plan_.channels) {
        double value = 0;
        if (!parse_sample(cells[c], &value)) refuse(cells, c, line);
        raw_.values.push_back(value);
      }
      line_ = line;
    }
  }

  int64_t time(std::string_view cell, int64_t line) const {
    int64_t time_ns = 0;
    const TimeProblem problem = parse_time(cell, plan_.unit, &time_ns);
    if (problem != TimeProblem::none)
      read_time(cell, plan_.unit, where(line, plan_.columns.names[plan_.time_column]));
    return time_ns;
  }

  // In the first row it is a column of text, later a cell.
  [[noreturn]] void refuse(const Cells& cells, size_t column, int64_t line) const {
    std::vector<std::string> texts, numbers;
    double value = 0;
    for (const size_t c : plan_.channels)
      (parse_sample(cells[c], &value) ? numbers : texts).push_back(plan_.columns.names[c]);
    BRAID_CHECK(num_rows_ > 0 || numbers.empty(), data,
                "{}: expected numbers, got {}; leave text out: channels = {}",
                where(line, list_names(texts)), shown(cells[column]), list_names(numbers));
    fail(ErrorKind::data,
         "{}: expected a finite number, or an empty cell for a gap, got {}; correct it, or "
         "leave the column out of channels",
         where(line, plan_.columns.names[column]), shown(cells[column]));
  }

  formats::CsvRows rows_;
  std::string_view text_;
  const ReadOptions& options_;
  SeriesFacts* facts_;
  Plan plan_;
  RawSeries raw_;
  int64_t num_rows_ = 0;
  int64_t line_ = 0;  // of the row before
};

}  // namespace

RawSeries parse_raw_series(std::string_view text, char delimiter, const std::string& name,
                           const ReadOptions& options, SeriesFacts* facts) {
  SeriesFacts found;
  RawSeries raw = TableReader(text, delimiter, name, options, &found).read();
  if (facts != nullptr) *facts = std::move(found);
  return raw;
}

}  // namespace braid::align
