// The "truncation" and "padding" of a tokenizer.json.
#pragma once
#include <string>
#include <vector>

#include "text/encoded_part.h"
#include "text/json_fields.h"

namespace braid::text {

struct Truncation {
  enum class Strategy { longest_first, only_first, only_second };
  int64_t max_length = 0;
  Strategy strategy = Strategy::longest_first;
  bool cuts_left = false;

  /// Errors   format.
  static Truncation read(const PlainJson& value, const std::string& where);
  /// Cuts one or two parts to `room` tokens together.
  /// Errors   data: the part that is to be cut is too short, or missing.
  void apply(std::vector<Part>& parts, int64_t room) const;
};

struct Padding {
  int64_t length = 0;  // 0: as long as the text is, for it is encoded alone
  int64_t multiple_of = 1;
  int32_t id = 0, type_id = 0;
  bool pads_left = false;

  /// Errors   format.
  static Padding read(const PlainJson& value, const std::string& where);
  void apply(Encoding& encoding) const;
};

}  // namespace braid::text
