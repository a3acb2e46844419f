#include "train/contrastive.h"

#include <limits>

#include "core/error.h"

namespace braid::train {
namespace {

using at::Tensor;

// The rows that have both modalities of a pair, and who is whose negative.
struct Pair {
  Tensor cosines;   // (n, n) of all rows of the one with all of the other
  Tensor negative;  // (n, n) bool: different rows of different content
};

// `kept` (n): rows of the batch.
Pair make_pair(const Contrast& contrast, size_t a, size_t b, const Tensor& kept) {
  Pair pair;
  pair.cosines = at::mm(contrast.rows[a].index_select(0, kept),
                        contrast.rows[b].index_select(0, kept).t());  // [n, n]
  const auto not_self = at::TensorOptions().dtype(at::kBool).device(kept.device());
  pair.negative = at::eye(kept.size(0), not_self).logical_not();  // [n, n]
  if (contrast.keys.empty()) return pair;
  for (const size_t m : {a, b}) {
    const Tensor keys = contrast.keys[m].index_select(0, kept);  // [n]
    pair.negative = pair.negative.logical_and(keys.unsqueeze(0).ne(keys.unsqueeze(1)));
  }
  return pair;
}

// log of each negative's weight. Shapes   (n, n) both.
Tensor log_weights(const Tensor& cosines, const Tensor& negative, double hardness) {
  const double lowest = -std::numeric_limits<double>::infinity();
  const Tensor logs = hardness * cosines;
  // A row without negatives has no mean to divide by, and nothing to be divided.
  const Tensor count = negative.sum(/*dim=*/1, /*keepdim=*/true).clamp_min(1);
  const Tensor is_alone = negative.any(/*dim=*/1, /*keepdim=*/true).logical_not();
  const Tensor mean =
      at::logsumexp(logs.masked_fill(negative.logical_not(), lowest).masked_fill(is_alone, 0),
                    /*dim=*/1, /*keepdim=*/true) -
      count.to(logs.scalar_type()).log();
  return logs - mean;
}

// One direction: every row looks for its partner among the columns.
Tensor one_way(const Tensor& cosines, const Tensor& negative, const Tensor& scale,
               const ContrastOptions& options) {
  Tensor logits = scale * cosines;  // [n, n]
  if (options.hardness > 0)
    logits = at::where(negative, logits + log_weights(cosines, negative, options.hardness), logits);
  const int64_t n = cosines.size(0);
  const Tensor self = at::eye(n, negative.options());
  const Tensor counts = negative.logical_or(self);
  logits = logits.masked_fill(counts.logical_not(), -std::numeric_limits<double>::infinity());
  const Tensor shares = at::log_softmax(logits, /*dim=*/1);
  const Tensor own = shares.diagonal();  // [n]
  if (options.noise <= 0) return -own.mean();
  const Tensor number = negative.sum(/*dim=*/1).to(shares.scalar_type());  // [n]
  const Tensor others =
      shares.masked_fill(negative.logical_not(), 0).sum(/*dim=*/1) / number.clamp_min(1);  // [n]
  return -((1 - options.noise) * own + options.noise * others).mean();
}

Tensor sigmoid_loss(const Pair& pair, const Tensor& scale, const Tensor& bias) {
  const int64_t n = pair.cosines.size(0);
  const Tensor logits = scale * pair.cosines + bias;  // [n, n]
  const Tensor wrong = at::log_sigmoid(-logits).masked_fill(pair.negative.logical_not(), 0);
  return -(at::log_sigmoid(logits.diagonal()).sum() + wrong.sum()) / static_cast<double>(n);
}

void check_shapes(const Contrast& contrast) {
  const size_t M = contrast.rows.size();
  BRAID_CHECK(contrast.present.size() == M && (contrast.keys.empty() || contrast.keys.size() == M),
              shape, "contrastive loss: expected one presence mask per modality ({}), got {}", M,
              contrast.present.size());
  for (size_t m = 0; m < M; ++m) {
    const Tensor& rows = contrast.rows[m];
    BRAID_CHECK(rows.dim() == 2 && rows.sizes() == contrast.rows[0].sizes(), shape,
                "contrastive loss: modality {}: expected [{}], got [{}]", m,
                fmt::join(contrast.rows[0].sizes(), ", "), fmt::join(rows.sizes(), ", "));
    BRAID_CHECK(contrast.present[m].dim() == 1 && contrast.present[m].size(0) == rows.size(0),
                shape, "contrastive loss: modality {}: presence: expected [{}], got [{}]", m,
                rows.size(0), fmt::join(contrast.present[m].sizes(), ", "));
  }
}

}  // namespace

void check_contrast_options(const ContrastOptions& options) {
  BRAID_CHECK(options.loss == "infonce" || options.loss == "sigmoid", config,
              "space.loss: expected infonce or sigmoid, got '{}'", options.loss);
  BRAID_CHECK(options.loss == "infonce" || (options.hardness == 0 && options.noise == 0), config,
              "space.loss: sigmoid has no use for space.hardness and space.noise, got {} and {}; "
              "set both to 0 or use infonce",
              options.hardness, options.noise);
}

Tensor contrastive_loss(const Contrast& contrast, const Tensor& scale, const Tensor& bias,
                        const ContrastOptions& options) {
  check_shapes(contrast);
  check_contrast_options(options);
  Tensor sum;
  int64_t num_pairs = 0;
  for (size_t a = 0; a < contrast.rows.size(); ++a)
    for (size_t b = a + 1; b < contrast.rows.size(); ++b) {
      const Tensor kept =
          contrast.present[a].logical_and(contrast.present[b]).nonzero().squeeze(1);  // [n]
      if (kept.size(0) < 2) continue;
      const Pair pair = make_pair(contrast, a, b, kept);
      Tensor loss;
      if (options.loss == "sigmoid")
        loss = sigmoid_loss(pair, scale, bias);
      else
        loss = (one_way(pair.cosines, pair.negative, scale, options) +
                one_way(pair.cosines.t(), pair.negative.t(), scale, options)) /
               2;
      sum = sum.defined() ? sum + loss : loss;
      ++num_pairs;
    }
  return num_pairs > 1 ? sum / static_cast<double>(num_pairs) : sum;
}

}  // namespace braid::train
