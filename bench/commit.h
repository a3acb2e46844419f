// Which state of the code a timing belongs to.
#pragma once

namespace braid::bench {
const char* commit();
}  // namespace braid::bench
