// Inputs that fit a modality's spec without any data: what a model is timed on.
#pragma once
#include <cstdint>

#include "data/modality_spec.h"
#include "layers/encoded.h"

namespace braid::model {

/// Random values from `seed`: every row present, every number observed, every token real, as many
/// tokens as the modality can have.
Input random_input(const data::ModalitySpec& spec, int64_t rows, uint64_t seed = 1);

/// Rows that all lack the modality, as a batch of samples without it arrives.
Input absent_input(const data::ModalitySpec& spec, int64_t rows);

}  // namespace braid::model
