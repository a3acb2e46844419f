// Which modalities of a row are so unlike those seen that the model had better not look at them.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "calibration/gaussian.h"
#include "layers/encoded.h"

namespace braid::calibration {

/// What the gate looks at of one modality: the encoder's pooled vector and the input's own
/// statistics.
constexpr const char* kViews[] = {"encoded", "input"};

struct View {
  Gaussian gaussian;
  double center = 0, scale = 1;  // of log_distance among rows the Gaussian was not fitted on
};

struct ModalityGate {
  std::string name;         // of the modality
  std::vector<View> views;  // in the order of kViews; none: nothing is ever masked
  double threshold = std::numeric_limits<double>::infinity();
  int64_t num_rows = 0;  // it was fitted on
};

/// One entry for each modality of the model, in its order; none: no gate.
struct FaultGate {
  double false_alarms = 0.01;  // asked: share of sound rows that are masked, of each modality
  std::vector<ModalityGate> modalities;
};

/// What the gate sees of one modality of one batch, in the order of kViews.
///
/// Shapes   -> (B, D_v) double on the CPU each.
std::vector<Tensor> views_of(const Input& input, const Encoded& encoded);

/// The largest, over the views, of the log distance in deviations from that of sound rows. NaN
/// where a view is not finite.
///
/// Shapes   -> (B) double.
/// Errors   shape: a view of another width than the gate was fitted on.
Tensor fault_scores(const ModalityGate& gate, const std::vector<Tensor>& views);

/// Rows above the threshold; a row that is not finite is always one of them.
std::vector<bool> faults(const ModalityGate& gate, const std::vector<Tensor>& views);

struct FittedGate {
  ModalityGate gate;
  std::vector<bool> faults;  // (N) what a gate says that was fitted without the row's fold
};

/// Fits on rows that are sound. Each row's score comes from Gaussians of the other folds; the
/// threshold is the conformal quantile of these scores, so that the share `false_alarms` of new
/// rows lies above it.
///
/// Shapes   views: (N, D_v) each; present (N): whether the row has the modality; folds (N).
/// Missing  rows without the modality do not count. With fewer than kFewestGateRows rows, or all of
///          them in one fold, there are no views; where the rows are too few for so small a share
///          of false alarms, the threshold is infinite.
/// Errors   config: false_alarms outside (0, 1).
/// Source   Bates et al. 2023, arXiv:2104.08279 (conformal p-values of outliers); folds instead of
///          halves: Vovk 2015, Cross-conformal Predictors, arXiv:1208.0806
FittedGate fit_gate(const std::string& name, const std::vector<Tensor>& views,
                    const std::vector<bool>& present, const std::vector<int64_t>& folds,
                    double false_alarms);
constexpr int64_t kFewestGateRows = 20;

/// Masks one modality where it is at fault: `present` and `mask` become false there.
///
/// Shapes   -> (B): what was masked.
/// Errors   as fault_scores.
std::vector<bool> mask_faults(const ModalityGate& gate, const Input& input, Encoded* encoded);

/// The same of all modalities.
///
/// Shapes   -> [B][M]: what was masked. Empty without a gate.
/// Errors   as fault_scores, naming the modality.
/// Cost     B * R * D for each modality, and views_of.
std::vector<std::vector<bool>> apply_gate(const FaultGate& gate, const std::vector<Input>& inputs,
                                          std::vector<Encoded>* encoded);

}  // namespace braid::calibration
