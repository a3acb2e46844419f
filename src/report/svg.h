// A small builder of inline SVG drawings: shapes with tooltips, scales, ticks at round numbers,
// axes and legends.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace braid::report {

/// Round numbers (1, 2 or 5 times a power of ten apart) inside [low, high].
struct Ticks {
  std::vector<double> values;
  int decimals = 0;  // enough to tell neighbours apart; -1: scientific

  std::string label(size_t i) const;
};

/// At most `most` ticks (at least 2 fit where low < high); none where the range is empty or not
/// finite.
Ticks nice_ticks(double low, double high, int most);

/// A straight map from values to drawing units.
struct Scale {
  double low = 0, high = 1;  // values
  double from = 0, to = 1;   // drawing units
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

/// The range of finite values seen so far.
struct Range {
  double low = 0, high = 0;
  bool is_empty = true;

  void add(double value);
  /// A scale over the range with `margin` (a share of it) added at both ends; one value gets room
  /// around it, an empty range gives [0, 1].
  Scale scale(double from, double to, double margin = 0.05) const;
};

enum class Anchor { start, middle, end };

/// One drawing. Colours come from the classes of the page's style sheet ("dot s2"), so that dark
/// and light are the page's affair. A shape with a coordinate that is not finite is left out: a NaN
/// in the data cannot break the drawing.
class Svg {
 public:
  /// `title` is read out by screen readers; `min_width`: below it the drawing scrolls rather than
  /// shrinks.
  Svg(double width, double height, std::string_view title, double min_width = 0);

  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  /// Breaks where a point is not finite.
  void path(const std::vector<std::pair<double, double>>& points, std::string_view classes);
  void circle(double x, double y, double radius, std::string_view classes,
              std::string_view tooltip = "");
  void rect(double x, double y, double width, double height, std::string_view classes,
            double opacity = 1, std::string_view tooltip = "");
  /// `y` is the base line; `turn` in degrees about (x, y), clockwise.
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
            std::string_view classes = "", double turn = 0, std::string_view tooltip = "");
  /// A dot at `x` with a whisker from `low` to `high` (left out where they are not finite).
  void whisker(double low, double x, double high, double y, std::string_view colour,
               std::string_view tooltip);

  std::string str() const;

 private:
  std::string head_, body_;
};

/// Ticks with grid lines up to `top` and labels under `y`; the axis' name below them.
void x_axis(Svg& svg, const Scale& x, const Ticks& ticks, double top, double y,
            std::string_view name);

/// Ticks with grid lines from `left` to `right` and labels left of them; the axis' name stands
/// above `top`.
void y_axis(Svg& svg, const Scale& y, const Ticks& ticks, double left, double right, double top,
            std::string_view name);

/// Estimated width of a text in drawing units; fonts differ, so leave some room.
double text_width(std::string_view text, double font_size = 12);

/// The colour class of series `i`: s0 ... s5, again from s0 after that.
std::string series_class(size_t i);

}  // namespace braid::report
