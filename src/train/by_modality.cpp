#include "train/by_modality.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::train {

std::map<std::string, double> by_modality(const Json& node, const std::string& where,
                                          const std::vector<std::string>& known,
                                          const Bound& bound) {
  BRAID_CHECK(node.is_object(), config, "{}: expected an object, as {{{}: 0.5}}, got {}", where,
              known.empty() ? "name" : known[0], node.dump());
  std::map<std::string, double> numbers;
  for (const auto& item : node.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      throw Error(ErrorKind::config, where + ": " + unknown_name("modality", item.key(), known));
    const double value = item.value().is_number() ? item.value().get<double>() : std::nan("");
    BRAID_CHECK(value >= bound.low && value <= bound.high, config,
                "{}.{}: expected a number {}, got {}", where, item.key(),
                std::isfinite(bound.high) ? fmt::format("within [{}, {}]", bound.low, bound.high)
                                          : fmt::format("of at least {}", bound.low),
                item.value().dump());
    numbers[item.key()] = value;
  }
  return numbers;
}

std::vector<double> in_order(const std::map<std::string, double>& numbers,
                             const std::vector<std::string>& names, double other) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const auto found = numbers.find(name);
    values.push_back(found == numbers.end() ? other : found->second);
  }
  return values;
}

}  // namespace braid::train
