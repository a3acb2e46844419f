#include "text/aligned_text.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "text/code_points.h"

namespace braid::text {

void AlignedText::append(const AlignedText& other, size_t begin, size_t end) {
  text.append(other.text, begin, end - begin);
  const auto first = other.sources.begin();
  sources.insert(sources.end(), first + static_cast<std::ptrdiff_t>(begin),
                 first + static_cast<std::ptrdiff_t>(end));
}

void AlignedText::append(std::string_view letters, Source source) {
  text.append(letters);
  sources.insert(sources.end(), letters.size(), source);
}

AlignedText align(std::string_view given) {
  BRAID_CHECK(given.size() < std::numeric_limits<uint32_t>::max(), data,
              "text: expected less than 4 GiB, got {} bytes; cut it into parts", given.size());
  AlignedText aligned;
  aligned.text.reserve(given.size());
  aligned.sources.reserve(given.size());
  for (size_t at = 0; at < given.size();) {
    const auto begin = static_cast<uint32_t>(at);
    if (static_cast<uint8_t>(given[at]) < 0x80) {
      aligned.text.push_back(given[at++]);
      aligned.sources.push_back({begin, begin + 1});
      continue;
    }
    size_t length = 0;
    const int32_t code_point = next_or_replacement(given.substr(at, 4), length);
    at += length;
    const size_t size = aligned.size();
    append_utf8(code_point, aligned.text);
    aligned.sources.insert(aligned.sources.end(), aligned.size() - size,
                           {begin, static_cast<uint32_t>(at)});
  }
  return aligned;
}

size_t Rewriter::length_at(size_t at) const { return length_by_lead(from_.text[at]); }

void Rewriter::skip(size_t num_code_points) {
  for (; num_code_points > 0 && at_ < end_; --num_code_points) at_ += length_at(at_);
}

void Rewriter::put(int32_t code_point, int change) {
  Source source;
  if (begin_ == end_) {
    source = {};
  } else if (change <= 0) {
    source = from_.sources[std::min(at_, end_ - 1)];
  } else if (at_ == begin_) {
    source = {from_.sources[begin_].begin, from_.sources[begin_].begin};
  } else {
    source = from_.sources[at_ - 1];
  }
  if (change <= 0) {
    at_ += next_length();
    if (change < 0) skip(static_cast<size_t>(-change));
  }
  if (code_point < 0x80) {
    to_.text.push_back(static_cast<char>(code_point));
    to_.sources.push_back(source);
    return;
  }
  const size_t size = to_.size();
  append_utf8(code_point, to_.text);
  to_.sources.insert(to_.sources.end(), to_.size() - size, source);
}

}  // namespace braid::text
