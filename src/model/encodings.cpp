#include "model/encodings.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "data/batch.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "ops/parallel.h"

namespace braid::model {
namespace {

constexpr size_t kTimesKept = 15;

template <class T>
bool has_same_bytes(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

double median(const std::deque<double>& times) {
  if (times.empty()) return 0;
  std::vector<double> sorted(times.begin(), times.end());
  const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace

bool is_same(const data::Prepared& a, const data::Prepared& b) {
  return a.present == b.present && a.length == b.length && has_same_bytes(a.values, b.values) &&
         has_same_bytes(a.ids, b.ids) && has_same_bytes(a.observed, b.observed) &&
         has_same_bytes(a.times, b.times);
}

Encodings::Encodings(Bundle* bundle, ops::Precision precision, EncodingOptions options)
    : bundle_(bundle),
      precision_(precision),
      options_(std::move(options)),
      kept_(bundle->modalities.size()),
      inputs_(bundle->modalities.size()),
      encoded_(bundle->modalities.size()) {}

int64_t Encodings::now_ns() const {
  if (options_.clock_ns) return options_.clock_ns();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::vector<bool> Encodings::choose(const std::vector<data::Prepared>& prepared,
                                    EncodingUse* use) const {
  std::vector<bool> chosen(kept_.size());
  for (size_t m = 0; m < kept_.size(); ++m)
    chosen[m] = !options_.reuses || !kept_[m].is_valid || !is_same(kept_[m].prepared, prepared[m]);
  use->is_outdated.assign(kept_.size(), false);
  if (options_.budget_ms > 0) keep_within_budget(prepared, &chosen, use);
  use->has_run = chosen;
  return chosen;
}

void Encodings::keep_within_budget(const std::vector<data::Prepared>& prepared,
                                   std::vector<bool>* chosen, EncodingUse* use) const {
  double spent_ms = 0;
  std::vector<size_t> may_wait;
  for (size_t m = 0; m < kept_.size(); ++m) {
    if (!(*chosen)[m]) continue;
    if (prepared[m].present && kept_[m].is_valid && kept_[m].prepared.present)
      may_wait.push_back(m);
    else if (prepared[m].present)
      spent_ms += median(kept_[m].times_ms);
  }
  std::stable_sort(may_wait.begin(), may_wait.end(),
                   [this](size_t a, size_t b) { return kept_[a].turn < kept_[b].turn; });
  for (size_t i = 0; i < may_wait.size(); ++i) {
    const size_t m = may_wait[i];
    spent_ms += median(kept_[m].times_ms);
    if (i == 0 || spent_ms <= options_.budget_ms) continue;
    (*chosen)[m] = false;
    use->is_outdated[m] = true;
    spent_ms -= median(kept_[m].times_ms);
  }
}

// Where times are asked for, one after the other: side by side none has a time of its own.
void Encodings::encode(const std::vector<bool>& chosen) {
  Model& model = *bundle_->model;
  if (options_.budget_ms <= 0) {
    model.encode(inputs_, chosen, &encoded_);
    return;
  }
  for (size_t m = 0; m < chosen.size(); ++m) {
    if (!chosen[m]) continue;
    const int64_t begin_ns = now_ns();
    encoded_[m] = model.encode_modality(inputs_[m], m);
    if (inputs_[m].present.is_cuda()) torch::cuda::synchronize();
    const double took_ms = static_cast<double>(now_ns() - begin_ns) * 1e-6;
    if (!kept_[m].prepared.present) continue;
    kept_[m].times_ms.push_back(took_ms);
    if (kept_[m].times_ms.size() > kTimesKept) kept_[m].times_ms.pop_front();
  }
}

Scores Encodings::score(std::vector<data::Prepared> prepared, int num_threads, EncodingUse* use) {
  BRAID_ASSERT(prepared.size() == kept_.size());
  const ops::ThreadScope threads(num_threads);
  const ops::MemoryScope memory;
  const c10::InferenceMode inference;
  const ops::PrecisionScope precision(precision_);
  Model& model = *bundle_->model;
  const c10::Device device = model.parameters()[0].device();
  const std::vector<bool> chosen = choose(prepared, use);
  for (size_t m = 0; m < kept_.size(); ++m) {
    if (!chosen[m]) continue;
    kept_[m].is_valid = false;
    kept_[m].prepared = std::move(prepared[m]);
    inputs_[m] =
        to_input(data::collate(model.specs()[m], {&kept_[m].prepared}), model.specs()[m], device);
  }
  encode(chosen);
  std::vector<bool> present;
  for (size_t m = 0; m < kept_.size(); ++m) {
    if (chosen[m]) {
      kept_[m].is_valid = true;
      kept_[m].turn = turn_;
    }
    present.push_back(kept_[m].prepared.present);
  }
  ++turn_;
  return scores_of(infer_encoded(model, inputs_, encoded_, bundle_->calibration.get()), {present});
}

}  // namespace braid::model
