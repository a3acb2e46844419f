#include "report/align_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/align_sections.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/numbers.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr size_t kMostWarnings = 12;

std::string gaps_text(const Json& align, size_t stream) {
  int64_t count = 0;
  for (const Json& recording : align.at("recordings"))
    count += recording.at("streams").at(stream).at("gaps").at("count").get<int64_t>();
  return fmt::format("{}", count);
}

std::string warnings_text(const Json& align, int width_columns) {
  std::string out;
  for (const auto& said : {text_lines(align), sync_lines(align)})
    for (const std::string& line : said)
      out += (out.empty() ? "\n" : "") + wrap(plain(line), width_columns) + "\n";
  const std::vector<std::string> lines = align_warnings(align);
  if (!lines.empty()) out += "\n";
  for (size_t i = 0; i < std::min(kMostWarnings, lines.size()); ++i)
    out += wrap(plain(lines[i]), width_columns) + "\n";
  if (lines.size() > kMostWarnings)
    out += fmt::format("and {} lines more, in the report\n", lines.size() - kMostWarnings);
  return out;
}

std::string facts_html(const Json& align) {
  const Json& samples = align.at("samples");
  const auto fact = [](const std::string& name, const std::string& value, const std::string& more) {
    return fmt::format("<div><dt>{}</dt><dd><b>{}</b><small>{}</small></dd></div>\n", name, value,
                       more);
  };
  int64_t num_read = 0, num_bad = 0;
  for (const Json& stream : align.at("streams")) {
    num_read += stream.at("recordings").get<int64_t>();
    num_bad += stream.at("unreadable").get<int64_t>();
  }
  return "<dl class=\"facts\">\n" +
         fact("samples", fmt::format("{}", samples.at("count").get<int64_t>()),
              fmt::format("{} without any value", samples.at("without_any_value").get<int64_t>())) +
         (align.at("rate_hz").is_null()
              ? ""
              : fact("ticks", fmt::format("{}", samples.at("ticks").get<int64_t>()),
                     fmt::format("in the longest sample, {} apart",
                                 time_text(number_of(align.at("step_s")))))) +
         fact("recordings", fmt::format("{}", align.at("recordings").size()),
              fmt::format("{} streams by name", align.at("streams").size())) +
         fact("files read", fmt::format("{}", num_read), fmt::format("{} left out", num_bad)) +
         "</dl>\n";
}

}  // namespace

std::string align_table(const Json& align, int width_columns) {
  TextTable table({{"stream"},
                   {"rows", Align::right},
                   {"method"},
                   {"coverage", Align::right},
                   {"staleness", Align::right},
                   {"at most", Align::right},
                   {"gaps", Align::right},
                   {"samples without", Align::right}});
  for (size_t s = 0; s < align.at("streams").size(); ++s) {
    const Json& stream = align.at("streams").at(s);
    const auto staleness = [&stream](const char* key) {
      return is_on_ticks(stream) ? time_text(number_of(stream.at("staleness").at(key))) : "";
    };
    table.add_row({plain(stream.at("name").get<std::string>()),
                   fmt::format("{}", stream.at("rows").get<int64_t>()), stream.at("method"),
                   percent(number_of(stream.at("coverage"))), staleness("median_s"),
                   staleness("max_s"), is_on_ticks(stream) ? gaps_text(align, s) : "",
                   fmt::format("{}", stream.at("samples_without").get<int64_t>())});
  }
  return wrap(plain(samples_text(align)), width_columns) + "\n\n" + table.str() +
         warnings_text(align, width_columns);
}

std::string align_plan(const Json& align, int width_columns) {
  TextTable table({{"stream"}, {"rows", Align::right}, {"recordings", Align::right}, {"method"}});
  for (const Json& stream : align.at("streams"))
    table.add_row({plain(stream.at("name").get<std::string>()),
                   fmt::format("{}", stream.at("rows").get<int64_t>()),
                   fmt::format("{}", stream.at("recordings").get<int64_t>()),
                   fmt::format("{}: {}", stream.at("method").get<std::string>(),
                               stream.at("method_why").get<std::string>())});
  return wrap(plain(samples_text(align)), width_columns) + "\n\n" + table.str() +
         warnings_text(align, width_columns);
}

std::string align_page(const Json& align) {
  const std::string table = align.at("table");
  std::string body = "<h1>Alignment of " + escape(table) + "</h1>\n";
  body += "<p class=\"soft\">" + escape(samples_text(align)) + " &middot; Braid " +
          escape(align.at("braid").get<std::string>()) + "</p>\n" + facts_html(align);
  std::string left_out;
  const std::vector<std::string> lines = align_warnings(align);
  for (const std::string& line : lines)
    left_out += "<p class=\"warning\">" + escape(line) + "</p>\n";
  if (left_out.empty()) left_out = "<p>Nothing was left out.</p>\n";
  const auto ignored = align.at("ignored_columns").get<std::vector<std::string>>();
  if (!ignored.empty())
    left_out += fmt::format("<p class=\"soft\">Columns of the table that are not read: {}</p>\n",
                            escape(fmt::format("{}", fmt::join(ignored, ", "))));
  body += section("streams", "Streams", align_streams_html(align));
  const auto add = [&body](const char* id, const char* title, const std::string& content) {
    if (!content.empty()) body += section(id, title, content);
  };
  add("clocks", "Clocks set by what both streams show", align_sync_html(align));
  add("cut", "Streams that stay media", align_cut_html(align));
  add("text", "Streams of text", align_text_html(align));
  body += section("left-out", "Left out, repaired, filled up", left_out);
  add("origins", "Where values come from, and why they are missing", align_missing_html(align));
  add("staleness", "Staleness", align_staleness_html(align));
  body += section("recordings", "Recordings",
                  "<p class=\"soft\">A lane is filled where its stream was measured; the line "
                  "below it marks the longest gaps at the ticks of samples.</p>\n" +
                      align_recordings_html(align));
  body += section("again", "To repeat it",
                  "<pre>" + escape(align.at("command").get<std::string>()) + "</pre>\n");
  return html_page("Alignment of " + table, body);
}

}  // namespace braid::report
