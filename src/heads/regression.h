// Target units of the regression heads: losses are in standardised units, scores in the target's
// own.
#pragma once
#include <ATen/core/Tensor.h>

#include "heads/head.h"

namespace braid::heads {

/// A head for one number; `output` stands in standardised units: (value - mean) / deviation.
class Regression : public Head {
 public:
  Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const final;
  Tensor scores(const Tensor& output) const final;
  int64_t num_outputs() const final { return 1; }
  Activation activation() const final { return Activation::identity; }

 protected:
  Regression(const char* name, const Context& context);
  /// Shapes   difference (B) = output - standardised target -> (B).
  virtual Tensor penalty(const Tensor& difference) const = 0;

 private:
  const char* name_;
  double mean_, deviation_;
};

}  // namespace braid::heads
