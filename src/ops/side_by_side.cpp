#include "ops/side_by_side.h"

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <numeric>
#include <optional>

#include "ops/memory.h"
#include "ops/parallel.h"
#include "ops/precision.h"

namespace braid::ops {
namespace {

// The time that issuing a task's operations takes, in multiply-adds of the same time: some 50 us at
// 50 thousand million a second.
constexpr double kIssuing = 2.5e6;
// Of what two threads could do at best, one task after the other.
constexpr double kSharing = 0.85;

// Until every task is done, the largest first to the least loaded thread.
double longest_thread(const std::vector<double>& costs, int num_threads) {
  std::vector<double> loads(static_cast<size_t>(num_threads));
  for (double cost : costs) *std::min_element(loads.begin(), loads.end()) += cost;
  return *std::max_element(loads.begin(), loads.end());
}

}  // namespace

std::vector<int64_t> order_side_by_side(const std::vector<int64_t>& multiply_adds,
                                        int num_threads) {
  std::vector<int64_t> order(multiply_adds.size());
  std::iota(order.begin(), order.end(), 0);
  const auto work = [&](int64_t i) { return multiply_adds[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return work(a) > work(b); });
  std::vector<double> alone;
  double in_turn = 0;
  for (int64_t i : order) {
    const auto arithmetic = static_cast<double>(work(i));
    alone.push_back(kIssuing + arithmetic);
    in_turn += kIssuing + arithmetic / std::max(1.0, kSharing * num_threads);
  }
  if (order.size() < 2 || num_threads < 2 || longest_thread(alone, num_threads) >= in_turn)
    order.clear();
  return order;
}

void side_by_side(const std::vector<int64_t>& order, const std::function<void(int64_t)>& task) {
  const auto count = static_cast<int64_t>(order.size());
  std::vector<std::exception_ptr> errors(order.size());
  std::atomic<int64_t> next{0};
  const at::ThreadLocalState state;
  const Precision precision = current_precision();
  const bool is_pooled = MemoryScope::is_open();
  parallel(count, /*grain=*/1, [&](int64_t, int64_t, int) {
    const at::ThreadLocalStateGuard modes(state);
    const PrecisionScope products(precision);
    const OneThreadScope alone;
    std::optional<MemoryScope> memory;
    if (is_pooled) memory.emplace();
    for (int64_t i = next++; i < count; i = next++) {
      const auto number = static_cast<size_t>(order[static_cast<size_t>(i)]);
      try {
        task(order[static_cast<size_t>(i)]);
      } catch (...) {
        errors[number] = std::current_exception();
      }
    }
  });
  for (const std::exception_ptr& error : errors)
    if (error != nullptr) std::rethrow_exception(error);
}

}  // namespace braid::ops
