// A text that remembers which bytes of the given text each of its bytes came from.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::text {

/// Bytes [begin, end) of the text that was given.
struct Source {
  uint32_t begin = 0, end = 0;
};

struct AlignedText {
  std::string text;             // well-formed UTF-8
  std::vector<Source> sources;  // one a byte of text

  size_t size() const { return text.size(); }
  void clear() {
    text.clear();
    sources.clear();
  }
  /// Appends [begin, end) of `other`.
  void append(const AlignedText& other, size_t begin, size_t end);
  /// Appends `letters`, all of them from one source.
  void append(std::string_view letters, Source source);
  /// The bytes of the given text that [begin, end), not empty, came from.
  Source source_of(size_t begin, size_t end) const {
    return {sources[begin].begin, sources[end - 1].end};
  }
};

/// `given` with U+FFFD for what is not UTF-8.
/// Errors   data: 4 GiB or more.
AlignedText align(std::string_view given);

/// Writes a changed text code point by code point, and keeps count of what each stands for.
///
/// Source   Hugging Face tokenizers, NormalizedString::transform: the offsets are its offsets, odd
///          ones too.
class Rewriter {
 public:
  /// Reads [begin, end) of `from`, appends to `to`.
  Rewriter(const AlignedText& from, size_t begin, size_t end, AlignedText& to)
      : from_(from), to_(to), begin_(begin), at_(begin), end_(end) {}

  /// Leaves out the next code points.
  void skip(size_t num_code_points);
  /// `change` 0: the code point stands for the next one; below 0: for the next one, and so many
  /// behind it vanish; 1: it is new.
  void put(int32_t code_point, int change);

 private:
  size_t next_length() const { return at_ < end_ ? length_at(at_) : 0; }
  size_t length_at(size_t at) const;

  const AlignedText& from_;
  AlignedText& to_;
  size_t begin_, at_, end_;
};

}  // namespace braid::text
