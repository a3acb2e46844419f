// Text: cut off.
#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng, data::Sample* sample) {
  change_text(modality, sample, [&](const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    const auto count =
        static_cast<size_t>(std::max(1L, std::lround(level * static_cast<double>(words.size()))));
    std::string kept;
    for (size_t i = 0; i < std::min(count, words.size()); ++i)
      kept += (kept.empty() ? "" : " ") + words[i];
    return kept;
  });
}

}  // namespace

extern const Method truncation = {"truncation",
                                  "Cut off after a share of the words, at least one.",
                                  "",
                                  "share of the words that is left",
                                  {data::Kind::text},
                                  {0.75, 0.5, 0.25, 0.1},
                                  apply,
                                  nullptr};

}  // namespace braid::corruptions
