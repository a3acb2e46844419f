#include "tensor_verbs/results.h"

#include <fmt/format.h>

#include <algorithm>

#include "metrics/bootstrap.h"

namespace braid::tensor_verbs {
namespace {

std::string text(const Json& value) {
  return value.is_number() ? fmt::format("{:.3f}", value.get<double>()) : "n/a";
}

}  // namespace

Json measure(const metrics::Predictions& predictions, const std::vector<int64_t>& groups) {
  Json out = {{"rows", predictions.size()}};
  metrics::Run run;
  run.predictions = predictions;
  run.groups = groups;
  for (const metrics::Method* metric : metrics::methods_for(predictions.task)) {
    out[metric->name] = metrics::to_json(metrics::bootstrap(*metric, {run}));
  }
  return out;
}

std::string metrics_text(const Json& measured) {
  std::string out;
  for (const char* part : {"validation", "test"}) {
    if (!measured.contains(part) || !measured[part].is_object()) continue;
    const Json& values = measured[part];
    out += fmt::format("{} ({} rows)\n", part, values.value("rows", int64_t{0}));
    size_t width = 20;
    for (const auto& item : values.items()) width = std::max(width, item.key().size());
    for (const auto& item : values.items()) {
      if (!item.value().is_object() || !item.value().contains("interval")) continue;
      const Json& interval = item.value()["interval"];
      out += fmt::format("  {:<{}} {}", item.key(), width, text(item.value()["mean"]));
      // None where all rows are of one group.
      out += interval[0].is_null()
                 ? "\n"
                 : fmt::format(" [{}, {}]\n", text(interval[0]), text(interval[1]));
    }
  }
  return out;
}

}  // namespace braid::tensor_verbs
