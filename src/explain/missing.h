// Which modalities of a row go missing at random.
#pragma once
#include <cstddef>
#include <vector>

#include "core/rng.h"
#include "layers/encoded.h"

namespace braid::explain {

/// What a row keeps of its modalities `present` (bit m: modality m) where each of `hidden` that it
/// has is hidden with the chance `rate`. With `keeps_last` one is left: the one that would have
/// gone last. The same stream of `random` gives every rate the same coins, so that what is hidden
/// at 10 % is hidden at 20 % too.
size_t kept_at_random(size_t present, const std::vector<size_t>& hidden, double rate,
                      bool keeps_last, Rng random);

/// Of each row the modalities it has (bit m: modality m).
std::vector<size_t> presence_bits(const std::vector<Encoded>& encoded);

}  // namespace braid::explain
