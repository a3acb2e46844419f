#include "report/align_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/align_sections.h"
#include "report/json_values.h"
#include "report/numbers.h"
#include "report/svg.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr double kWidth = 960, kLaneHeight = 16, kLaneStep = 24, kWindowsHeight = 18;
constexpr int kMostLabel = 16;  // letters

struct TimeUnit {
  const char* name;
  double seconds;
};

TimeUnit unit_for(double span_s) {
  if (span_s >= 3 * 3600) return {"hours", 3600};
  if (span_s >= 180) return {"minutes", 60};
  if (span_s >= 0.5) return {"seconds", 1};
  return {"milliseconds", 1e-3};
}

// Parts that are alike become one shape.
void draw_lane(Svg& svg, const Json& stream, const Scale& x, double y, const std::string& colour) {
  const auto lane = stream.value("lane", Json::array()).get<std::vector<int>>();
  svg.rect(x.from, y, x.to - x.from, kLaneHeight, "empty");
  const double part = (x.to - x.from) / static_cast<double>(std::max<size_t>(1, lane.size()));
  const auto level = [&lane](size_t i) { return (lane[i] + 12) / 25; };
  for (size_t i = 0; i < lane.size();) {
    size_t end = i + 1;
    while (end < lane.size() && level(end) == level(i)) ++end;
    const double left = x.from + part * static_cast<double>(i);
    if (lane[i] > 0)
      svg.rect(left, y, part * static_cast<double>(end - i), kLaneHeight, "lane " + colour,
               std::max(1, level(i)) / 4.0,
               fmt::format("{}: measured in about {} % of this part",
                           stream.at("name").get<std::string>(), std::max(1, level(i)) * 25));
    i = end;
  }
}

void draw_gaps(Svg& svg, const Json& stream, const Scale& x, double y, double start) {
  if (!stream.contains("gaps")) return;
  for (const Json& gap : stream.at("gaps").at("longest")) {
    const double from = number_of(gap.at("start")) - start, length = number_of(gap.at("length_s"));
    const double left = std::max(x.from, x(from)), right = std::min(x.to, x(from + length));
    if (right <= left) continue;
    svg.rect(left, y + kLaneHeight, std::max(1.0, right - left), 3, "lane bad", 1,
             fmt::format("no value for {} ({})", time_text(length),
                         gap.at("reason").get<std::string>()));
  }
}

void draw_windows(Svg& svg, const Json& recording, const Scale& x, double y) {
  const double start = number_of(recording.at("start"));
  double row_end[2] = {-1e300, -1e300};  // overlapping windows take turns in two rows
  for (const Json& window : recording.at("windows")) {
    const double from = number_of(window.at(0)) - start, to = number_of(window.at(1)) - start;
    const size_t row = from >= row_end[0] - 1e-9 ? 0 : 1;
    row_end[row] = to;
    svg.rect(x(from) + 0.5, y + 9 * static_cast<double>(row), std::max(0.7, x(to) - x(from) - 1), 7,
             "faint s5", 1,
             fmt::format("window from {} on, {} long", time_text(from), time_text(to - from)));
  }
}

}  // namespace

std::string align_timeline(const Json& recording) {
  const double start = number_of(recording.at("start"));
  const double span = number_of(recording.at("end")) - start;
  if (!(span > 0)) return "";
  const Json& streams = recording.at("streams");
  double left = 0;
  for (const Json& stream : streams)
    left =
        std::max(left, text_width(shorten(stream.at("name").get<std::string>(), kMostLabel)) + 14);
  left = std::max(left, text_width("windows") + 14);
  const bool has_windows = !recording.at("windows").empty();
  const double top = 6, lanes = top + (has_windows ? kWindowsHeight + 8 : 0);
  const double bottom = lanes + kLaneStep * static_cast<double>(streams.size());
  const TimeUnit unit = unit_for(span);
  const Scale x = {0, span, left, kWidth - 14};
  const Scale axis = {0, span / unit.seconds, left, kWidth - 14};
  Svg svg(kWidth, bottom + 40, "When each stream was measured", /*min_width=*/560);
  x_axis(svg, axis, nice_ticks(0, span / unit.seconds, 10), top, bottom,
         fmt::format("{} after {}", unit.name, recording.at("start_text").get<std::string>()));
  if (has_windows) {
    svg.text(left - 8, top + 12, "windows", Anchor::end, "soft");
    draw_windows(svg, recording, x, top);
  }
  for (size_t s = 0; s < streams.size(); ++s) {
    const double y = lanes + kLaneStep * static_cast<double>(s);
    const std::string name = streams[s].at("name");
    svg.text(left - 8, y + 12, shorten(plain(name), kMostLabel), Anchor::end, "", 0, name);
    draw_lane(svg, streams[s], x, y, stream_colour(s));
    draw_gaps(svg, streams[s], x, y, start);
  }
  return svg.str();
}

std::string staleness_bars(const Json& stream, const std::string& colour) {
  const Json& staleness = stream.at("staleness");
  const auto counts = staleness.at("counts").get<std::vector<int64_t>>();
  const auto upto = staleness.at("upto_s").get<std::vector<double>>();
  const int64_t most = *std::max_element(counts.begin(), counts.end());
  if (most == 0) return "";
  constexpr double kLeft = 8, kRight = 300, kTop = 16, kBottom = 92;
  const double step = (kRight - kLeft) / static_cast<double>(counts.size());
  Svg svg(304, 128, "How old values are");
  for (size_t i = 0; i < counts.size(); ++i) {
    const double height =
        (kBottom - kTop) * static_cast<double>(counts[i]) / static_cast<double>(most);
    const double left = kLeft + step * static_cast<double>(i);
    const bool is_last = i == upto.size();
    const std::string bound = time_text(is_last ? upto.back() : upto[i]);
    svg.rect(left + 2, kBottom - height, step - 4, height, "column " + colour, 1,
             fmt::format("{} ticks {} {}", counts[i], is_last ? "above" : "up to", bound));
    if (counts[i] > 0)
      svg.text(left + step / 2, kBottom - height - 4, short_count(counts[i]), Anchor::middle,
               "soft tiny");
    const std::string label =
        is_last ? "more"
                : fmt::format("{:.3g}", upto[i] < 1 && upto.back() < 1 ? upto[i] * 1e3 : upto[i]);
    svg.text(left + step / 2, kBottom + 13, label, Anchor::middle, "soft tiny");
  }
  svg.line(kLeft, kBottom, kRight, kBottom, "axis");
  svg.text((kLeft + kRight) / 2, kBottom + 29,
           upto.back() < 1 ? "at most so many ms old" : "at most so many s old", Anchor::middle,
           "soft");
  return svg.str();
}

}  // namespace braid::report
