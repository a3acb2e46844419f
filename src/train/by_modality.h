// Config keys that hold a number for each modality.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/config.h"

namespace braid::train {

/// {text: 0.3} as numbers. Errors   config, opened by `where`: no object, a name that is not
/// `known` (with the nearest), no number, a number out of bounds.
std::map<std::string, double> by_modality(const Json& node, const std::string& where,
                                          const std::vector<std::string>& known,
                                          const Bound& bound);

/// What `numbers` has of each of `names`; `other` where it has nothing.
std::vector<double> in_order(const std::map<std::string, double>& numbers,
                             const std::vector<std::string>& names, double other);

}  // namespace braid::train
