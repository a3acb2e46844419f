// Softmax with the focal loss, for exclusive classes.
#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/softmax.h"

namespace braid::heads {

extern const Method focal;

namespace {

struct Config {
  double gamma = 2;
  template <class V>
  void visit(V& v) {
    v("gamma", gamma, between(0, 10),
      "how much less a row counts that is already right; 0 = cross-entropy");
  }
};

/// loss = -c_y (1 - p_y)^gamma log p_y with p = softmax(output) and class weights c; the mean
/// divides by the sum of c_y (and of the rows' weights), as cross_entropy does.
///
/// Shapes   output (B, K).
/// Source   Lin et al. 2017, arXiv:1708.02002.
class Focal : public Softmax {
 public:
  Focal(const Config& config, Context context)
      : Softmax("focal", std::move(context)), gamma_(config.gamma) {}

  Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const override {
    check_loss(name_, output, target, weight, num_outputs());
    const Tensor classes = target.to(output.device(), at::kLong).unsqueeze(1);  // [B, 1]
    const Tensor log_p = output.log_softmax(/*dim=*/1).gather(1, classes).squeeze(1);
    const Tensor by_class = class_weights(context_, output).index_select(0, classes.squeeze(1));
    return weighted_mean(focal_factor(log_p, gamma_) * -log_p,
                         by_class * weight.to(output.options()));
  }

 private:
  double gamma_;
};

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(focal, where, context);
  return std::make_unique<Focal>(config, context);
}

}  // namespace

const Method focal = {"focal",
                      "Cross-entropy in which rows that are already right count less.",
                      "Lin et al. 2017, arXiv:1708.02002",
                      applies_to_classes,
                      describe_config<Config>,
                      make};

}  // namespace braid::heads
