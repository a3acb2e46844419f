// What a shared space was measured to do, as text.
#pragma once
#include <string>

#include "core/json.h"
#include "model/shared_space.h"

namespace braid::tensor_verbs {

/// A table of directions with recall, median rank, mAP and chance, then gap, alignment, uniformity
/// and linear probes. `measured` as train::measure_space() makes it, with "probes" where there are
/// any.
std::string space_text(const std::string& part, const Json& measured);

/// " of 3 members" behind the number of a space's numbers; nothing for one.
std::string members_text(const model::SharedSpace& space);

}  // namespace braid::tensor_verbs
