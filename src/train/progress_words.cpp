#include "train/progress_words.h"

#include <fmt/format.h>

namespace braid::train {
namespace {

constexpr double kDominantShare = 0.9;
constexpr size_t kDominantEpochs = 3;

}  // namespace

std::string progress_detail(const Progress& progress, int64_t epoch, int64_t num_epochs,
                            double epoch_seconds) {
  std::string detail = fmt::format("epoch {}/{}", epoch, num_epochs);
  if (progress.weight_sum > 0)
    detail += fmt::format(" loss {:.4f}", progress.loss_sum / progress.weight_sum);
  else if (!progress.history.empty())
    detail += fmt::format(" loss {:.4f}", progress.history.back().train_loss);
  if (epoch_seconds > 0)
    detail += fmt::format(" {:.0f} samples/s", progress.weight_sum / epoch_seconds);
  if (!progress.history.empty())
    detail += fmt::format(" validation {:.4f} best {}", progress.history.back().validation_loss,
                          progress.best_epoch);
  return detail;
}

std::string dominance_warning(const Progress& progress) {
  if (progress.history.size() < kDominantEpochs) return "";
  const std::vector<ModalityRecord>& last = progress.history.back().modalities;
  for (size_t m = 0; m < last.size(); ++m) {
    bool is_dominant = true;
    for (size_t e = progress.history.size() - kDominantEpochs; e < progress.history.size(); ++e)
      is_dominant =
          is_dominant && progress.history[e].modalities[m].gradient_share > kDominantShare;
    if (!is_dominant) continue;
    return fmt::format(
        "modality {} has {:.0f} % of the encoders' gradient since epoch {}: the others may learn "
        "little; try train.balance.modulation=ogm_ge, train.balance.unimodal_loss=0.5 or "
        "train.modality_dropout_rates",
        last[m].name, 100 * last[m].gradient_share, progress.history.size() - kDominantEpochs + 1);
  }
  return "";
}

}  // namespace braid::train
