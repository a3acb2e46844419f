// Every registered method as `show` prints it and the catalogue keeps it, whatever its family.
#pragma once
#include <vector>

#include "cli/catalogue.h"

namespace braid::tensor_verbs {

/// Every encoder, fusion, head and metric, in table order.
std::vector<cli::Entry> all_entries();

}  // namespace braid::tensor_verbs
