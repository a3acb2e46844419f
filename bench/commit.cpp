// A file of its own, so that a new commit recompiles nothing else.
#include "bench/commit.h"

namespace braid::bench {
const char* commit() { return BRAID_COMMIT; }
}  // namespace braid::bench
