// Decides which columns of a manifest are inputs and of which kind, and says why.
#pragma once
#include <vector>

#include "core/log.h"
#include "data/dataset.h"

namespace braid::data {

struct Inferred {
  std::vector<Field> fields;
  std::vector<Modality> modalities;
  std::vector<Inference>
      inferences;  // one per column of the table, then one per entry of config.embeddings
};

/// Applies the rules of docs/data.md. Warns of columns that are almost of another kind (a few cells
/// without an image's extension). Errors: data: a named column is not there (with the nearest
/// name), no input is left; config: unknown kind, a column with two
/// uses, two modalities of one name. Cost: one pass over the cells of the columns that may be
/// inputs.
Inferred infer_columns(const formats::Table& table, const DatasetConfig& config,
                       const Sinks& sinks);

/// Groups fields into what encoders read: numeric and category fields together are `tabular`.
/// `embeddings` as in DatasetConfig. Errors: config, for a name that would stand twice.
std::vector<Modality> group_modalities(const std::vector<Field>& fields, const Json& embeddings);

}  // namespace braid::data
