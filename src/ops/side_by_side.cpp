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

// Microseconds, as measured on encoders of the library: of a call, of a million multiply-adds on
// one thread, and of waking a team that sleeps.
constexpr double kCall = 0.15, kMillion = 60, kWaking = 60;
// Of what several threads could do at best, a task of so many multiply-adds gains this share, and
// smaller ones less: their operations are too small to share out.
constexpr double kSharing = 0.85, kShared = 50e6;

// Until every task is done, the largest first to the least loaded thread.
double longest_thread(const std::vector<double>& costs, int num_threads) {
  std::vector<double> loads(static_cast<size_t>(num_threads));
  for (double cost : costs) *std::min_element(loads.begin(), loads.end()) += cost;
  return *std::max_element(loads.begin(), loads.end());
}

}  // namespace

std::vector<int64_t> order_side_by_side(const std::vector<Work>& tasks, int num_threads) {
  std::vector<double> alone;
  double in_turn = 0;
  for (const Work& task : tasks) {
    const double issuing = kCall * static_cast<double>(task.num_calls);
    const double arithmetic = kMillion * 1e-6 * static_cast<double>(task.multiply_adds);
    const double shared = std::min(1.0, static_cast<double>(task.multiply_adds) / kShared);
    alone.push_back(issuing + arithmetic);
    in_turn += issuing + arithmetic / (1 + shared * (kSharing * num_threads - 1));
  }
  std::vector<int64_t> order(tasks.size());
  std::iota(order.begin(), order.end(), 0);
  const auto time = [&alone](int64_t i) { return alone[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&time](int64_t a, int64_t b) { return time(a) > time(b); });
  std::sort(alone.rbegin(), alone.rend());
  if (order.size() < 2 || num_threads < 2 ||
      kWaking + longest_thread(alone, num_threads) >= in_turn)
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
    const ThreadScope alone(1);
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
