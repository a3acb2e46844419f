// The parts of an input that are taken away together: patches, words, columns, runs of an
// embedding.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "data/modality_spec.h"
#include "layers/encoded.h"

namespace braid::explain {

/// Of one modality: which part each place of a row belongs to. Image: a grid of at most 8 x 8
/// patches, row by row. Audio: at most 16 parts in time by at most 4 in frequency, time by time.
/// Series: at most 16 parts in time, by channels (at most 8 groups of them). Video: at most 16
/// parts in time. Volume: at most 16 slabs. Text: the tokens. Embedding: the rows of a sequence,
/// otherwise 16 runs of columns. Table: the numeric, then the category fields.
struct Units {
  int64_t count = 0;              // U
  int64_t rows = 1, columns = 0;  // of the grid, U = rows * columns; rows are times or slabs
  at::Tensor of_values;           // int64, one for each of a row's values
  at::Tensor of_ids;              // int64, one for each of a row's ids
};

/// For inputs as long as `input`.
Units make_units(const data::ModalitySpec& spec, const Input& input);

/// The same for a text whose tokens belong to these parts. Shapes   unit_of (T) int64.
Units units_of_words(const at::Tensor& unit_of, int64_t count);

/// Which parts a row has. Missing  masked places, missing numbers and categories, absent rows.
/// Shapes   -> (B, U) bool.
at::Tensor real_units(const data::ModalitySpec& spec, const Units& units, const Input& input);

/// The input with those parts alone: values of the others are 0, the training rows' mean; their
/// words are masked, their categories scaled to 0. A series keeps its indicators of what was there.
/// Shapes   keep (B, U) bool.
Input keep_units(const data::ModalitySpec& spec, const Units& units, const Input& input,
                 const at::Tensor& keep);

/// Sums over the places of each part. Shapes   values and scale as the input has them, either may
/// be undefined -> (B, U).
at::Tensor sum_units(const Units& units, const at::Tensor& values, const at::Tensor& scale);

}  // namespace braid::explain
