// Unicode's normalisation forms, keeping track of where each letter came from.
#pragma once
#include "text/aligned_text.h"

namespace braid::text {

enum class Form { nfc, nfd, nfkc, nfkd };

/// Cost     linear, but for the sorting of long runs of marks.
/// Source   Unicode Standard Annex 15.
void to_form(Form form, AlignedText& aligned);

}  // namespace braid::text
