// Single rows of an explain.json document: what in them speaks for the prediction.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// A card for each of the document's samples: the picture, the words, the spectrogram and the
/// columns with what speaks for and against the prediction drawn over them. "" where there are
/// none.
std::string samples_html(const Json& explain);

}  // namespace braid::report
