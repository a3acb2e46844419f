// AdamW (Loshchilov and Hutter 2019) whose state is named tensors, so that a checkpoint is one
// safetensors file.
#pragma once
#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "formats/safetensors.h"

namespace braid::train {

struct AdamWOptions {
  double lr = 1e-3, weight_decay = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  bool decays_all = false;  // false: tensors of fewer than two dimensions (biases, norms, learned
                            // tokens) are not decayed
};

class AdamW {
 public:
  AdamW(torch::OrderedDict<std::string, at::Tensor> parameters, const AdamWOptions& options);
  /// One update with the given learning rate; parameters without a gradient are left alone.
  /// Cost     one pass over the parameters.
  void step(double lr);
  void zero_grad();
  /// Parameters whose name begins with `prefix` learn at `factor` times the rate.
  void scale_rate(const std::string& prefix, double factor);
  /// "m.<name>" and "v.<name>" after `prefix`, for checkpoints. Errors of load: format.
  void save(formats::SafeTensors* out, const std::string& prefix = "") const;
  void load(const formats::SafeTensors& in, int64_t steps, const std::string& where,
            const std::string& prefix = "");
  int64_t steps() const { return steps_; }
  std::vector<at::Tensor> parameters() const;

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter, m, v;
    double rate = 1;  // times that of step()
  };
  std::vector<Slot> slots_;
  AdamWOptions options_;
  int64_t steps_ = 0;
};

}  // namespace braid::train
