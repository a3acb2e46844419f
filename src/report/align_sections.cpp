#include "report/align_sections.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "report/align_timeline.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/numbers.h"
#include "report/svg.h"

namespace braid::report {
namespace {

constexpr size_t kMostRecordings = 40;

std::string text_of(const Json& node, const char* key) {
  return node.at(key).is_string() ? node.at(key).get<std::string>() : "";
}

int64_t count_of(const Json& node, const char* key) { return node.at(key).get<int64_t>(); }

HtmlCell count_cell(int64_t count) {
  return number_cell(fmt::format("{}", count), static_cast<double>(count));
}

HtmlCell time_cell(const Json& seconds) {
  const double value = number_of(seconds);
  return number_cell(time_text(value), value);
}

std::string name_of(const Json& recording) {
  const std::string key = recording.at("key");
  return key.empty() ? "recording" : key;
}

HtmlCell coverage_cell(const Json& counted) {
  const double share = number_of(counted.at("coverage"));
  if (std::isnan(share)) return text_cell("n/a");
  return {"<span class=\"keep\">" + share_bar(share) + "</span>", share};
}

// "32 Hz", "32.0012 Hz (+38 ppm)".
HtmlCell rate_cell(const Json& stream) {
  const double nominal = number_of(stream.at("nominal_hz"));
  const double measured = number_of(stream.at("measured_hz"));
  const double ppm = number_of(stream.at("rate_ppm"));
  if (std::isnan(measured))
    return number_cell(std::isnan(nominal) ? "n/a" : fmt::format("{:g} Hz nominal", nominal),
                       nominal);
  std::string text = fmt::format("{:.6g} Hz", measured);
  if (!std::isnan(ppm)) text += fmt::format(" ({:+.0f} ppm of {:g})", ppm, nominal);
  return number_cell(text, measured);
}

std::string gaps_html(const Json& recording) {
  HtmlTable table;
  table.columns = {
      {"stream"}, {"after the start", true}, {"length", true}, {"ticks", true}, {"reason"}};
  std::string rest;
  for (const Json& stream : recording.at("streams")) {
    if (!stream.contains("gaps")) continue;
    const Json& gaps = stream.at("gaps");
    for (const Json& gap : gaps.at("longest")) {
      const double from = number_of(gap.at("start")) - number_of(recording.at("start"));
      table.rows.push_back({text_cell(text_of(stream, "name")), number_cell(time_text(from), from),
                            time_cell(gap.at("length_s")), count_cell(count_of(gap, "ticks")),
                            text_cell(text_of(gap, "reason"))});
    }
    const size_t left = gaps.at("count").get<size_t>() - gaps.at("longest").size();
    if (left > 0)
      rest += fmt::format("<p class=\"soft\">{}: {} shorter gaps more, {} ticks together.</p>\n",
                          escape(text_of(stream, "name")), left, count_of(gaps, "ticks_in_rest"));
  }
  if (table.rows.empty()) return "";
  return fmt::format("<details><summary>Gaps, the longest first</summary>\n{}{}</details>\n",
                     html_table(table), rest);
}

std::string clocks_html(const Json& recording) {
  std::string out;
  for (const Json& stream : recording.at("streams")) {
    if (!stream.contains("findings")) continue;
    for (const Json& finding : stream.at("findings"))
      out += "<p class=\"warning\">" + escape(finding.get<std::string>()) + "</p>\n";
    for (const auto& [change, count] : stream.at("repairs").items())
      out += fmt::format("<p class=\"warning\">{}: {} measurements {}</p>\n",
                         escape(text_of(stream, "name")), count.get<int64_t>(), escape(change));
  }
  return out;
}

std::string recording_table(const Json& recording) {
  HtmlTable table;
  table.columns = {{"stream"},        {"rows", true},      {"starts at", true}, {"ends at", true},
                   {"rate"},          {"offset", true},    {"coverage"},        {"gaps", true},
                   {"longest", true}, {"staleness", true}, {"at most", true}};
  for (const Json& stream : recording.at("streams")) {
    if (stream.at("problem").is_string()) continue;
    const double start = number_of(recording.at("start"));
    const double from = number_of(stream.at("start")) - start;
    const double to = number_of(stream.at("end")) - start;
    std::vector<HtmlCell> cells = {text_cell(text_of(stream, "name")),
                                   count_cell(count_of(stream, "rows")),
                                   number_cell(time_text(from), from),
                                   number_cell(time_text(to), to),
                                   rate_cell(stream),
                                   time_cell(stream.at("clock_offset_s")),
                                   coverage_cell(stream)};
    if (stream.contains("gaps")) {
      const Json& longest = stream.at("gaps").at("longest");
      cells.push_back(count_cell(count_of(stream.at("gaps"), "count")));
      cells.push_back(longest.empty() ? text_cell("") : time_cell(longest[0].at("length_s")));
      cells.push_back(time_cell(stream.at("staleness").at("median_s")));
      cells.push_back(time_cell(stream.at("staleness").at("max_s")));
    }
    cells.resize(table.columns.size(), text_cell(""));
    table.rows.push_back(std::move(cells));
  }
  return table.rows.empty() ? "" : html_table(table);
}

std::string recording_html(const Json& recording) {
  std::string out = "<h3>" + escape(name_of(recording)) + "</h3>\n";
  if (recording.at("why_none").is_string())
    out += "<p class=\"warning\">No sample: " + escape(text_of(recording, "why_none")) + "</p>\n";
  for (const Json& stream : recording.at("streams"))
    if (stream.at("problem").is_string())
      out += fmt::format("<p class=\"warning\">{}: {}</p>\n", escape(text_of(stream, "name")),
                         escape(text_of(stream, "problem")));
  const std::string drawing = align_timeline(recording);
  const size_t drawn = recording.at("windows").size(), samples = recording.at("samples");
  std::string caption = fmt::format("{} sample{}", samples, samples == 1 ? "" : "s");
  if (drawn < samples) caption += fmt::format(", the first {} drawn", drawn);
  caption += fmt::format("; the last measurements lie {} apart",
                         time_text(number_of(recording.at("ends_apart_s"))));
  if (number_of(recording.at("unused_end_s")) > 0)
    caption += fmt::format("; the last {} fill no window",
                           time_text(number_of(recording.at("unused_end_s"))));
  if (!drawing.empty()) out += figure(drawing, caption);
  return out + recording_table(recording) + clocks_html(recording) + gaps_html(recording);
}

}  // namespace

std::string stream_colour(size_t place) { return series_class(place); }

std::string time_text(double seconds) {
  if (std::isnan(seconds)) return "n/a";
  const double size = std::abs(seconds) * (1 + 1e-6);  // 999.9999 ms is a second
  if (size == 0) return "0 s";
  if (size < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (size < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (size < 180) return fmt::format("{:.3g} s", seconds);
  if (size < 3 * 3600) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string samples_text(const Json& align) {
  const Json& samples = align.at("samples");
  const std::string kind = samples.at("kind");
  const int64_t count = count_of(samples, "count");
  std::string text = fmt::format("{} {}{}", count, kind == "timelines" ? "timeline" : "sample",
                                 count == 1 ? "" : "s");
  if (!align.at("rate_hz").is_null()) {
    if (kind != "timelines") text += fmt::format(" of {} ticks", count_of(samples, "ticks"));
    text += fmt::format(" at {:g} Hz", number_of(align.at("rate_hz")));
  }
  if (kind == "events") text += " from the events of " + text_of(samples, "events");
  if (kind == "windows")
    text += fmt::format(", windows of {} every {} over the {} span of the streams",
                        time_text(number_of(samples.at("window_s"))),
                        time_text(number_of(samples.at("hop_s"))), text_of(samples, "span"));
  if (kind == "timelines") text += ", the " + text_of(samples, "span") + " span of the streams";
  return text;
}

std::vector<std::string> align_warnings(const Json& align) {
  std::vector<std::string> lines;
  const Json& samples = align.at("samples");
  const auto add = [&lines](const std::string& line) { lines.push_back(line); };
  for (const Json& recording : align.at("recordings")) {
    if (recording.at("why_none").is_string())
      add(fmt::format("{}: no sample: {}", name_of(recording), text_of(recording, "why_none")));
    for (const Json& stream : recording.at("streams")) {
      const std::string key = recording.at("key");
      const std::string where = (key.empty() ? "" : key + " ") + text_of(stream, "name");
      if (stream.at("problem").is_string() && stream.contains("file"))
        add(fmt::format("{}: left out: {}", where, text_of(stream, "problem")));
      if (!stream.contains("repairs")) continue;
      for (const auto& [change, count] : stream.at("repairs").items())
        add(fmt::format("{}: {} of {} measurements {}", where, count.get<int64_t>(),
                        count_of(stream, "rows_in_file"), change));
    }
  }
  for (const Json& one : samples.at("dropped"))
    add(fmt::format("{} left out: {}{}{}", count_of(one, "count"), text_of(one, "reason"),
                    one.at("examples").empty() ? "" : ": ",
                    fmt::join(one.at("examples").get<std::vector<std::string>>(), ", ")));
  if (samples.value("standardized", false))
    add("values are standardised within each recording, by all of it: right for judging recordings "
        "that are over, not for what is just coming");
  for (const auto& found : {cut_lines(align), unused_text_lines(align)})
    for (const std::string& line : found) add(line);
  if (samples.value("without_any_value", 0) > 0)
    add(fmt::format("samples without a value of any stream: {}",
                    count_of(samples, "without_any_value")));
  if (count_of(samples, "padded_ticks") > 0 && text_of(samples, "kind") != "timelines")
    add(fmt::format("{} ticks fill up samples that are shorter than the longest",
                    count_of(samples, "padded_ticks")));
  return lines;
}

std::string align_streams_html(const Json& align) {
  HtmlTable table;
  table.columns = {{"stream"}, {"rows", true},      {"recordings", true},      {"channels"},
                   {"method"}, {"tolerance", true}, {"samples without", true}, {"coverage"}};
  for (const Json& stream : align.at("streams")) {
    const auto channels = stream.at("channels").get<std::vector<std::string>>();
    table.rows.push_back(
        {text_cell(text_of(stream, "name")), count_cell(count_of(stream, "rows")),
         count_cell(count_of(stream, "recordings")),
         text_cell(channels.size() > 4 ? fmt::format("{} channels", channels.size())
                                       : fmt::format("{}", fmt::join(channels, ", "))),
         text_cell(fmt::format("{}: {}", text_of(stream, "method"), text_of(stream, "method_why"))),
         !is_on_ticks(stream) || stream.at("covers_step_after").get<bool>()
             ? text_cell("not used")
             : time_cell(stream.at("tolerance_s")),
         count_cell(count_of(stream, "samples_without")), coverage_cell(stream)});
  }
  return html_table(table) +
         "<p class=\"soft\">Coverage: the share of ticks at which the stream has a value. An "
         "aggregate (mean, min, max, last, count) takes what lies from its tick up to the next; "
         "every other method takes neighbours of the tick within the tolerance. Of a stream that "
         "is cut: the share of the windows' time that its files cover; of text: the share of "
         "windows "
         "with any.</p>\n";
}

std::string align_missing_html(const Json& align) {
  HtmlTable table;
  table.columns = {{"stream"}};
  const auto each_count = [](const Json& stream, const auto& take) {
    for (const char* group : {"origins", "missing"})
      for (const auto& [name, count] : stream.at(group).items())
        if (name != "missing") take(name, count.template get<int64_t>());
    take("partly", count_of(stream, "partial"));
  };
  const auto add_column = [&table](std::string name, int64_t) {
    for (char& c : name)
      if (c == '_') c = ' ';
    table.columns.push_back({name, true});
  };
  for (const Json& stream : align.at("streams")) {
    if (!is_on_ticks(stream)) continue;
    if (table.rows.empty()) each_count(stream, add_column);
    std::vector<HtmlCell> cells = {text_cell(text_of(stream, "name"))};
    each_count(stream,
               [&cells](const std::string&, int64_t count) { cells.push_back(count_cell(count)); });
    table.rows.push_back(cells);
  }
  if (table.rows.empty()) return "";
  return html_table(table) +
         "<p class=\"soft\">Ticks. Those without a value: absent, the recording has no such stream "
         "that could be read; before start and after end of its measurements; gap, no measurement "
         "near enough; blank, a measurement stands there without a number. Partly: some channels "
         "have a value and some have none.</p>\n";
}

std::string align_staleness_html(const Json& align) {
  HtmlTable table;
  table.columns = {{"stream"}, {"median", true}, {"95 %", true}, {"at most", true}};
  std::string bars;
  size_t place = 0;
  for (const Json& stream : align.at("streams")) {
    const std::string colour = stream_colour(place++);
    if (!is_on_ticks(stream)) continue;
    const Json& staleness = stream.at("staleness");
    table.rows.push_back({text_cell(text_of(stream, "name")), time_cell(staleness.at("median_s")),
                          time_cell(staleness.at("p95_s")), time_cell(staleness.at("max_s"))});
    const std::string drawing = staleness_bars(stream, colour);
    if (!drawing.empty())
      bars += "<div>" + figure(drawing, escape(text_of(stream, "name"))) + "</div>\n";
  }
  if (table.rows.empty()) return "";
  return "<p>How old the newest measurement is that a value rests on, at its tick (of an aggregate "
         "at the end of its step). Below 0 it lies after the tick: a live system would have to "
         "wait "
         "for it.</p>\n" +
         html_table(table) + "<div class=\"grid\">\n" + bars + "</div>\n";
}

std::string align_recordings_html(const Json& align) {
  std::string out;
  const Json& recordings = align.at("recordings");
  for (size_t i = 0; i < std::min(kMostRecordings, recordings.size()); ++i)
    out += recording_html(recordings[i]);
  if (recordings.size() > kMostRecordings)
    out += fmt::format("<p>{} recordings more stand in report.json.</p>\n",
                       recordings.size() - kMostRecordings);
  return out;
}

}  // namespace braid::report
