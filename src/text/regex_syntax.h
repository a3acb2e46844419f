// Oniguruma's regular expressions in the words of PCRE2: the two differ in what \s and \w hold.
#pragma once
#include <string>

namespace braid::text {

/// Source   Oniguruma 6.9, doc/RE (Ruby syntax); pcre2pattern(3). To be compiled with PCRE2_UTF,
///          PCRE2_UCP, PCRE2_MULTILINE and line feeds as the only line ends.
/// Errors   format: an escape or a class that is not translated; names `where`.
std::string to_pcre2(const std::string& expression, const std::string& where);

}  // namespace braid::text
