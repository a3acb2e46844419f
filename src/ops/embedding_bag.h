// Sums or means of table rows that ids choose, without the tensor of all chosen rows.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace braid::ops {

/// A table and the ids to look up in it. A table in several bags is passed once, with the ids side
/// by side; otherwise autograd adds up a whole gradient for each.
struct Bag {
  at::Tensor table;  // (V, D)
  at::Tensor ids;    // (B, T) int64 in [0, V) where real; T may differ between bags
  at::Tensor real;   // (B, T) bool
};

enum class BagMode { sum, mean };

/// The sum, or the mean, over all bags' real ids of their tables' rows.
///
/// Shapes   bags of one B and one D, at least one bag -> (B, D).
/// Missing  ids that are not real do not count, whatever they hold; a row without a real id is
///          zeros.
/// Errors   internal: a real id that is none of the table's.
/// Cost     B * T * D additions, and as many backward; the gradient of a table is dense, but beyond
///          zeroing it only the rows met are written. Its bits do not depend on the threads.
at::Tensor embedding_bag(const std::vector<Bag>& bags, BagMode mode);

/// The same out of libtorch's operators, on any device and dtype: the oracle of embedding_bag().
/// Holds (B, T, D).
at::Tensor embedding_bag_reference(const std::vector<Bag>& bags, BagMode mode);

}  // namespace braid::ops
