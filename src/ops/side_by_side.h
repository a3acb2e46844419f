// Independent pieces of tensor code, each in a thread of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace braid::ops {

/// task(0), ..., task(count - 1), each in one thread of libtorch's OpenMP team, the next one free
/// taking the next in `order`. Whatever a task runs inside uses that thread alone. The caller's
/// gradient and inference modes, precision and memory scope hold in every task.
///
/// Errors   what a task throws, that of the lowest number, after all have ended.
void side_by_side(const std::vector<int64_t>& order, const std::function<void(int64_t)>& task);

/// The tasks from the largest to the smallest, so that no large one begins last; empty where giving
/// all threads to one task after the other is likely to be the faster.
///
/// `multiply_adds`: of each task. A task costs its arithmetic and the time to issue its operations,
/// which more threads do not shorten; small tasks gain from being issued side by side, and of
/// unequal large ones the largest would keep the others' threads waiting.
std::vector<int64_t> order_side_by_side(const std::vector<int64_t>& multiply_adds, int num_threads);

}  // namespace braid::ops
