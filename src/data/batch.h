// Batches as plain arrays; model/tensors.cpp turns them into tensors.
#pragma once
#include <cstdint>
#include <vector>

#include "data/modality_spec.h"

namespace braid::data {

/// One modality of B samples, padded to the longest of the batch (T >= 1 always). Absent samples
/// and padding hold zeros.
struct ModalityBatch {
  Kind kind = Kind::text;
  int64_t batch = 0, length = 1;  // B, T
  std::vector<float> values;      // (B, ...) as Prepared::values, T padded
  std::vector<int64_t> ids;       // text (B, T); tabular (B, categories)
  std::vector<uint8_t> mask;      // (B, T) 1 where a token is real; all 0 for an absent sample
  std::vector<uint8_t> observed;  // tabular (B, numeric); series (B, T, C)
  std::vector<float> times;       // series (B, T)
  std::vector<uint8_t> present;   // (B)
  bool is_encoded = false;        // values (B, T, D) are a frozen encoder's (PreparedStore)
};

struct Batch {
  std::vector<int64_t> rows;  // (B) rows of the dataset
  std::vector<ModalityBatch> modalities;
  std::vector<double> targets;  // as Targets::values for these rows; empty where there is no target
  std::vector<double> weights;  // (B) sample weight, 1 unless balanced
};

/// One modality of B >= 0 samples. Nothing of one sample reaches another: absent ones are zeros.
/// Errors: shape, when a sample does not fit `spec`. Cost: one copy of every value.
ModalityBatch collate(const ModalitySpec& spec, const std::vector<const Prepared*>& samples);

/// samples[b][m], every modality of `specs`. rows and targets stay empty, weights are 1.
/// Errors: shape, as above. Cost: one copy of every value.
Batch collate(const std::vector<ModalitySpec>& specs,
              const std::vector<std::vector<Prepared>>& samples);

}  // namespace braid::data
