// Text to words, as BERT's BasicTokenizer cuts them; Unicode's tables come from utf8proc.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"

namespace braid::text {

/// How text is made uniform before it is cut into words.
struct NormalizeConfig {
  bool lowercase = true;  ///< false keeps "US" and "us" apart, at the cost of a larger vocabulary
  bool strip_accents = true;  ///< false keeps "pêche" and "péché" apart
  template <class V>
  void visit(V& v) {
    v("lowercase", lowercase, any(), "fold capital letters to small ones");
    v("strip_accents", strip_accents, any(), "take accents off letters, as in café to cafe");
  }
};

/// Hands the words of `utf8` to `take`, in order, until it returns false.
///
/// Control and format characters vanish, white space divides words, CJK ideographs and punctuation
/// (Unicode's P categories and all ASCII symbols) are words of their own; accents are taken off by
/// canonical decomposition (NFD) and the removal of nonspacing marks, then letters are folded.
/// A byte that is not UTF-8 counts as U+FFFD, which vanishes as BERT has it.
/// Cost     linear in the text read; what lies behind the last word taken is not read.
/// Source   google-research/bert, tokenization.py; Differs: unassigned code points are kept, as in
///          Hugging Face's tokenizers, so that emoji newer than the tables are not lost.
void for_each_word(std::string_view utf8, const NormalizeConfig& config,
                   const std::function<bool(const std::string&)>& take);

/// All words of `utf8`; see for_each_word().
std::vector<std::string> split_words(std::string_view utf8, const NormalizeConfig& config);

/// The code points of a word, each as its UTF-8 bytes; a byte that is not UTF-8 stands alone.
std::vector<std::string_view> split_letters(std::string_view utf8);

/// True where every byte belongs to a well-formed code point.
bool is_utf8(std::string_view bytes);

}  // namespace braid::text
