// What an alignment report says of streams that stay media or text, and of clocks that were set
// right.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/align_sections.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/numbers.h"

namespace braid::report {
namespace {

HtmlCell count_cell(int64_t count) {
  return number_cell(fmt::format("{}", count), static_cast<double>(count));
}

// "" for null.
std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

HtmlCell time_cell(const Json& seconds) {
  const double value = number_of(seconds);
  return number_cell(time_text(value), value);
}

// "audio 120 ms after mouth", "audio 20 ms before mouth".
std::string order_text(const std::string& stream, double offset_s, const std::string& reference) {
  if (offset_s == 0) return fmt::format("{} with {}", stream, reference);
  return fmt::format("{} {} {} {}", stream, time_text(std::abs(offset_s)),
                     offset_s > 0 ? "after" : "before", reference);
}

std::string each_text(const Json& sync, const std::string& stream, const std::string& reference) {
  std::vector<double> offsets;
  for (const Json& recording : sync.at("recordings"))
    if (recording.value("is_reliable", false))
      offsets.push_back(number_of(recording.at("offset_s")));
  std::sort(offsets.begin(), offsets.end());
  if (offsets.size() == 1) return order_text(stream, offsets[0], reference);
  return fmt::format("{}, {} to {} by recording",
                     order_text(stream, offsets[offsets.size() / 2], reference),
                     time_text(offsets.front()), time_text(offsets.back()));
}

std::string sync_line(const Json& sync) {
  const std::string stream = sync.at("stream"), reference = sync.at("reference");
  const bool is_together = sync.at("across") == "together";
  const int64_t moved = sync.at("moved"), compared = sync.at("compared");
  const std::string reason = text_of(sync.at("reason"));
  if (moved == 0)
    return fmt::format("no offset found: {} against {} keeps its times: {}", stream, reference,
                       reason);
  if (is_together) {
    const Json& all = sync.at("together");
    return fmt::format(
        "offset found: {}, from {} recordings together, correlation {:.2f}, +-{}; taken off its "
        "times",
        order_text(stream, number_of(all.at("offset_s")), reference), compared,
        number_of(all.at("correlation")), time_text(number_of(all.at("uncertainty_s"))));
  }
  std::string text =
      fmt::format("offset found: {}, from {} of {} recordings, each by itself; taken off its times",
                  each_text(sync, stream, reference), moved, sync.at("recordings").size());
  if (!reason.empty()) text += fmt::format("; the others keep theirs: {}", reason);
  return text;
}

std::string sync_table(const Json& sync) {
  HtmlTable table;
  table.columns = {{"recording"},         {"offset", true}, {"+-", true},
                   {"correlation", true}, {"z", true},      {"by itself"}};
  for (const Json& recording : sync.at("recordings")) {
    const std::string key = recording.at("key");
    HtmlCell name = text_cell(key.empty() ? "recording" : key);
    if (recording.at("problem").is_string()) {
      table.rows.push_back({name, text_cell(""), text_cell(""), text_cell(""), text_cell(""),
                            text_cell(text_of(recording.at("problem")))});
      continue;
    }
    const double correlation = number_of(recording.at("correlation"));
    const double z = number_of(recording.at("z"));
    table.rows.push_back(
        {name, time_cell(recording.at("offset_s")), time_cell(recording.at("uncertainty_s")),
         number_cell(fmt::format("{:.2f}", correlation), correlation),
         number_cell(fmt::format("{:.1f}", z), z),
         text_cell(recording.at("is_reliable").get<bool>() ? "reliable"
                                                           : text_of(recording.at("reason")))});
  }
  return fmt::format("<details><summary>{} recordings by themselves</summary>\n{}</details>\n",
                     sync.at("recordings").size(), html_table(table));
}

}  // namespace

bool is_on_ticks(const Json& stream) {
  const std::string method = stream.value("method", "");
  return method != "cut" && method != "text";
}

std::vector<std::string> cut_lines(const Json& align) {
  std::vector<std::string> lines;
  for (const Json& stream : align.at("streams")) {
    if (!stream.contains("cut")) continue;
    const Json& cut = stream.at("cut");
    const int64_t partly = cut.at("partly"), without = cut.at("without");
    if (partly + without == 0) continue;
    std::string line = fmt::format("{}: of {} windows ", stream.at("name").get<std::string>(),
                                   cut.at("windows").get<int64_t>());
    if (partly > 0)
      line += fmt::format("{} covered in part, at least {}", partly,
                          percent(number_of(cut.at("least"))));
    if (without > 0) line += fmt::format("{}{} not at all", partly > 0 ? ", " : "", without);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> text_lines(const Json& align) {
  std::vector<std::string> lines;
  for (const Json& stream : align.at("streams")) {
    if (!stream.contains("text")) continue;
    const Json& text = stream.at("text");
    lines.push_back(fmt::format("{}: {} events; {} of {} windows have text",
                                text_of(stream.at("name")), text.at("events").get<int64_t>(),
                                text.at("with_text").get<int64_t>(),
                                text.at("windows").get<int64_t>()));
  }
  return lines;
}

std::vector<std::string> unused_text_lines(const Json& align) {
  std::vector<std::string> lines;
  for (const Json& stream : align.at("streams")) {
    if (!stream.contains("text")) continue;
    const Json& text = stream.at("text");
    for (const auto& [key, what] :
         {std::pair("in_no_window", "lie in no window"), std::pair("blank", "have no text")}) {
      const int64_t count = text.at(key);
      if (count > 0)
        lines.push_back(fmt::format("{}: {} of {} events {}", text_of(stream.at("name")), count,
                                    text.at("events").get<int64_t>(), what));
    }
  }
  return lines;
}

std::vector<std::string> sync_lines(const Json& align) {
  std::vector<std::string> lines;
  for (const Json& sync : align.value("syncs", Json::array())) lines.push_back(sync_line(sync));
  return lines;
}

std::string align_cut_html(const Json& align) {
  HtmlTable table;
  table.columns = {{"stream"},        {"windows", true},    {"whole", true},
                   {"in part", true}, {"not at all", true}, {"least of those in part", true}};
  for (const Json& stream : align.at("streams")) {
    if (!stream.contains("cut")) continue;
    const Json& cut = stream.at("cut");
    const double least = number_of(cut.at("least"));
    table.rows.push_back({text_cell(text_of(stream.at("name"))), count_cell(cut.at("windows")),
                          count_cell(cut.at("whole")), count_cell(cut.at("partly")),
                          count_cell(cut.at("without")),
                          std::isnan(least) ? text_cell("") : number_cell(percent(least), least)});
  }
  if (table.rows.empty()) return "";
  return html_table(table) +
         "<p class=\"soft\">Samples name a stretch of the stream's own file. A window that the "
         "file covers in part gets what there is of it; one that it does not touch has an empty "
         "cell.</p>\n";
}

std::string align_text_html(const Json& align) {
  HtmlTable table;
  table.columns = {{"stream"},        {"events", true},  {"in no window", true},
                   {"no text", true}, {"windows", true}, {"with text", true}};
  for (const Json& stream : align.at("streams")) {
    if (!stream.contains("text")) continue;
    const Json& text = stream.at("text");
    std::vector<HtmlCell> cells = {text_cell(text_of(stream.at("name")))};
    for (const char* key : {"events", "in_no_window", "blank", "windows", "with_text"})
      cells.push_back(count_cell(text.at(key)));
    table.rows.push_back(std::move(cells));
  }
  if (table.rows.empty()) return "";
  return html_table(table) +
         "<p class=\"soft\">A cell has the texts of all events that overlap its window, in the "
         "order "
         "of time. Where none does it is empty.</p>\n";
}

std::string align_sync_html(const Json& align) {
  std::string out;
  for (const Json& sync : align.value("syncs", Json::array())) {
    const bool is_found = sync.at("moved").get<int64_t>() > 0;
    out +=
        fmt::format("<p{}>{}</p>\n", is_found ? "" : " class=\"warning\"", escape(sync_line(sync)));
    std::string how = sync.at("across_why").get<std::string>();
    const Json& all = sync.at("together");
    if (!all.is_null())
      how += fmt::format(
          "; together: {}, correlation {:.2f}, z {:.1f}, without the course that all recordings "
          "have in common ({} of the stream, {} of the reference); {} of {} recordings have their "
          "own highest peak within {} of it{}",
          time_text(number_of(all.at("offset_s"))), number_of(all.at("correlation")),
          number_of(all.at("z")), percent(number_of(all.at("common_stream"))),
          percent(number_of(all.at("common_reference"))), all.at("near").get<int64_t>(),
          sync.at("compared").get<int64_t>(), time_text(number_of(all.at("near_s"))),
          all.at("reason").is_null() ? "" : "; " + text_of(all.at("reason")));
    out += fmt::format("<p class=\"soft\">{}: {}</p>\n{}",
                       escape(sync.at("across").get<std::string>()), escape(how), sync_table(sync));
  }
  return out;
}

}  // namespace braid::report
