#include "explain/robustness.h"

#include <cmath>

namespace braid::explain {
namespace {

double trapezoid_mean(const std::vector<double>& values) {
  double sum = 0, weights = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double weight = i == 0 || i + 1 == values.size() ? 0.5 : 1;
    sum += weight * values[i];
    weights += weight;
  }
  return sum / weights;
}

std::vector<double> values_of(const Json& curve) {
  std::vector<double> values;
  for (const Json& point : curve.at("points"))
    values.push_back(point.at("mean").is_number() ? point.at("mean").get<double>() : std::nan(""));
  return values;
}

// What tells one curve from the others of its list.
Json identity_of(const Json& curve) {
  if (curve.contains("modalities")) return curve.at("modalities");
  return {curve.at("modality"), curve.at("name")};
}

}  // namespace

double relative_robustness(const std::vector<double>& values, double clean, bool higher_is_better) {
  if (!(clean > 0)) return std::nan("");
  std::vector<double> shares;
  for (double value : values) shares.push_back(higher_is_better ? value / clean : clean / value);
  return trapezoid_mean(shares);
}

double effective_robustness(const std::vector<double>& values, const std::vector<double>& baseline,
                            bool higher_is_better) {
  if (values.empty() || values.size() != baseline.size()) return std::nan("");
  std::vector<double> kept;
  for (size_t i = 0; i < values.size(); ++i)
    kept.push_back((higher_is_better ? 1 : -1) *
                   ((values[i] - values[0]) - (baseline[i] - baseline[0])));
  return trapezoid_mean(kept);
}

void add_effective_robustness(const Json& baseline, Json* document) {
  const bool higher = document->at("metric").at("higher_is_better").get<bool>();
  for (const char* list : {"missing_at_random", "corruptions"})
    for (Json& curve : document->at(list))
      for (const Json& other : baseline.at(list))
        if (identity_of(curve) == identity_of(other))
          curve["effective_robustness"] =
              finite_or_null(effective_robustness(values_of(curve), values_of(other), higher));
}

}  // namespace braid::explain
