// Modalities prepared as a published checkpoint, or another bundle, prepares them. Internal to
// prepare*.cpp.
#pragma once
#include <string>

#include "data/prepare_kinds.h"

namespace braid::data {

/// Text by the folder's tokenizer, cut at text.max_tokens and at what its model has positions for
/// (SigLIP's filled up to that, as it was trained); pictures, video and sound by its processor.
/// Nothing is learned. Prepared::observed of a text is 1 where a token is of the text itself and
/// may be left out in training, as a published vocabulary need not have a token for the unknown.
///
/// Errors   config, naming the folder: a kind no published checkpoint reads; a folder without the
///          tokenizer or the processor. io, format: as read_hub_folder().
PreparerPtr make_published(const Modality& modality, const std::string& folder,
                           const PrepareConfig& config);

/// Whether a saved state is one of make_published().
bool is_published(const Json& state);
/// Errors   format.
PreparerPtr load_published(const Saved& saved);

}  // namespace braid::data
