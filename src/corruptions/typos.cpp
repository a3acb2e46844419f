// Text: letters hit wrong.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Swapped with the next, left out, doubled or replaced, each as likely. Letters of other scripts
// are more than one byte and stay.
std::string with_typos(const std::string& text, double level, Rng* random) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_letter(text[i]) || !random->chance(level)) {
      out += text[i];
      continue;
    }
    const bool has_next = i + 1 < text.size() && is_letter(text[i + 1]);
    switch (random->below(4)) {
      case 0:
        if (has_next) out += text[++i], out += text[i - 1];
        break;  // at a word's end: left out
      case 1:
        break;
      case 2:
        out += text[i], out += text[i];
        break;
      default:
        out += static_cast<char>('a' + random->below(26));
    }
  }
  return out;
}

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_text(modality, sample,
              [&](const std::string& text) { return with_typos(text, level, &random); });
}

}  // namespace

extern const Method typos = {"typos",
                             "Latin letters swapped, left out, doubled or replaced.",
                             "Belinkov and Bisk 2018, arXiv:1711.02173",
                             "chance that a letter is hit wrong",
                             {data::Kind::text},
                             {0.02, 0.05, 0.1, 0.3},
                             apply,
                             nullptr};

}  // namespace braid::corruptions
