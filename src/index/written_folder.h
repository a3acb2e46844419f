// A folder of files that appears whole or not at all.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace braid::index {

struct NamedBytes {
  std::string name;
  std::string bytes;
};

/// Writes the files beside `folder` and puts them in its place. What stood there is replaced where
/// it is empty, or where it holds no other names than these and `is_own` says that it was written
/// so; `what` names it in messages.
///
/// Errors   usage: a file stands there, or a folder that is not one of its own. io. In either case
///          what stood there is as it was.
void write_folder(const std::string& folder, const std::vector<NamedBytes>& files,
                  const std::string& what, const std::function<bool()>& is_own);

}  // namespace braid::index
