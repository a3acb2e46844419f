// Attention and attribution of an explain.json document, in words and drawings.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// One line for each order whose curves were measured: does it find what the prediction needs? ""
/// where nothing was measured.
std::string faithfulness_words(const Json& explain);

/// Attention by layer and head, flow between modalities, and the curves; says why where there is
/// none. "" where the document has no such part.
std::string attention_html(const Json& explain);

/// Integrated gradients by modality and by column, and the curves.
std::string attribution_html(const Json& explain);

}  // namespace braid::report
