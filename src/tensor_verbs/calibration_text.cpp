#include "tensor_verbs/calibration_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace braid::tensor_verbs {
namespace {

using calibration::Calibration;

// "0.905 [0.860, 0.945]"; "n/a" for what is not finite, and no interval where there is none.
std::string interval_text(const Json& interval) {
  const auto number = [](const Json& value) {
    return value.is_number() ? fmt::format("{:.3f}", value.get<double>()) : "n/a";
  };
  const Json& ends = interval["interval"];
  std::string text = number(interval["mean"]);
  if (ends[0].is_number() && ends[1].is_number())
    text += fmt::format(" [{}, {}]", number(ends[0]), number(ends[1]));
  return text;
}

// What was asked of the thing of that name, as words; "" where nothing was.
std::string asked(const std::string& name, const Calibration& calibration) {
  if (name == "coverage") return fmt::format(", asked {:g}", calibration.conformal.coverage);
  if (name.rfind("masked ", 0) == 0)
    return fmt::format(" of sound rows, allowed {:g}", calibration.gate.false_alarms);
  return "";
}

}  // namespace

Json to_json(const Calibration& calibration) {
  return {
      {"rows", calibration.num_rows},
      {"temperature", calibration.temperature},
      {"sets",
       {{"kind", calibration::to_string(calibration.conformal.sets)},
        {"coverage", calibration.conformal.coverage},
        {"threshold", finite_or_null(calibration.conformal.threshold)}}},
      {"false_alarms",
       calibration.gate.modalities.empty() ? Json(nullptr) : Json(calibration.gate.false_alarms)},
      {"measured", calibration.measured}};
}

std::string calibration_text(const Calibration& calibration) {
  const Json& measured = calibration.measured;
  std::string out = fmt::format("calibration ({} rows", calibration.num_rows);
  if (measured.contains("folds"))
    out += fmt::format("; measured on {} folds, each by what the others say",
                       measured["folds"].dump());
  size_t width = 20;
  for (const auto& item : measured.items()) width = std::max(width, item.key().size());
  out += fmt::format(")\n  {:<{}} {:.3f}\n", "temperature", width, calibration.temperature);
  for (const auto& item : measured.items()) {
    const Json& value = item.value();
    if (!value.is_object()) continue;
    if (value.contains("before") && value.contains("after"))
      out += fmt::format("  {:<{}} {} before, {} after\n", item.key(), width,
                         interval_text(value["before"]), interval_text(value["after"]));
    else if (value.contains("interval"))
      out += fmt::format("  {:<{}} {}{}\n", item.key(), width, interval_text(value),
                         asked(item.key(), calibration));
  }
  return out;
}

}  // namespace braid::tensor_verbs
