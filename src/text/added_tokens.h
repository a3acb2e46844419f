// The "added_tokens" of a tokenizer.json: tokens found in the text before anything is cut.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "text/normalizer.h"
#include "text/piece_trie.h"
#include "text/pre_tokenizer.h"
#include "text/token_model.h"

namespace braid::text {

struct AddedToken {
  std::string content;
  int32_t id = -1;
  bool is_single_word = false;    // not inside of a word
  bool takes_left_space = false;  // white space before it is part of it
  bool takes_right_space = false;
  bool is_normalized = false;  // looked for after normalisation
  bool is_special = false;     // left out by decode()
};

class AddedTokens {
 public:
  /// Errors   format: a token whose id is not the one that its place in the vocabulary gives it.
  AddedTokens(const PlainJson* list, const std::string& where, const Vocabulary& vocabulary,
              const Normalizer* normalizer);

  /// Cuts a text at the added tokens and normalises what lies between.
  PreTokenized extract(AlignedText aligned, const Normalizer* normalizer) const;

  /// nullptr where the id is no added token's.
  const AddedToken* by_id(int32_t id) const;
  int32_t find(const std::string& content) const;
  bool is_special(const std::string& content) const;
  /// Largest id + 1.
  int64_t size() const { return size_; }

 private:
  /// The tokens that are looked for together.
  struct Finder {
    PieceTrie trie;  // to positions in list_
    bool begins[256] = {};
    bool is_empty = true;
    void add(std::string_view content, size_t position);
  };

  void read(const PlainJson& value, const std::string& where, const Vocabulary& vocabulary);
  int32_t expected_id(const std::string& content, const Vocabulary& vocabulary) const;
  void build(const Normalizer* normalizer);
  /// Appends the pieces of `aligned`, those of no added token too.
  void find_in(std::string_view text, const Finder& finder, std::vector<Piece>& pieces) const;

  std::vector<AddedToken> list_;  // in the order of the file
  std::unordered_map<int32_t, size_t> by_id_;
  std::unordered_map<std::string, size_t> by_content_;
  Finder raw_, normalized_;
  int64_t size_ = 0;
};

}  // namespace braid::text
