#include "text/length.h"

#include <algorithm>

#include "core/error.h"

namespace braid::text {
namespace {

constexpr int64_t kMaxPadded = int64_t{1} << 20;

void cut(Part& part, int64_t length, bool cuts_left) {
  const auto size = static_cast<int64_t>(part.size());
  if (size <= length) return;
  if (cuts_left) part.erase(part.begin(), part.begin() + (size - length));
  part.resize(static_cast<size_t>(length));
}

template <class T>
void fill(std::vector<T>& values, size_t num, const T& value, bool at_begin) {
  values.insert(at_begin ? values.begin() : values.end(), num, value);
}

bool read_direction(Fields& fields) {
  return fields.one_of("direction", {"Right", "Left"}, 0) == 1;
}

}  // namespace

Truncation Truncation::read(const PlainJson& value, const std::string& where) {
  Fields fields(value, where);
  Truncation truncation;
  truncation.max_length = fields.number("max_length");
  truncation.strategy = static_cast<Strategy>(
      fields.one_of("strategy", {"LongestFirst", "OnlyFirst", "OnlySecond"}, 0));
  truncation.cuts_left = read_direction(fields);
  fields.number_or("stride", 0);  // of the rest, which is not kept
  fields.done();
  return truncation;
}

void Truncation::apply(std::vector<Part>& parts, int64_t room) const {
  const auto size_of = [&](size_t i) { return static_cast<int64_t>(parts[i].size()); };
  const int64_t total = size_of(0) + (parts.size() == 2 ? size_of(1) : 0);
  if (total <= room) return;
  if (room == 0) {
    for (Part& part : parts) part.clear();
    return;
  }
  if (strategy != Strategy::longest_first) {
    const size_t target = strategy == Strategy::only_first ? 0 : 1;
    BRAID_CHECK(target < parts.size(), data,
                "text: expected a second text, which the tokenizer cuts, got {} tokens of one",
                total);
    const int64_t left = size_of(target) - (total - room);
    BRAID_CHECK(
        left > 0, data,
        "text: expected at most {} tokens, or more in the text that the tokenizer cuts, got "
        "{} of {}",
        room, size_of(target), total);
    return cut(parts[target], left, cuts_left);
  }
  if (parts.size() == 1) return cut(parts[0], room, cuts_left);
  const bool is_swapped = size_of(0) > size_of(1);
  int64_t shorter = std::min(size_of(0), size_of(1));
  int64_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room / 2;
    longer = shorter + room % 2;
  }
  cut(parts[0], is_swapped ? longer : shorter, cuts_left);
  cut(parts[1], is_swapped ? shorter : longer, cuts_left);
}

Padding Padding::read(const PlainJson& value, const std::string& where) {
  Fields fields(value, where);
  Padding padding;
  const PlainJson& strategy = fields.need("strategy");
  if (strategy.is_object()) {
    Fields fixed(strategy, where + ": \"strategy\"");
    padding.length = fixed.number("Fixed");
    fixed.done();
  } else {
    fields.one_of("strategy", {"BatchLongest"}, 0);
  }
  padding.multiple_of = std::max<int64_t>(fields.number_or("pad_to_multiple_of", 1), 1);
  BRAID_CHECK(padding.length < kMaxPadded && padding.multiple_of < kMaxPadded, format,
              "{}: expected lengths below {}, got {} and a multiple of {}", where, kMaxPadded,
              padding.length, padding.multiple_of);
  padding.pads_left = read_direction(fields);
  padding.id = static_cast<int32_t>(fields.number("pad_id"));
  padding.type_id = static_cast<int32_t>(fields.number_or("pad_type_id", 0));
  fields.text_or("pad_token", "");
  fields.done();
  return padding;
}

void Padding::apply(Encoding& encoding) const {
  const auto size = static_cast<int64_t>(encoding.ids.size());
  int64_t target = length > 0 ? length : size;
  target = (target + multiple_of - 1) / multiple_of * multiple_of;
  if (target <= size) return;
  const auto num = static_cast<size_t>(target - size);
  fill(encoding.ids, num, id, pads_left);
  fill(encoding.type_ids, num, type_id, pads_left);
  fill<uint8_t>(encoding.attention_mask, num, 0, pads_left);
  fill<uint8_t>(encoding.special_tokens_mask, num, 1, pads_left);
  fill<std::pair<int64_t, int64_t>>(encoding.offsets, num, {0, 0}, pads_left);
}

}  // namespace braid::text
