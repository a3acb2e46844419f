#include "heads/head.h"

#include <iterator>

#include "core/error.h"
#include "core/registry.h"

namespace braid::heads {

#include "heads/table.inc"

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> table(std::begin(kTable), std::end(kTable));
  return table;
}

const Method& find(const std::string& name) { return find_method(methods(), "head", name); }

const Method& default_for(metrics::Task task) {
  for (const Method* method : methods())
    if (method->applies(task)) return *method;
  fail(ErrorKind::internal, "no head applies to the task {}", metrics::to_string(task));
}

}  // namespace braid::heads
