// Does an order of importance find what a model needs? Deletion and insertion curves against
// random order.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "metrics/bootstrap.h"

namespace braid::explain {

/// A name, and how important each part of each row is (B, U).
using Order = std::pair<std::string, at::Tensor>;

/// Takes parts of rows away, the most important first (deletion), or shows them again, the most
/// important first (insertion), in kSteps steps of equal size. An order that finds what matters
/// loses more of the score by deletion, and regains more by insertion, than random order does.
///
/// Source   Petsiuk et al. 2018 (deletion and insertion), arXiv:1806.07421.
class Faithfulness {
 public:
  static constexpr int64_t kSteps = 10;
  static constexpr int64_t kRandomOrders = 5;

  /// The score (B) of the rows where only the parts `keep` (B, U) are left.
  using Score = std::function<at::Tensor(const at::Tensor& keep)>;

  /// `real` (B, U) bool: the parts that a row has; the others are never kept. Random orders depend
  /// on `rows` alone. Every call names the same orders.
  /// Cost     2 + (kSteps - 1) * (2 * orders + kRandomOrders) calls of `score`.
  void add(const std::vector<int64_t>& rows, const std::vector<Order>& orders,
           const at::Tensor& real, const Score& score);

  /// See docs/explain-json.md. `groups`: one per added row, or empty.
  Json summary(const std::vector<int64_t>& groups, const metrics::BootstrapOptions& options) const;

 private:
  struct Curves {
    std::string name;
    std::vector<double> deletion, insertion;  // (N, kSteps + 1)
  };
  std::vector<Curves> orders_;
  Curves random_;
  int64_t num_rows_ = 0;
  double num_parts_ = 0;  // of all rows
};

}  // namespace braid::explain
