// Late fusion trained the honest way: each modality alone, then the combination on rows the
// modalities did not train on.
#pragma once
#include <vector>

#include "train/trainer.h"

namespace braid::train {

/// Trains (or resumes) a single model per modality and combines them.
TrainResult train_late(const TrainTask& task);

/// Combines trained single models, one per modality of the task in the model's order, into the
/// task's late fusion. Learned combinations (weights, a decision layer) are fitted to the
/// validation split's predictions with an L2 pull towards their initial values, whose strength is
/// chosen by cross-fitting in five parts of the validation split; TrainResult::validation then
/// holds the held-out parts' predictions, so that choosing between methods stays fair. Cost
/// (strengths * parts + 1) fits of a few hundred steps on (validation rows, M * O) numbers; the
/// encoders are not run again but once. Source   stacking: Wolpert 1992, Neural Networks 5(2).
TrainResult combine_singles(const TrainTask& task, const std::vector<const TrainResult*>& singles);

}  // namespace braid::train
