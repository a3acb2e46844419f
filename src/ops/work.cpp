#include "ops/work.h"

#include <ATen/core/Tensor.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace braid::ops {
namespace {

thread_local WorkScope* current = nullptr;

// Which of an operation's inputs is the right factor, and which axes of it are summed over.
struct Counted {
  const char* name;
  size_t factor;
  enum class Sum { first, second, all_but_first } sum;
};

// What every product and convolution of libtorch comes down to.
constexpr Counted kCounted[] = {
    {"aten::mm", 1, Counted::Sum::first},   {"aten::addmm", 2, Counted::Sum::first},
    {"aten::bmm", 1, Counted::Sum::second}, {"aten::baddbmm", 2, Counted::Sum::second},
    {"aten::mv", 1, Counted::Sum::first},   {"aten::convolution", 1, Counted::Sum::all_but_first}};

int64_t summed(const at::Tensor& factor, Counted::Sum sum) {
  if (sum == Counted::Sum::first) return factor.size(0);
  if (sum == Counted::Sum::second) return factor.size(1);
  return factor.numel() / std::max<int64_t>(1, factor.size(0));
}

// Multiply-adds for each number of the output, handed from the beginning of a call to its end.
struct EachOutput : at::ObserverContext {
  explicit EachOutput(int64_t n) : multiply_adds(n) {}
  int64_t multiply_adds;
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& call) {
  count_work({0, /*num_calls=*/1});
  for (const Counted& counted : kCounted)
    if (std::strcmp(call.name(), counted.name) == 0)
      return std::make_unique<EachOutput>(
          summed(call.inputs()[counted.factor].toTensor(), counted.sum));
  return nullptr;
}

void end(const at::RecordFunction& call, at::ObserverContext* context) {
  if (context == nullptr || call.outputs().empty() || !call.outputs()[0].isTensor()) return;
  const int64_t each = static_cast<EachOutput*>(context)->multiply_adds;
  count_work({each * call.outputs()[0].toTensor().numel(), /*num_calls=*/0});
}

// One observer a thread, for its outermost scope.
thread_local at::CallbackHandle observer = 0;

}  // namespace

WorkScope::WorkScope() : outer_(current) {
  current = this;
  if (outer_ == nullptr)
    observer = at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end)
                                              .needsInputs(true)
                                              .needsOutputs(true)
                                              .scopes({at::RecordScope::FUNCTION}));
}

WorkScope::~WorkScope() {
  current = outer_;
  if (outer_ == nullptr)
    at::removeCallback(observer);
  else
    count_work(work_);
}

void count_work(const Work& work) {
  if (current == nullptr) return;
  current->work_.multiply_adds += work.multiply_adds;
  current->work_.num_calls += work.num_calls;
}

}  // namespace braid::ops
