// Bytes as letters, for data inside of HTML and JSON.
#pragma once
#include <string>
#include <string_view>

namespace braid {

/// With padding. Source   RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace braid
