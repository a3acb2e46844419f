#include "text/normalize.h"

#include <utf8proc.h>

#include <algorithm>

#include "text/code_points.h"

namespace braid::text {
namespace {

bool is_ascii_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Unicode's White_Space without the control characters that are removed before it matters.
bool is_space(int32_t c) {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return true;
  if (c < 0x80) return false;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

/// What BERT's cleaning removes; asked after is_space(), which owns tab and line ends.
bool is_removed(int32_t c) { return c == kReplacement || is_control(c); }

/// The blocks of Han ideographs that BERT names; kana and hangul are written with spaces or not at
/// all.
bool is_ideograph(int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void append_lowered(int32_t c, std::vector<int32_t>& out) {
  lower(c, [&out](int32_t small) { out.push_back(small); });
}

/// Orders each run of marks by combining class, as NFD does. utf8proc_decompose() would do it in
/// quadratic time, which a text of nothing but marks could abuse.
void order_marks(std::vector<int32_t>& letters) {
  const auto is_mark = [](int32_t c) { return combining_class(c) != 0; };
  for (auto run = std::find_if(letters.begin(), letters.end(), is_mark); run != letters.end();) {
    const auto end = std::find_if_not(run, letters.end(), is_mark);
    std::stable_sort(run, end,
                     [](int32_t a, int32_t b) { return combining_class(a) < combining_class(b); });
    run = std::find_if(end, letters.end(), is_mark);
  }
}

/// The canonical decomposition without nonspacing marks.
std::vector<int32_t> without_accents(const std::vector<int32_t>& letters) {
  std::vector<int32_t> out;
  out.reserve(letters.size());
  for (int32_t c : letters) {
    if (c < 0x80) {
      out.push_back(c);
      continue;
    }
    utf8proc_int32_t parts[8];  // the longest canonical decomposition has four
    int boundary = 0;
    const utf8proc_ssize_t count =
        utf8proc_decompose_char(c, parts, 8, UTF8PROC_DECOMPOSE, &boundary);
    if (count < 0 || count > 8) continue;
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN) out.push_back(parts[i]);
    }
  }
  order_marks(out);
  return out;
}

using Take = std::function<bool(const std::string&)>;

/// Normalizes what stood between two spaces, cuts it at punctuation and empties it; false to stop.
bool take_segment(std::vector<int32_t>& segment, const NormalizeConfig& config, const Take& take) {
  if (segment.empty()) return true;
  if (config.strip_accents) segment = without_accents(segment);
  if (config.lowercase) {
    std::vector<int32_t> lowered;
    lowered.reserve(segment.size());
    for (int32_t c : segment) append_lowered(c, lowered);
    segment.swap(lowered);
  }
  std::string word;
  for (int32_t c : segment) {
    const bool is_alone = is_punctuation(c);
    if (is_alone && !word.empty()) {
      if (!take(word)) return false;
      word.clear();
    }
    append_utf8(c, word);
    if (is_alone) {
      if (!take(word)) return false;
      word.clear();
    }
  }
  segment.clear();
  return word.empty() || take(word);
}

/// What a segment of ASCII letters alone comes to, much faster; other segments stay as they are.
/// Takes the bytes from `utf8` up to the white space behind them. `is_on`: take() said so.
bool take_ascii_segment(std::string_view& utf8, const NormalizeConfig& config, const Take& take,
                        std::string& word, bool& is_on) {
  size_t end = 0;
  for (; end < utf8.size() && !is_ascii_space(utf8[end]); ++end)
    if (static_cast<uint8_t>(utf8[end]) >= 0x80) return false;
  const std::string_view segment = utf8.substr(0, end);
  utf8.remove_prefix(end);
  word.clear();
  for (const char c : segment) {
    if (static_cast<uint8_t>(c) < ' ' || c == 0x7F) continue;  // control characters vanish
    const bool is_alone = is_punctuation(c);
    if (is_alone && !word.empty()) {
      if (!(is_on = take(word))) return true;
      word.clear();
    }
    word += config.lowercase && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    if (is_alone) {
      if (!(is_on = take(word))) return true;
      word.clear();
    }
  }
  is_on = word.empty() || take(word);
  return true;
}

}  // namespace

void for_each_word(std::string_view utf8, const NormalizeConfig& config, const Take& take) {
  std::vector<int32_t> segment;
  std::string word;
  bool is_on = true, is_ascii = true;  // is_ascii: until a segment was looked through and is not
  while (!utf8.empty()) {
    is_ascii = is_ascii && segment.empty();
    if (is_ascii && (is_ascii = take_ascii_segment(utf8, config, take, word, is_on))) {
      if (!is_on) return;
      if (!utf8.empty()) utf8.remove_prefix(1);  // white space
      continue;
    }
    size_t length = 0;
    const int32_t c = next_code_point(utf8, length);
    utf8.remove_prefix(length);
    if (is_space(c)) {
      is_ascii = true;
      if (!take_segment(segment, config, take)) return;
    } else if (is_removed(c)) {
      continue;
    } else if (is_ideograph(c)) {
      if (!take_segment(segment, config, take)) return;
      segment.push_back(c);
      if (!take_segment(segment, config, take)) return;
    } else {
      segment.push_back(c);
    }
  }
  take_segment(segment, config, take);
}

std::vector<std::string> split_words(std::string_view utf8, const NormalizeConfig& config) {
  std::vector<std::string> words;
  for_each_word(utf8, config, [&words](const std::string& word) {
    words.push_back(word);
    return true;
  });
  return words;
}

std::vector<std::string_view> split_letters(std::string_view utf8) {
  std::vector<std::string_view> letters;
  while (!utf8.empty()) {
    size_t length = 0;
    next_code_point(utf8, length);
    letters.push_back(utf8.substr(0, length));
    utf8.remove_prefix(length);
  }
  return letters;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t length = 0;
    // U+FFFD itself is three bytes long, a malformed byte is one.
    if (next_code_point(bytes, length) == kReplacement && length == 1) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace braid::text
