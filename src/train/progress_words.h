// What training says while it runs.
#pragma once
#include <string>

#include "core/log.h"
#include "train/checkpoint.h"

namespace braid::train {

/// "epoch 3/60 loss 0.4 ..." of an epoch that has taken `epoch_seconds` so far (0 = none began).
std::string progress_detail(const Progress& progress, int64_t epoch, int64_t num_epochs,
                            double epoch_seconds);

/// Which modality has had nearly all of the encoders' gradient for some epochs, and what to do; ""
/// where none has.
std::string dominance_warning(const Progress& progress);

}  // namespace braid::train
