// Where a run writes.
#pragma once
#include <string>

namespace braid::tensor_verbs {

/// The folder for a new run: `wanted`, or runs/<next number>.
std::string next_run_folder(const std::string& wanted);

}  // namespace braid::tensor_verbs
