// BERT's vocabularies and the ids that Hugging Face's tokenizers gave for some hundred texts. A
// suite of its own, for it is skipped where the goldens are absent.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.h"
#include "core/json.h"
#include "support/shared_folders.h"
#include "text/wordpiece.h"

namespace braid::text {
namespace {

/// A line of that tokenizer's goldens is compared where it holds none of the bytes left out. Braid
/// always removes invisible letters and parts ideographs; some of the tokenizers do not.
struct Golden {
  const char* folder;
  bool lowercase, strip_accents;
  bool (*is_left_out)(uint8_t byte);
  int64_t least_compared;  // of 477 lines
};

bool is_comparable(const std::string& text, const Golden& golden) {
  // Written out in a text, these are special tokens to that tokenizer and plain words to Braid.
  for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    if (text.find(special) != std::string::npos) return false;
  }
  return std::none_of(text.begin(), text.end(),
                      [&](char c) { return golden.is_left_out(static_cast<uint8_t>(c)); });
}

/// Compares every golden line that is plain text with the official tokenizers' ids.
void compare_with(const Golden& golden) {
  const std::string folder = ::braid::testing::goldens_folder() + "/tokenizers/" + golden.folder;
  if (!file_exists(folder + "/goldens.jsonl")) GTEST_SKIP() << folder << " is absent";
  WordPieceConfig config;
  config.normalize.lowercase = golden.lowercase;
  config.normalize.strip_accents = golden.strip_accents;
  const WordPiece pieces = WordPiece::parse(read_file(folder + "/vocab.txt"), "vocab.txt", config);
  const std::string lines = read_file(folder + "/goldens.jsonl");
  int64_t num_compared = 0;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    const Json line = parse_json(lines.substr(at, end - at), golden.folder);
    at = end + 1;
    const auto text = line.at("text").get<std::string>();
    if (!is_comparable(text, golden)) continue;
    std::vector<int32_t> expected = line.at("ids").get<std::vector<int32_t>>();
    expected.erase(expected.begin());  // [CLS]
    expected.pop_back();               // [SEP]
    EXPECT_EQ(pieces.encode(text, 0), expected) << text;
    ++num_compared;
  }
  EXPECT_GE(num_compared, golden.least_compared);
}

bool no_byte(uint8_t) { return false; }
/// Lead bytes of U+3000 and above, where the ideographs are.
bool leads_ideograph(uint8_t byte) { return byte >= 0xE3; }
/// Bytes of controls, and lead bytes of U+0080 to U+00BF and of U+2000 and above.
bool leads_invisible(uint8_t byte) {
  return byte < ' ' || byte == 0x7F || byte == 0xC2 || byte >= 0xE2;
}

TEST(bert, same_ids_as_the_official_tokenizer_on_bert_base_uncased) {
  compare_with({"bert-base-uncased", true, true, no_byte, 457});
}

TEST(bert, same_ids_as_the_official_tokenizer_on_bert_base_chinese) {
  compare_with({"bert-base-chinese", true, true, no_byte, 457});
}

TEST(bert, same_ids_as_the_official_tokenizer_on_cased_text) {
  compare_with({"bert-cased-flags", false, false, leads_ideograph, 288});
}

TEST(bert, same_ids_as_the_official_tokenizer_on_kept_accents) {
  compare_with({"bert-flags-keepaccents", true, false, leads_invisible, 192});
}

}  // namespace
}  // namespace braid::text
