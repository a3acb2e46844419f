#include "tensor_verbs/prediction_output.h"

#include <fmt/format.h>

#include "core/error.h"

namespace braid::tensor_verbs {

std::string join(const std::vector<std::string>& parts, const char* between) {
  return fmt::format("{}", fmt::join(parts, between));
}

Json to_json(const PredictionNames& names, const Prediction& p) {
  Json out = Json::object();
  if (names.is_regression()) {
    out["value"] = p.value;
  } else {
    out["label"] = p.label;
    out["scores"] = Json::object();
    for (size_t k = 0; k < p.scores.size(); ++k) out["scores"][names.labels[k]] = p.scores[k];
  }
  out["missing"] = p.missing;
  if (names.is_calibrated) {
    if (names.is_regression()) {
      out["low"] = finite_or_null(p.low);
      out["high"] = finite_or_null(p.high);
    } else {
      out["set"] = p.set;
    }
    out["masked"] = p.masked;
    out["refused"] = p.is_refused;
  }
  if (!p.weights.empty()) {
    out["weights"] = Json::object();
    for (size_t m = 0; m < p.weights.size(); ++m)
      out["weights"][names.modalities[m]] = p.weights[m];
  }
  return out;
}

std::vector<std::string> columns_of(const PredictionNames& names) {
  std::vector<std::string> columns = {names.target};
  if (!names.is_regression()) columns.emplace_back("score");
  for (const std::string& label : names.labels) columns.push_back("score:" + label);
  columns.emplace_back("missing");
  if (!names.is_calibrated) return columns;
  if (names.is_regression())
    columns.insert(columns.end(), {"low", "high"});
  else
    columns.emplace_back("set");
  columns.insert(columns.end(), {"masked", "refused"});
  return columns;
}

std::vector<std::string> cells_of(const PredictionNames& names, const Prediction& p) {
  std::vector<std::string> cells;
  if (names.is_regression()) {
    cells.push_back(fmt::format("{}", p.value));
  } else {
    cells.push_back(p.label);
    cells.push_back(fmt::format("{:.6f}", p.value));
    for (const double score : p.scores) cells.push_back(fmt::format("{:.6f}", score));
  }
  cells.push_back(join(p.missing, ";"));
  if (!names.is_calibrated) return cells;
  if (names.is_regression())
    cells.insert(cells.end(), {fmt::format("{}", p.low), fmt::format("{}", p.high)});
  else
    cells.push_back(join(p.set, ";"));
  cells.insert(cells.end(), {join(p.masked, ";"), p.is_refused ? "yes" : "no"});
  return cells;
}

Sample sample_from_flags(const std::vector<std::string>& flags) {
  Sample sample;
  for (size_t i = 0; i < flags.size(); ++i) {
    const std::string& flag = flags[i];
    BRAID_CHECK(flag.rfind("--", 0) == 0 && flag.size() > 2, usage, "'{}': expected --FIELD VALUE",
                flag);
    const size_t equals = flag.find('=');
    if (equals != std::string::npos) {
      sample.set_cell(flag.substr(2, equals - 2), flag.substr(equals + 1));
      continue;
    }
    BRAID_CHECK(i + 1 < flags.size(), usage, "{}: expected a value", flag);
    sample.set_cell(flag.substr(2), flags[++i]);
  }
  return sample;
}

}  // namespace braid::tensor_verbs
