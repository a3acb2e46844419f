// Where the files behind embeddings lie: kept relative to the folder that names them, as a
// manifest's paths are.
#pragma once
#include <string>

namespace braid::tensor_verbs {

/// `path` as seen from `folder`, which need not be there yet; an absolute path stays as it is, and
/// so does an empty one.
std::string path_from(const std::string& path, const std::string& folder);

/// A path that `folder` names, as seen from here.
std::string path_in(const std::string& folder, const std::string& path);

}  // namespace braid::tensor_verbs
