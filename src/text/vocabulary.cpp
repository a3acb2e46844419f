#include "text/vocabulary.h"

#include "core/error.h"
#include "core/file.h"

namespace braid::text {
namespace {

constexpr int64_t kMaxIds = int64_t{1} << 21;

uint32_t hash_of(std::string_view token) { return static_cast<uint32_t>(hash_bytes(token)); }

}  // namespace

size_t Vocabulary::place_of(std::string_view token, uint32_t hash) const {
  const size_t mask = places_.size() - 1;
  size_t at = hash & mask;
  while (places_[at].id >= 0 &&
         (places_[at].hash != hash || tokens_[static_cast<size_t>(places_[at].id)] != token))
    at = (at + 1) & mask;
  return at;
}

void Vocabulary::grow() {
  std::vector<Place> old(2 * places_.size());
  old.swap(places_);
  for (const Place& place : old) {
    if (place.id < 0) continue;
    size_t at = place.hash & (places_.size() - 1);
    while (places_[at].id >= 0) at = (at + 1) & (places_.size() - 1);
    places_[at] = place;
  }
}

void Vocabulary::add(const std::string& token, int64_t id, const std::string& where) {
  BRAID_CHECK(id >= 0 && id < kMaxIds, format, "{}: id of '{}': expected 0 to {}, got {}", where,
              token, kMaxIds - 1, id);
  if (2 * static_cast<size_t>(num_tokens_ + 1) > places_.size()) grow();
  const auto at = static_cast<size_t>(id);
  if (at >= tokens_.size()) {
    tokens_.resize(at + 1);
    is_used_.resize(at + 1);
  }
  BRAID_CHECK(!is_used_[at] || tokens_[at] == token, format,
              "{}: id {}: expected one token for each id, got '{}' and '{}'", where, id,
              tokens_[at], token);
  const uint32_t hash = hash_of(token);
  Place& place = places_[place_of(token, hash)];
  if (place.id < 0) ++num_tokens_;
  place = {hash, static_cast<int32_t>(id)};
  tokens_[at] = token;
  is_used_[at] = true;
}

int32_t Vocabulary::find(std::string_view token) const {
  return places_[place_of(token, hash_of(token))].id;
}

}  // namespace braid::text
