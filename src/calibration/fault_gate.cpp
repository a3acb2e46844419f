#include "calibration/fault_gate.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "calibration/conformal.h"
#include "calibration/input_statistics.h"
#include "core/error.h"

namespace braid::calibration {
namespace {

constexpr double kLeastScale = 1e-6;
constexpr size_t kNumViews = std::size(kViews);

Tensor index_of(const std::vector<int64_t>& places) { return at::tensor(places, at::kLong); }

std::vector<double> to_vector(const Tensor& x) {
  const Tensor own = x.contiguous();
  return {own.data_ptr<double>(), own.data_ptr<double>() + own.numel()};
}

// Of each row, from a Gaussian of the rows of other folds.
Tensor held_out_distances(const Tensor& view, const std::vector<int64_t>& folds) {
  Tensor distances = at::empty({view.size(0)}, at::kDouble);
  for (int64_t fold = 0; fold <= *std::max_element(folds.begin(), folds.end()); ++fold) {
    std::vector<int64_t> inside, outside;
    for (size_t i = 0; i < folds.size(); ++i)
      (folds[i] == fold ? inside : outside).push_back(static_cast<int64_t>(i));
    if (inside.empty()) continue;
    const Gaussian gaussian = fit_gaussian(view.index_select(0, index_of(outside)));
    const Tensor rows = index_of(inside);
    distances.index_copy_(0, rows, log_distance(gaussian, view.index_select(0, rows)));
  }
  return distances;
}

// Every fold must leave rows for the others' Gaussians.
bool can_be_fitted(const std::vector<int64_t>& folds) {
  if (static_cast<int64_t>(folds.size()) < kFewestGateRows) return false;
  for (int64_t fold : folds)
    if (static_cast<int64_t>(folds.size()) - std::count(folds.begin(), folds.end(), fold) < 2)
      return false;
  return true;
}

}  // namespace

std::vector<Tensor> views_of(const Input& input, const Encoded& encoded) {
  return {encoded.pooled.to(at::kCPU, at::kDouble), input_statistics(input).to(at::kCPU)};
}

Tensor fault_scores(const ModalityGate& gate, const std::vector<Tensor>& views) {
  Tensor scores;
  for (size_t v = 0; v < gate.views.size(); ++v) {
    const View& view = gate.views[v];
    BRAID_CHECK(views[v].size(1) == view.gaussian.mean.size(0), shape,
                "fault gate: view \"{}\": expected {} numbers, got {}; calibrate the bundle again",
                kViews[v], view.gaussian.mean.size(0), views[v].size(1));
    const Tensor score = (log_distance(view.gaussian, views[v]) - view.center) / view.scale;
    scores = v == 0 ? score : at::maximum(scores, score);  // NaN where either is
  }
  return scores;
}

std::vector<bool> faults(const ModalityGate& gate, const std::vector<Tensor>& views) {
  std::vector<bool> found(static_cast<size_t>(views[0].size(0)), false);
  if (gate.views.empty()) return found;
  const std::vector<double> scores = to_vector(fault_scores(gate, views));
  for (size_t i = 0; i < found.size(); ++i) found[i] = !(scores[i] <= gate.threshold);
  return found;
}

FittedGate fit_gate(const std::string& name, const std::vector<Tensor>& views,
                    const std::vector<bool>& present, const std::vector<int64_t>& folds,
                    double false_alarms) {
  BRAID_CHECK(false_alarms > 0 && false_alarms < 1, config,
              "false alarms: expected a share above 0 and below 1, got {}; 0.01 is usual",
              false_alarms);
  BRAID_ASSERT(views.size() == kNumViews && present.size() == folds.size());
  FittedGate made;
  made.gate.name = name;
  made.faults.assign(present.size(), false);
  std::vector<int64_t> rows, folds_of_rows;
  for (size_t i = 0; i < present.size(); ++i) {
    if (!present[i]) continue;
    rows.push_back(static_cast<int64_t>(i));
    folds_of_rows.push_back(folds[i]);
  }
  made.gate.num_rows = static_cast<int64_t>(rows.size());
  if (!can_be_fitted(folds_of_rows)) return made;
  Tensor scores;
  for (size_t v = 0; v < kNumViews; ++v) {
    const Tensor view = views[v].index_select(0, index_of(rows));
    const Tensor distances = held_out_distances(view, folds_of_rows);
    View fitted = {fit_gaussian(view), distances.mean().item<double>(), 1};
    fitted.scale =
        std::max((distances - fitted.center).square().mean().sqrt().item<double>(), kLeastScale);
    const Tensor score = (distances - fitted.center) / fitted.scale;
    scores = v == 0 ? score : at::maximum(scores, score);
    made.gate.views.push_back(std::move(fitted));
  }
  const std::vector<double> of_rows = to_vector(scores);
  made.gate.threshold = conformal_quantile(of_rows, 1 - false_alarms);
  for (size_t i = 0; i < rows.size(); ++i)
    made.faults[static_cast<size_t>(rows[i])] = of_rows[i] > made.gate.threshold;
  return made;
}

std::vector<bool> mask_faults(const ModalityGate& gate, const Input& input, Encoded* encoded) {
  std::vector<bool> masked(static_cast<size_t>(encoded->present.size(0)), false);
  if (gate.views.empty() || is_known_false(encoded->present)) return masked;
  const std::vector<bool> found = faults(gate, views_of(input, *encoded));
  const Tensor present = encoded->present.cpu().clone().contiguous();
  bool* stays = present.data_ptr<bool>();
  bool is_any = false;
  for (size_t i = 0; i < found.size(); ++i) {
    masked[i] = found[i] && stays[i];
    is_any = is_any || masked[i];
    stays[i] = stays[i] && !found[i];
  }
  if (!is_any) return masked;
  encoded->present = present.to(encoded->present.device());
  encoded->mask = real_tokens(encoded->mask, encoded->present);
  return masked;
}

std::vector<std::vector<bool>> apply_gate(const FaultGate& gate, const std::vector<Input>& inputs,
                                          std::vector<Encoded>* encoded) {
  std::vector<std::vector<bool>> masked;
  if (gate.modalities.empty()) return masked;
  BRAID_ASSERT(gate.modalities.size() == encoded->size());
  masked.assign(static_cast<size_t>((*encoded)[0].present.size(0)),
                std::vector<bool>(encoded->size(), false));
  for (size_t m = 0; m < encoded->size(); ++m) {
    try {
      const std::vector<bool> own = mask_faults(gate.modalities[m], inputs[m], &(*encoded)[m]);
      for (size_t i = 0; i < own.size(); ++i) masked[i][m] = own[i];
    } catch (const Error& e) {
      rethrow_with(e, gate.modalities[m].name);
    }
  }
  return masked;
}

}  // namespace braid::calibration
