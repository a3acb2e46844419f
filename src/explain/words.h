// Which tokens of a text each of its words became.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace braid::explain {

/// A word as it stands in the text, and its tokens [begin, begin + count).
struct Word {
  std::string text;
  int64_t begin = 0, count = 0;
};

/// The words that `ids` came from. A tokenizer that works word by word gives each word the same
/// tokens alone as inside the text; one that vanishes there (nothing but control characters) gets
/// none. Words behind the last token, of a text that was cut, are left out; tokens that fit no word
/// become words "#<place>". East Asian letters are words of their own.
///
/// `encode`: the ids of a word by itself.
std::vector<Word> align_words(
    std::string_view text, const std::vector<int64_t>& ids,
    const std::function<std::vector<int64_t>(const std::string&)>& encode);

}  // namespace braid::explain
