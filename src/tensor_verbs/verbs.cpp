#include "tensor_verbs/verbs.h"

#include <iterator>

namespace braid::tensor_verbs {
using cli::Method;
#include "tensor_verbs/table.inc"

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

}  // namespace braid::tensor_verbs
