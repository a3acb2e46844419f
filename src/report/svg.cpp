#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

template <class... Numbers>
bool are_finite(Numbers... numbers) {
  return (std::isfinite(numbers) && ...);
}

// A tenth of a unit is finer than a screen shows and keeps pages small.
std::string coordinate(double value) {
  const double rounded = std::round(std::clamp(value, -1e6, 1e6) * 10) / 10;
  return fmt::format("{:g}", rounded == 0 ? 0.0 : rounded);
}

const char* anchor_name(Anchor anchor) {
  return anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
}

std::string close(std::string_view element, std::string_view tooltip) {
  if (tooltip.empty()) return "/>\n";
  return fmt::format("><title>{}</title></{}>\n", escape(tooltip), element);
}

}  // namespace

std::string Ticks::label(size_t i) const { return fixed(values[i], decimals); }

Ticks nice_ticks(double low, double high, int most) {
  Ticks ticks;
  const double span = high - low;
  if (!are_finite(low, high, span) || most < 2) return ticks;
  // Closer than doubles can count in steps.
  if (span <= 1e-12 * std::max(std::abs(low), std::abs(high))) return ticks;
  double power = std::pow(10.0, std::floor(std::log10(span / most)));
  if (!(power > 0)) return ticks;
  const auto fits = [&](double step) {
    return std::floor(high / step + 1e-9) - std::ceil(low / step - 1e-9) + 1 <= most;
  };
  double step = power;
  for (double factor : {1.0, 2.0, 5.0, 10.0, 20.0}) {
    step = factor * power;
    if (fits(step)) break;
  }
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  for (double i = first; i <= last; ++i) ticks.values.push_back(i * step == 0 ? 0.0 : i * step);
  const int exponent = static_cast<int>(std::floor(std::log10(step) + 1e-9));
  ticks.decimals = exponent < -6 || exponent > 6 ? -1 : std::max(0, -exponent);
  return ticks;
}

void Range::add(double value) {
  if (!std::isfinite(value)) return;
  low = is_empty ? value : std::min(low, value);
  high = is_empty ? value : std::max(high, value);
  is_empty = false;
}

Scale Range::scale(double from, double to, double margin) const {
  if (is_empty) return {0, 1, from, to};
  double room = (high - low) * margin;
  if (high - low <= 1e-9 * std::max(std::abs(low), std::abs(high))) {
    room = std::max(std::abs(low) * 0.1, 1e-6);
  }
  return {low - room, high + room, from, to};
}

Svg::Svg(double width, double height, std::string_view title, double min_width) {
  head_ = fmt::format("<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\"",
                      coordinate(width), coordinate(height));
  if (min_width > 0) head_ += fmt::format(" style=\"min-width:{}px\"", coordinate(min_width));
  head_ += fmt::format(" role=\"img\" aria-label=\"{}\">\n", escape(title));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  if (!are_finite(x1, y1, x2, y2)) return;
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>\n",
                       coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2), classes);
}

void Svg::path(const std::vector<std::pair<double, double>>& points, std::string_view classes) {
  std::string steps;
  bool is_drawing = false;
  for (const auto& [x, y] : points) {
    if (!are_finite(x, y)) {
      is_drawing = false;
      continue;
    }
    steps += (is_drawing ? "L" : "M") + coordinate(x) + " " + coordinate(y);
    is_drawing = true;
  }
  if (!steps.empty()) body_ += fmt::format("<path d=\"{}\" class=\"{}\"/>\n", steps, classes);
}

void Svg::circle(double x, double y, double radius, std::string_view classes,
                 std::string_view tooltip) {
  if (!are_finite(x, y, radius)) return;
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"", coordinate(x),
                       coordinate(y), coordinate(radius), classes);
  body_ += close("circle", tooltip);
}

void Svg::rect(double x, double y, double width, double height, std::string_view classes,
               double opacity, std::string_view tooltip) {
  if (!are_finite(x, y, width, height, opacity)) return;
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"",
                       coordinate(x), coordinate(y), coordinate(std::max(0.0, width)),
                       coordinate(std::max(0.0, height)), classes);
  if (opacity < 1) body_ += fmt::format(" fill-opacity=\"{:.3g}\"", std::max(0.0, opacity));
  body_ += close("rect", tooltip);
}

void Svg::text(double x, double y, std::string_view text, Anchor anchor, std::string_view classes,
               double turn, std::string_view tooltip) {
  if (!are_finite(x, y, turn)) return;
  body_ += fmt::format("<text x=\"{}\" y=\"{}\"", coordinate(x), coordinate(y));
  if (anchor != Anchor::start) body_ += fmt::format(" text-anchor=\"{}\"", anchor_name(anchor));
  if (!classes.empty()) body_ += fmt::format(" class=\"{}\"", classes);
  if (turn != 0) {
    body_ += fmt::format(" transform=\"rotate({} {} {})\"", coordinate(turn), coordinate(x),
                         coordinate(y));
  }
  body_ += ">" + escape(text);
  if (!tooltip.empty()) body_ += "<title>" + escape(tooltip) + "</title>";
  body_ += "</text>\n";
}

void Svg::whisker(double low, double x, double high, double y, std::string_view colour,
                  std::string_view tooltip) {
  const std::string classes = fmt::format("whisker {}", colour);
  if (are_finite(low, high)) {
    line(low, y, high, y, classes);
    line(low, y - 4, low, y + 4, classes);
    line(high, y - 4, high, y + 4, classes);
  }
  circle(x, y, 5, fmt::format("dot {}", colour), tooltip);
}

std::string Svg::str() const { return head_ + body_ + "</svg>\n"; }

void x_axis(Svg& svg, const Scale& x, const Ticks& ticks, double top, double y,
            std::string_view name) {
  for (size_t i = 0; i < ticks.values.size(); ++i) {
    const double at = x(ticks.values[i]);
    svg.line(at, top, at, y, "gridline");
    svg.text(at, y + 15, ticks.label(i), Anchor::middle, "soft");
  }
  svg.line(x.from, y, x.to, y, "axis");
  if (!name.empty()) svg.text((x.from + x.to) / 2, y + 32, name, Anchor::middle, "soft");
}

void y_axis(Svg& svg, const Scale& y, const Ticks& ticks, double left, double right, double top,
            std::string_view name) {
  for (size_t i = 0; i < ticks.values.size(); ++i) {
    const double at = y(ticks.values[i]);
    svg.line(left, at, right, at, "gridline");
    svg.text(left - 6, at + 4, ticks.label(i), Anchor::end, "soft");
  }
  if (!name.empty()) svg.text(left, top - 8, name, Anchor::start, "soft");
}

double text_width(std::string_view text, double font_size) {
  return display_width(text) * font_size * 0.6;
}

std::string series_class(size_t i) { return fmt::format("s{}", i % 6); }

}  // namespace braid::report
