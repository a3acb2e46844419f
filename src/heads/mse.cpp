// Squared error.
#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/regression.h"

namespace braid::heads {

extern const Method mse;

namespace {

struct Config {
  template <class V>
  void visit(V&) {}
};

/// loss = d^2 with d = output - (target - mean) / deviation.
class Mse : public Regression {
 public:
  explicit Mse(const Context& context) : Regression("mse", context) {}

 protected:
  Tensor penalty(const Tensor& difference) const override { return difference.square(); }
};

bool applies(metrics::Task task) { return task == metrics::Task::regression; }

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(mse, where, context);
  return std::make_unique<Mse>(context);
}

}  // namespace

const Method mse = {"mse",
                    "Squared error in units of the target's deviation.",
                    "",
                    applies,
                    describe_config<Config>,
                    make};

}  // namespace braid::heads
