#include <iterator>

#include "cli/verb.h"

namespace braid::cli {
#include "cli/table.inc"

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

}  // namespace braid::cli
