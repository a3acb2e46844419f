// What contrastive training descends: losses on embeddings of any number of modalities.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

namespace braid::train {

/// One batch in the shared space.
struct Contrast {
  std::vector<at::Tensor> rows;     // [modality] (B, E) of length 1; absent rows may hold anything
  std::vector<at::Tensor> present;  // [modality] (B) bool
  // [modality] (B) int64: rows of one key have the same content there, so that they are not
  // negatives of each other. Empty = all rows differ.
  std::vector<at::Tensor> keys;
};

struct ContrastOptions {
  std::string loss = "infonce";  // or "sigmoid"
  double hardness = 0;           // infonce: negatives weigh exp(hardness * cosine), mean 1
  double noise = 0;              // infonce: share of the target spread over a row's negatives
};

/// The mean over all pairs of modalities that at least two rows have both of.
///
/// infonce: of a pair, the mean over both directions and all rows i of -log of the share that
/// e^(scale * cos_ii) has of the sum over i and its negatives j of w_ij e^(scale * cos_ij), where
/// w_ij are 1, or with hardness exp(hardness * cos_ij) over its mean over i's negatives. With noise
/// a the target is 1 - a for the row's own partner and a in even shares for its negatives.
/// sigmoid: of a pair, the sum over i and j of -log sigmoid(+-(scale * cos_ij + bias)), + for i =
/// j, over the number of rows.
///
/// Shapes   `scale` and `bias` scalars -> scalar; undefined where no pair has two rows.
/// Missing  a row without one of a pair's modalities gives no pair and is nobody's negative there.
/// Errors   shape: sizes that do not fit each other. config: an unknown loss; sigmoid with hardness
///          or noise.
/// Cost     M (M - 1) / 2 * B^2 * E multiply-adds; keeps B^2 numbers a pair for the way back.
/// Source   van den Oord et al. 2018, arXiv:1807.03748, and Radford et al. 2021, arXiv:2103.00020
///          (infonce, learned scale); Zhai et al. 2023, arXiv:2303.15343 (sigmoid); Robinson et al.
///          2021, arXiv:2010.04592 (hardness; differs: on the cosine, without their debiasing); Jia
///          et al. 2021, arXiv:2102.05918 (noisy pairs under smoothed targets).
at::Tensor contrastive_loss(const Contrast& contrast, const at::Tensor& scale,
                            const at::Tensor& bias, const ContrastOptions& options);

/// Errors   config: as contrastive_loss.
void check_contrast_options(const ContrastOptions& options);

}  // namespace braid::train
