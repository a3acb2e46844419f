#include "text/legacy.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "text/components.h"
#include "text/tokenizer.h"

namespace braid::text {
namespace {

void write(const TemporaryFolder& folder, const char* name, const std::string& text) {
  write_file_atomically(folder / name, text);
}

TEST(legacy, berts_vocabulary_and_flags) {
  const TemporaryFolder folder;
  write(folder, "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nÉ\r\n");
  EXPECT_EQ(Tokenizer::read(folder.path()).encode("A É").ids, (std::vector<int32_t>{2, 5, 1, 3}));
  write(
      folder, "tokenizer_config.json",
      R"({"tokenizer_class": "BertTokenizerFast", "do_lower_case": false, "model_max_length": 5})");
  const Tokenizer cased = Tokenizer::read(folder.path());
  EXPECT_EQ(cased.encode("a É").ids, (std::vector<int32_t>{2, 5, 6, 3}));
  EXPECT_EQ(cased.encode("[MASK]").ids, (std::vector<int32_t>{2, 4, 3}));
  EXPECT_EQ(cased.pad_id(), 0);
}

TEST(legacy, gpt2_and_tokens_that_were_added) {
  const TemporaryFolder folder;
  write(folder, "vocab.json", R"({"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3})");
  write(folder, "merges.txt", "#version: 0.2\na b\n");
  write(folder, "added_tokens.json", R"({"<x>": 4})");
  write(folder, "tokenizer_config.json",
        R"({"tokenizer_class": "GPT2Tokenizer", "pad_token": "<|endoftext|>"})");
  const Tokenizer tokenizer = Tokenizer::read(folder.path());
  EXPECT_EQ(tokenizer.encode("ab<x>b<|endoftext|>").ids, (std::vector<int32_t>{2, 4, 1, 3}));
  EXPECT_EQ(tokenizer.pad_id(), 3);
  const Tokenizer again = Tokenizer::parse(tokenizer.serialize(), "again");
  EXPECT_EQ(again.pad_id(), 3);
  EXPECT_EQ(again.serialize(), tokenizer.serialize());
  EXPECT_EQ(again.vocabulary_size(), 5);
}

/// A SentencePiece model of pieces with these scores (a float's bits, little-endian).
std::string spiece(const std::vector<std::string>& pieces) {
  std::string out;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string piece = "\x0A" + std::string(1, static_cast<char>(pieces[i].size())) + pieces[i];
    // -1, or -0.0 for the first three.
    piece += "\x15" + std::string("\x00\x00\x80", 3) + (i < 3 ? "\x80" : "\xBF");
    out += "\x0A" + std::string(1, static_cast<char>(piece.size())) + piece;
  }
  return out;
}

// fairseq puts <s> <pad> </s> <unk> before the pieces, which begin with <unk> <s> </s>: all others
// move up by one.
TEST(legacy, xlm_robertas_ids_are_moved_by_one) {
  const TemporaryFolder folder;
  write(folder, "sentencepiece.bpe.model", spiece({"<unk>", "<s>", "</s>", "▁", "a", "▁a"}));
  write(folder, "config.json", R"({"model_type": "xlm-roberta"})");
  const Tokenizer tokenizer = Tokenizer::read(folder.path());
  EXPECT_EQ(tokenizer.encode("a a").ids, (std::vector<int32_t>{0, 6, 6, 2}));
  EXPECT_EQ(tokenizer.encode("x<mask>").ids, (std::vector<int32_t>{0, 4, 3, 7, 2}));
  EXPECT_EQ(tokenizer.encode_pair("a", "a").ids, (std::vector<int32_t>{0, 6, 2, 2, 6, 2}));
  EXPECT_EQ(tokenizer.pad_id(), 1);
}

TEST(legacy, albert_cuts_digits_from_commas) {
  const TemporaryFolder folder;
  write(folder, "spiece.model",
        spiece({"<pad>", "<unk>", "[CLS]", "[SEP]", "▁", "1", ",", "1,", "▁1"}) +
            std::string("\x12\x03\xC0\x02\x01", 5));
  write(folder, "tokenizer_config.json", R"({"tokenizer_class": "AlbertTokenizer"})");
  const Tokenizer tokenizer = Tokenizer::read(folder.path());
  EXPECT_EQ(tokenizer.encode("1,").ids, (std::vector<int32_t>{2, 8, 6, 3}));
  EXPECT_EQ(tokenizer.encode("[MASK]").ids, (std::vector<int32_t>{2, 9, 3}));
}

TEST(legacy, says_what_is_missing) {
  const TemporaryFolder folder;
  EXPECT_NE(
      message_of([&] { Tokenizer::read(folder.path()); }).find("expected a tokenizer, got no"),
      std::string::npos);
  write(folder, "vocab.json", R"({"a": 0})");
  write(folder, "merges.txt", "a b c\n");
  EXPECT_NE(message_of([&] {
              Tokenizer::read(folder.path());
            }).find("merges.txt:1: expected two tokens with a space between, got 'a b c'"),
            std::string::npos);
  write(folder, "merges.txt", "");
  EXPECT_NE(message_of([&] {
              Tokenizer::read(folder.path());
            }).find("unknown tokenizer of vocab.json and merges.txt ''"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
