#include "compare/verdict.h"

#include <cmath>

#include "core/error.h"

namespace braid::compare {

namespace {

// The bundle holds what the validation rows chose, which the test rows may not bear out.
std::string unless_winner(const VerdictInput& in, const std::string& used) {
  if (in.winner.empty() || in.winner == used) return "";
  return fmt::format(" (the validation rows chose {}, which the bundle holds)", in.winner);
}

}  // namespace

std::string verdict(const VerdictInput& in) {
  if (in.best_fusion.empty()) return fmt::format("nothing was fused: use {}", in.best_single);
  if (!std::isfinite(in.fusion_gain.mean))
    return fmt::format(
        "{} cannot be measured on this test split: use {} alone and collect more test rows",
        in.metric, in.best_single);
  const double scale = in.is_share ? 100.0 : 1.0;
  auto number = [&](double value) {
    return in.is_share ? fmt::format("{:+.1f}", value * scale) : fmt::format("{:+.4g}", value);
  };
  const char* unit = in.is_share ? " points of " : " in ";
  const double sign = in.higher_is_better ? 1.0 : -1.0;
  const double gain = sign * in.fusion_gain.mean;
  const double low = sign * (in.higher_is_better ? in.fusion_gain.low : in.fusion_gain.high);
  const double high = sign * (in.higher_is_better ? in.fusion_gain.high : in.fusion_gain.low);
  const std::string figures =
      fmt::format("{}{}{}, interval [{}, {}]", number(in.fusion_gain.mean), unit, in.metric,
                  number(in.fusion_gain.low), number(in.fusion_gain.high));
  const char* verb = gain >= 0 ? "gains" : "brings";
  if (low > 0)
    return fmt::format("fusion gains {} over {} alone: use {}{}", figures, in.best_single,
                       in.best_fusion, unless_winner(in, in.best_fusion));
  const std::string doubt = unless_winner(in, in.best_single);
  if (high < 0)
    return fmt::format("fusion brings {} against {} alone: use {} alone{}", figures, in.best_single,
                       in.best_single, doubt);
  return fmt::format("fusion {} {} includes 0: use {} alone{}", verb, figures, in.best_single,
                     doubt);
}

}  // namespace braid::compare
