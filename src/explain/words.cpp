#include "explain/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace braid::explain {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Bytes of the UTF-8 letter at `at`, and whether it is East Asian: U+2E80 and above, three bytes of
// E2 BA and more.
size_t letter_size(std::string_view text, size_t at, bool* is_east_asian) {
  const auto byte = static_cast<unsigned char>(text[at]);
  size_t size = 1;
  if (byte >= 0xF0)
    size = 4;
  else if (byte >= 0xE0)
    size = 3;
  else if (byte >= 0xC0)
    size = 2;
  size = std::min(size, text.size() - at);
  *is_east_asian =
      size == 3 &&
      (byte > 0xE2 || (byte == 0xE2 && static_cast<unsigned char>(text[at + 1]) >= 0xBA)) &&
      byte < 0xEE;
  return size;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (size_t at = 0; at < text.size();) {
    bool is_east_asian = false;
    const size_t size = letter_size(text, at, &is_east_asian);
    if (is_space(text[at]) || is_east_asian) finish();
    if (!is_space(text[at])) word += text.substr(at, size);
    if (is_east_asian) finish();
    at += size;
  }
  finish();
  return words;
}

}  // namespace

std::vector<Word> align_words(
    std::string_view text, const std::vector<int64_t>& ids,
    const std::function<std::vector<int64_t>(const std::string&)>& encode) {
  std::vector<Word> words;
  size_t next = 0;
  for (const std::string& word : split(text)) {
    if (next == ids.size()) break;
    const std::vector<int64_t> own = encode(word);
    const size_t count = std::min(own.size(), ids.size() - next);
    const auto there = ids.begin() + static_cast<int64_t>(next);
    if (!std::equal(own.begin(), own.begin() + static_cast<int64_t>(count), there)) continue;
    words.push_back({word, static_cast<int64_t>(next), static_cast<int64_t>(count)});
    next += count;
  }
  for (; next < ids.size(); ++next)
    words.push_back({fmt::format("#{}", next + 1), static_cast<int64_t>(next), 1});
  return words;
}

}  // namespace braid::explain
