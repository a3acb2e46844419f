#include "calibration/gaussian.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/error.h"

namespace braid::calibration {
namespace {

constexpr int64_t kMostRows = 1000, kMostDirections = 32, kRowsPerDirection = 5;
constexpr double kLeastShare = 0.01;  // of the usual deviation, and of the mean variance
constexpr double kTiny = 1e-12;

Tensor some_of(const Tensor& rows) {
  const int64_t N = rows.size(0);
  if (N <= kMostRows) return rows;
  const Tensor chosen = at::arange(kMostRows, at::kLong).mul(N).div(kMostRows, "floor");
  return rows.index_select(0, chosen);
}

Tensor standardized(const Gaussian& gaussian, const Tensor& rows) {
  return (rows.to(at::kDouble) - gaussian.mean) / gaussian.deviation;
}

// Variances, the largest first, and their unit directions (R, D).
std::pair<Tensor, Tensor> principal(const Tensor& z) {
  const int64_t N = z.size(0), D = z.size(1);
  const int64_t R = std::min({kMostDirections, std::max<int64_t>(N / kRowsPerDirection, 1), D});
  const bool is_wide = D > N;
  const Tensor product = (is_wide ? z.mm(z.t()) : z.t().mm(z)) / static_cast<double>(N);
  const auto [values, vectors] = at::linalg_eigh(product);  // the smallest first
  const Tensor variances = values.flip(0).slice(0, 0, R).clamp_min(0);
  Tensor directions = vectors.flip(1).slice(1, 0, R).t();  // [R, D], or [R, N] where wide
  if (is_wide) directions = directions.mm(z);
  const Tensor norms = directions.norm(2, /*dim=*/1, /*keepdim=*/true).clamp_min(kTiny);
  return {variances, directions / norms};  // [R], [R, D]
}

}  // namespace

Gaussian fit_gaussian(const Tensor& all) {
  BRAID_ASSERT(all.dim() == 2 && all.size(0) >= 2 && all.size(1) >= 1);
  const Tensor rows = some_of(all).to(at::kDouble);
  Gaussian made;
  made.mean = rows.mean(/*dim=*/0);
  made.deviation = (rows - made.mean).square().mean(/*dim=*/0).sqrt();
  const double usual = made.deviation.square().mean().sqrt().item<double>();
  made.deviation = made.deviation.clamp_min(std::max(kLeastShare * usual, kTiny));
  const Tensor z = standardized(made, rows);  // [N, D]
  const auto [variances, directions] = principal(z);
  const int64_t D = z.size(1), R = variances.size(0);
  const double total = z.square().sum().item<double>() / static_cast<double>(z.size(0));
  const double rest = R < D ? (total - variances.sum().item<double>()) / static_cast<double>(D - R)
                            : variances[R - 1].item<double>();
  made.noise = std::max({rest, kLeastShare * total / static_cast<double>(D), kTiny});
  const Tensor shares = (1 - made.noise / variances.clamp_min(kTiny)).clamp_min(0).sqrt();
  made.directions = directions * shares.unsqueeze(1);
  return made;
}

Tensor log_distance(const Gaussian& gaussian, const Tensor& rows) {
  const Tensor z = standardized(gaussian, rows);                               // [B, D]
  const Tensor along = z.mm(gaussian.directions.t()).square().sum(/*dim=*/1);  // [B]
  const Tensor left = z.square().sum(/*dim=*/1) - along;
  return (left / (gaussian.noise * static_cast<double>(z.size(1)))).clamp_min(kTiny).log();
}

}  // namespace braid::calibration
