// Independent pieces of tensor code, each in a thread of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "ops/work.h"

namespace braid::ops {

/// task(0), ..., task(count - 1), each in one thread of libtorch's OpenMP team, the next one free
/// taking the next in `order`. Whatever a task runs inside uses that thread alone. The caller's
/// gradient and inference modes, precision and memory scope hold in every task.
///
/// Errors   what a task throws, that of the lowest number, after all have ended.
void side_by_side(const std::vector<int64_t>& order, const std::function<void(int64_t)>& task);

/// The tasks from the longest to the shortest, so that no long one begins last; empty where giving
/// all threads to one task after the other is likely to be the faster.
///
/// `tasks`: the work of each. Threads share the arithmetic of large operations and neither that of
/// small ones nor the time to issue them; so small tasks gain from running beside each other,
/// unless they are shorter than it takes to wake a thread, and of unequal large ones the largest
/// would keep the others' threads waiting.
std::vector<int64_t> order_side_by_side(const std::vector<Work>& tasks, int num_threads);

}  // namespace braid::ops
