// Tokens and their ids, both ways; ids may have gaps.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::text {

class Vocabulary {
 public:
  /// A token that is there already gets the new id too, and its old one keeps its text.
  /// Errors   format: an id outside [0, 2^21), which no vocabulary comes near; names `where`.
  void add(const std::string& token, int64_t id, const std::string& where);
  /// -1 where there is none.
  int32_t find(std::string_view token) const;
  /// nullptr where the id is nobody's.
  const std::string* token(int32_t id) const {
    const bool is_known = id >= 0 && static_cast<size_t>(id) < tokens_.size();
    return is_known && is_used_[static_cast<size_t>(id)] ? &tokens_[static_cast<size_t>(id)]
                                                         : nullptr;
  }
  /// Largest id + 1.
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  /// How many different tokens.
  int64_t num_tokens() const { return num_tokens_; }

 private:
  size_t place_of(std::string_view token, uint32_t hash) const;
  void grow();

  struct Place {
    uint32_t hash = 0;
    int32_t id = -1;
  };
  std::vector<std::string> tokens_;  // by id
  std::vector<bool> is_used_;
  std::vector<Place> places_ = std::vector<Place>(64);  // open addressing; a power of two
  int64_t num_tokens_ = 0;
};

}  // namespace braid::text
