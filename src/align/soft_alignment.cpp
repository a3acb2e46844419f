#include "align/soft_alignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How much of each cell comes from the one above it, left of it, and both.
using Shares = std::array<double, 3>;

// All cells with a border of one around them: (N + 2, M + 2), cell (i, j) at (i + 1, j + 1).
class Table {
 public:
  Table(int64_t N, int64_t M, double gamma) : N_(N), M_(M), gamma_(gamma) {
    BRAID_CHECK(gamma > 0, usage, "soft_alignment: gamma: expected a number above 0, got {}",
                gamma);
    BRAID_CHECK(N > 0 && M > 0, usage, "soft_alignment: expected a cell, got {} x {}", N, M);
    shares_.resize(size());
  }
  size_t size() const { return static_cast<size_t>((N_ + 2) * (M_ + 2)); }
  size_t at(int64_t i, int64_t j) const { return static_cast<size_t>((i + 1) * (M_ + 2) + j + 1); }

  // Values of the cells; fills the shares.
  double forward(const double* costs) {
    std::vector<double> value(size(), kInfinity);
    value[at(-1, -1)] = 0;
    for (int64_t i = 0; i < N_; ++i)
      for (int64_t j = 0; j < M_; ++j) {
        const Shares before = {value[at(i - 1, j)], value[at(i, j - 1)], value[at(i - 1, j - 1)]};
        const double least = *std::min_element(before.begin(), before.end());
        Shares& share = shares_[at(i, j)];
        double sum = 0;
        for (size_t k = 0; k < 3; ++k) sum += share[k] = std::exp((least - before[k]) / gamma_);
        for (double& one : share) one /= sum;
        value[at(i, j)] = costs[i * M_ + j] + least - gamma_ * std::log(sum);
      }
    return value[at(N_ - 1, M_ - 1)];
  }

  // What flows to each cell from those that follow it, with `shares` for the way: of the last one
  // `last`, and of every cell `more` besides.
  std::vector<double> backward(const std::vector<Shares>& shares, double last,
                               const std::vector<double>* more) const {
    std::vector<double> e(size(), 0.0);
    for (int64_t i = N_ - 1; i >= 0; --i)
      for (int64_t j = M_ - 1; j >= 0; --j) {
        double sum = i == N_ - 1 && j == M_ - 1 ? last : 0;
        sum += shares[at(i + 1, j)][0] * e[at(i + 1, j)];
        sum += shares[at(i, j + 1)][1] * e[at(i, j + 1)];
        sum += shares[at(i + 1, j + 1)][2] * e[at(i + 1, j + 1)];
        if (more != nullptr) sum += (*more)[at(i, j)];
        e[at(i, j)] = sum;
      }
    return e;
  }

  // The shares' derivative along `direction`: q' = -q (v' - sum q v') / gamma.
  std::vector<Shares> share_derivatives(const double* direction) const {
    std::vector<double> value(size(), 0.0);
    std::vector<Shares> result(size());
    for (int64_t i = 0; i < N_; ++i)
      for (int64_t j = 0; j < M_; ++j) {
        const Shares before = {value[at(i - 1, j)], value[at(i, j - 1)], value[at(i - 1, j - 1)]};
        const Shares& share = shares_[at(i, j)];
        double mean = 0;
        for (size_t k = 0; k < 3; ++k) mean += share[k] * before[k];
        for (size_t k = 0; k < 3; ++k)
          result[at(i, j)][k] = -share[k] * (before[k] - mean) / gamma_;
        value[at(i, j)] = direction[i * M_ + j] + mean;
      }
    return result;
  }

  // What flows by `extra` shares out of the flow e.
  std::vector<double> flows(const std::vector<Shares>& extra, const std::vector<double>& e) const {
    std::vector<double> more(size(), 0.0);
    for (int64_t i = 0; i < N_; ++i)
      for (int64_t j = 0; j < M_; ++j) {
        const double whole = e[at(i, j)];
        more[at(i - 1, j)] += extra[at(i, j)][0] * whole;
        more[at(i, j - 1)] += extra[at(i, j)][1] * whole;
        more[at(i - 1, j - 1)] += extra[at(i, j)][2] * whole;
      }
    return more;
  }

  std::vector<double> without_border(const std::vector<double>& e) const {
    std::vector<double> out;
    out.reserve(static_cast<size_t>(N_ * M_));
    for (int64_t i = 0; i < N_; ++i)
      for (int64_t j = 0; j < M_; ++j) out.push_back(e[at(i, j)]);
    return out;
  }

  const std::vector<Shares>& shares() const { return shares_; }

 private:
  int64_t N_, M_;
  double gamma_;
  std::vector<Shares> shares_;
};

}  // namespace

SoftAlignment soft_alignment(const double* costs, int64_t N, int64_t M, double gamma) {
  Table table(N, M, gamma);
  SoftAlignment out;
  out.value = table.forward(costs);
  out.expected = table.without_border(table.backward(table.shares(), /*last=*/1, nullptr));
  return out;
}

std::vector<double> soft_alignment_derivative(const double* costs, int64_t N, int64_t M,
                                              double gamma, const double* direction) {
  Table table(N, M, gamma);
  table.forward(costs);
  const std::vector<double> e = table.backward(table.shares(), /*last=*/1, nullptr);
  const std::vector<double> more = table.flows(table.share_derivatives(direction), e);
  return table.without_border(table.backward(table.shares(), /*last=*/0, &more));
}

}  // namespace braid::align
