#include "text/wordpiece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "core/rng.h"

namespace braid::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Ids = std::vector<int32_t>;

WordPiece learn(std::vector<std::string> texts, const WordPieceConfig& config = {}) {
  size_t next = 0;
  return WordPiece::learn(
      [&](std::string* text) {
        if (next == texts.size()) return false;
        *text = texts[next++];
        return true;
      },
      config);
}

std::vector<std::string> tokens_of(const WordPiece& pieces, const Ids& ids) {
  std::vector<std::string> tokens;
  for (int32_t id : ids) tokens.push_back(pieces.token(id));
  return tokens;
}

std::string error_of(const std::function<void()>& call, ErrorKind kind) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no Error";
  return "";
}

// Words: hug 3, hugs 1. Letters g h s u; inside g s u. Pairs: h-##u 4, ##u-##g 4, ##g-##s 1.
// Tie: "##u" < "h", so ##ug (13); then h-##ug 4 -> hug (14); hug-##s 1 is below min_frequency 2.
const char kHugs[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ng\nh\ns\nu\n##g\n##s\n##u\n##ug\nhug\n";

TEST(wordpiece, whole_words_leave_out_what_is_none_of_them) {
  WordPieceConfig config;
  config.unit = "words";
  const WordPiece words = learn({"Red cat, red dog.", "a cat"}, config);
  EXPECT_EQ(words.serialize(), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\nred\n");
  EXPECT_THAT(words.encode("a red, unseen CAT!", 0), ElementsAre(6, 5));
  EXPECT_THAT(words.encode("unseen dogs, red", 1), ElementsAre(6));  // counts what is kept
  EXPECT_THAT(words.encode("dog", 0), IsEmpty());
  // The vocabulary alone does not say so; its config does.
  const WordPiece again = WordPiece::parse(words.serialize(), "vocab.txt", config);
  EXPECT_EQ(again.encode("a red dog", 0), words.encode("a red dog", 0));
  EXPECT_THAT(WordPiece::parse(words.serialize(), "vocab.txt", {}).encode("a red", 0),
              ElementsAre(kUnknown, 6));
}

TEST(wordpiece, learns_merges_worked_out_by_hand) {
  const WordPiece pieces = learn({"Hug hugs", "hug HUG"});
  EXPECT_EQ(pieces.serialize(), kHugs);
  EXPECT_EQ(pieces.size(), 14);
  EXPECT_EQ(pieces.token(kMask), "[MASK]");
  EXPECT_EQ(pieces.id_of("##ug"), 12);
  EXPECT_EQ(pieces.id_of("bear"), -1);
}

TEST(wordpiece, encodes_the_longest_match_first) {
  const WordPiece pieces = WordPiece::parse(kHugs, "vocab.txt", {});
  EXPECT_THAT(pieces.encode("hugs", 0), ElementsAre(13, 10));            // hug ##s
  EXPECT_THAT(pieces.encode("Gug ug", 0), ElementsAre(5, 12, 8, 9));     // g ##ug, u ##g
  EXPECT_THAT(pieces.encode("hugh hug", 0), ElementsAre(kUnknown, 13));  // no "##h"
  EXPECT_THAT(pieces.encode("", 0), IsEmpty());
  EXPECT_THAT(pieces.encode(" \n", 0), IsEmpty());
  EXPECT_THAT(pieces.encode("[MASK]", 0), ElementsAre(kUnknown, kUnknown, kUnknown));
}

TEST(wordpiece, truncates_to_max_tokens) {
  const WordPiece pieces = WordPiece::parse(kHugs, "vocab.txt", {});
  EXPECT_THAT(pieces.encode("hugs hugs", 0), ElementsAre(13, 10, 13, 10));
  EXPECT_THAT(pieces.encode("hugs hugs", 3), ElementsAre(13, 10, 13));
  EXPECT_THAT(pieces.encode("hugs hugs", 4), ElementsAre(13, 10, 13, 10));
  EXPECT_THAT(pieces.encode("hugs hugs", 1), ElementsAre(13));
  EXPECT_EQ(error_of([&] { pieces.encode("hug", -1); }, ErrorKind::usage),
            "encode: max_tokens: expected 0 (all) or more, got -1");
}

TEST(wordpiece, decodes_to_words) {
  const WordPiece pieces = WordPiece::parse(kHugs, "vocab.txt", {});
  EXPECT_EQ(pieces.decode({}), "");
  EXPECT_EQ(pieces.decode({kClass, 13, 10, 13, kUnknown, kSeparator, kPad}), "hugs hug [UNK]");
  EXPECT_EQ(pieces.decode(pieces.encode("Hugs, hug!", 0)), "hugs [UNK] hug [UNK]");
  EXPECT_EQ(error_of([&] { pieces.decode({14}); }, ErrorKind::data),
            "token id: expected 0 to 13, got 14; is this another vocabulary's id?");
  error_of([&] { pieces.token(-1); }, ErrorKind::data);
}

TEST(wordpiece, knows_only_what_the_training_texts_say) {
  std::vector<std::string> train(20, "the cat sat on the mat");
  const WordPiece pieces = learn(train);
  EXPECT_THAT(tokens_of(pieces, pieces.encode("the cat", 0)), ElementsAre("the", "cat"));
  // "heat" was never read: it comes out as pieces, "dog" not even as letters (no d, no g).
  EXPECT_THAT(tokens_of(pieces, pieces.encode("heat dog", 0)),
              ElementsAre("h", "##e", "##at", "[UNK]"));
}

TEST(wordpiece, same_texts_in_any_order_give_the_same_vocabulary) {
  Rng rng(7);
  std::vector<std::string> texts;
  for (int64_t i = 0; i < 300; ++i) {
    std::string text;
    for (int64_t k = 0; k < 40; ++k) text += "abcdefgh    "[rng.below(12)];
    texts.push_back(text);
  }
  WordPieceConfig config;
  config.vocabulary_size = 200;
  const std::string first = learn(texts, config).serialize();
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 200);
  rng.shuffle(texts);
  EXPECT_EQ(learn(texts, config).serialize(), first);
}

TEST(wordpiece, reads_back_what_it_wrote) {
  const WordPiece pieces = learn({"Die Stra\u00DFe, die stra\u00DFe! \u4E2D\u6587 \U0001F600"});
  const WordPiece again = WordPiece::parse(pieces.serialize(), "vocab.txt", pieces.config());
  EXPECT_EQ(again.serialize(), pieces.serialize());
  for (const char* text : {"die stra\u00DFe!", "\u6587\u4E2D", "\U0001F600\U0001F600", "x"}) {
    EXPECT_EQ(again.encode(text, 0), pieces.encode(text, 0)) << text;
  }
}

TEST(wordpiece, speaks_more_than_english) {
  const WordPiece pieces = learn({"caf\u00E9 \u4E2D\u6587 ok\U0001F600 \u0915\u093E"});
  EXPECT_EQ(pieces.encode("cafe\u0301", 0), pieces.encode("CAFE", 0));
  EXPECT_THAT(tokens_of(pieces, pieces.encode("\u6587\u4E2D", 0)), ElementsAre("\u6587", "\u4E2D"));
  EXPECT_THAT(tokens_of(pieces, pieces.encode("k\U0001F600", 0)), ElementsAre("k", "##\U0001F600"));
  // The bytes of another emoji share a prefix with the known one; a letter is never cut.
  EXPECT_THAT(pieces.encode("k\U0001F601", 0), ElementsAre(kUnknown));
  EXPECT_THAT(pieces.encode("k\xF0\x9F", 0), ElementsAre(pieces.id_of("k")));
}

TEST(wordpiece, respects_its_limits) {
  WordPieceConfig config;
  config.max_word_letters = 3;
  const WordPiece pieces = WordPiece::parse(kHugs, "vocab.txt", config);
  EXPECT_THAT(pieces.encode("hug hugs", 0), ElementsAre(13, kUnknown));
  config.vocabulary_size = 7;
  EXPECT_EQ(learn({"a b c d d d c"}, config).serialize(),
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nc\nd\n");
  EXPECT_EQ(learn({}).size(), kNumSpecialTokens);
  EXPECT_THAT(learn({}).encode("hug", 0), ElementsAre(kUnknown));
  config.vocabulary_size = 5;
  EXPECT_THAT(error_of([&] { learn({"a"}, config); }, ErrorKind::config),
              HasSubstr("text.vocabulary_size"));
}

TEST(wordpiece, case_and_accents_are_the_configs_choice) {
  WordPieceConfig config;
  read_config(
      parse_json(
          R"({"min_frequency": 1, "normalize": {"lowercase": false, "strip_accents": false}})",
          "test"),
      "text", config);
  const WordPiece pieces = learn({"\u00C9t\u00E9"}, config);
  EXPECT_THAT(tokens_of(pieces, pieces.encode("\u00C9t\u00E9", 0)), ElementsAre("\u00C9t\u00E9"));
  EXPECT_THAT(pieces.encode("ete", 0), ElementsAre(kUnknown));
}

TEST(wordpiece, says_what_is_wrong_with_a_vocabulary) {
  const auto error = [](const std::string& vocab) {
    return error_of([&] { WordPiece::parse(vocab, "vocab.txt", {}); }, ErrorKind::format);
  };
  EXPECT_EQ(error(""),
            "vocab.txt: expected one token per line, got an empty file; is the file complete?");
  EXPECT_EQ(error("[UNK]\na\nb\na\n"),
            "vocab.txt:4: token 'a': expected each token once, got it on line 2 too; remove one");
  EXPECT_EQ(error("a\nb"), "vocab.txt: expected the token [UNK], got 2 tokens without it; add it");
  EXPECT_EQ(error("[UNK]\n\na\n"), "vocab.txt:2: expected a token, got an empty line; remove it");
  EXPECT_EQ(error("[UNK]\n\xFF\n"),
            "vocab.txt:2: expected UTF-8, got other bytes; is this a vocab.txt?");
  EXPECT_EQ(WordPiece::parse("a\r\n[UNK]\r\nb", "vocab.txt", {}).encode("b x", 0), (Ids{2, 1}));
}

TEST(wordpiece, a_megabyte_is_no_burden) {
  const WordPiece pieces = learn({"hug hugs hug"});
  const std::string one_word(1 << 20, 'h');
  EXPECT_THAT(pieces.encode(one_word, 0), ElementsAre(kUnknown));
  std::string many;
  while (many.size() < (1 << 20)) many += "hugs ";
  // 2^20 / 5 = 209715.2, so 209716 words of two tokens.
  EXPECT_EQ(pieces.encode(many, 0).size(), 2U * 209716U);
  EXPECT_EQ(pieces.encode(many, 5).size(), 5U);
}

TEST(wordpiece, learns_from_many_distinct_words_in_seconds) {
  Rng rng(3);
  std::set<std::string> distinct;
  while (distinct.size() < 50000) {
    std::string word;
    // Squaring favours the first letters, so that pairs differ in frequency as in a language.
    for (uint64_t k = 3 + rng.below(8); k > 0; --k) {
      const double u = rng.uniform();
      word += static_cast<char>('a' + static_cast<int>(u * u * 26));
    }
    distinct.insert(word);
  }
  WordPieceConfig config;
  config.vocabulary_size = 2060;
  const auto start = std::chrono::steady_clock::now();
  const WordPiece pieces = learn({distinct.begin(), distinct.end()}, config);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(pieces.size(), 2060);
  EXPECT_LT(taken.count(), 30.0);  // a few seconds; counting anew for each merge takes minutes
  RecordProperty("seconds", std::to_string(taken.count()));
}

}  // namespace
}  // namespace braid::text
