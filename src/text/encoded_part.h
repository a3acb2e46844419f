// The tokens of one text on their way to an Encoding.
#pragma once
#include <cstdint>
#include <vector>

#include "text/tokenizer.h"

namespace braid::text {

struct PartToken {
  int32_t id = -1;
  uint32_t begin = 0, end = 0;  // bytes of the text given
  /// White space at the token's ends, in letters; counted where a post-processor trims it.
  uint16_t leading_spaces = 0, trailing_spaces = 0;
};

using Part = std::vector<PartToken>;

/// Appends one token to an encoding.
inline void append_token(Encoding& encoding, int32_t id, int32_t type_id, bool is_special,
                         int64_t begin, int64_t end) {
  encoding.ids.push_back(id);
  encoding.type_ids.push_back(type_id);
  encoding.attention_mask.push_back(1);
  encoding.special_tokens_mask.push_back(is_special ? 1 : 0);
  encoding.offsets.emplace_back(begin, end);
}

}  // namespace braid::text
