// What every text table must be before it is parsed: UTF-8 without NUL bytes.
#pragma once
#include <string>
#include <string_view>

namespace braid::formats {

/// The text without its byte order mark, once it is known to be UTF-8 and free of NUL bytes.
///
/// Errors  format, with name:line; a line ends at LF, CRLF or CR.
/// Cost    one pass.
std::string_view checked_text(std::string_view text, const std::string& name);

}  // namespace braid::formats
