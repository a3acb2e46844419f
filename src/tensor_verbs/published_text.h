// A published checkpoint's folder in words.
#pragma once
#include <string>

namespace braid::tensor_verbs {

/// Which encoders the folder holds, what they read and how large they are, by loading them.
/// Errors   config: a family that is not known. io, format: a damaged folder.
std::string published_text(const std::string& folder);

}  // namespace braid::tensor_verbs
