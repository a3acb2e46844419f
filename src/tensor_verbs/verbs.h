// The table of verbs that compute with tensors.
#pragma once
#include <vector>

#include "cli/verb.h"

namespace braid::tensor_verbs {

const std::vector<const cli::Method*>& methods();

}  // namespace braid::tensor_verbs
