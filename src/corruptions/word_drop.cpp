// Text: words are missing.
#include <sstream>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_text(modality, sample, [&](const std::string& text) {
    std::istringstream words(text);
    std::string kept;
    for (std::string word; words >> word;)
      if (!random.chance(level)) kept += (kept.empty() ? "" : " ") + word;
    return kept;
  });
}

}  // namespace

extern const Method word_drop = {"word_drop",
                                 "Words left out at random; without any left the text is missing.",
                                 "",
                                 "chance that a word is missing",
                                 {data::Kind::text},
                                 {0.1, 0.25, 0.5, 0.75},
                                 apply,
                                 nullptr};

}  // namespace braid::corruptions
