// The version of the library that is running.
#pragma once

namespace braid {

/// "0.1.0"
const char* version();

}  // namespace braid
