// Huber loss.
#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/regression.h"

namespace braid::heads {

extern const Method huber;

namespace {

struct Config {
  double delta = 1;
  template <class V>
  void visit(V& v) {
    v("delta", delta, at_least(1e-6),
      "error, in target deviations, above which the loss grows linearly; smaller = more robust");
  }
};

/// loss = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), with d = output - (target -
/// mean) / deviation.
///
/// Source   Huber 1964, doi:10.1214/aoms/1177703732.
class Huber : public Regression {
 public:
  Huber(const Config& config, const Context& context)
      : Regression("huber", context), delta_(config.delta) {}

 protected:
  Tensor penalty(const Tensor& difference) const override {
    const Tensor size = difference.abs();
    const Tensor inner = size.clamp_max(delta_);
    return inner * (size - inner / 2);  // both branches at once: inner is |d|, then delta
  }

 private:
  double delta_;
};

bool applies(metrics::Task task) { return task == metrics::Task::regression; }

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(huber, where, context);
  return std::make_unique<Huber>(config, context);
}

}  // namespace

const Method huber = {
    "huber",
    "Squared error for small, absolute error for large differences, so that outliers pull less.",
    "Huber 1964, doi:10.1214/aoms/1177703732",
    applies,
    describe_config<Config>,
    make};

}  // namespace braid::heads
