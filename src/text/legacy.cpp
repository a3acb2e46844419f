#include "text/legacy.h"

namespace braid::text {
std::string tokenizer_json_of(const std::string&) { return ""; }
std::string configured_pad_token(const std::string&) { return ""; }
}  // namespace braid::text
