// What an epoch of training leaves behind.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::train {

/// What one modality did in an epoch.
struct ModalityRecord {
  std::string name;
  double gradient_share = 0;  // of the norms of all encoders' gradients, mean of every tenth step
  double train_loss = 0, validation_loss = 0;  // of a linear head of its own on its encoder
};

struct EpochRecord {
  int64_t epoch = 0;  // from 1
  double train_loss = 0, validation_loss = 0, validation_metric = 0, lr = 0;
  double seconds = 0, waited_s = 0;
  std::vector<ModalityRecord> modalities;  // of a model of several, else empty
};

}  // namespace braid::train
