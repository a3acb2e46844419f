#include "report/stress_curves.h"

#include "report/html.h"
#include "report/json_values.h"

namespace braid::report {

std::vector<std::pair<double, double>> points_of(const Json& curve, bool by_place) {
  std::vector<std::pair<double, double>> points;
  for (size_t i = 0; i < curve.at("points").size(); ++i) {
    const Json& point = curve.at("points").at(i);
    points.emplace_back(by_place ? static_cast<double>(i) : 100 * number_of(point.at("at")),
                        number_of(point.at("mean")));
  }
  return points;
}

void add_curves(const Json& stress, Range* range) {
  for (const char* list : {"missing_at_random", "corruptions"})
    for (const Json& curve : stress.at(list))
      for (const Json& point : curve.at("points")) range->add(number_of(point.at("mean")));
}

std::string small_figure(const std::string& drawing, const std::string& caption) {
  return "<div>" + figure(drawing, caption) + "</div>\n";
}

}  // namespace braid::report
