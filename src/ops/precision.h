// In which number format matrix products take their factors.
#pragma once
#include <string>

namespace braid::ops {

enum class Precision { float32, bf16 };

/// While it lives, the products of linear maps in this thread (forward and backward) round their
/// factors to this format; parameters, sums, activations, losses and optimiser stay float32. bf16
/// keeps float32's range, so no loss scaling is needed. Scopes nest.
/// Source   Kalamkar et al. 2019, arXiv:1905.12322.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  Precision outer_;
};

Precision current_precision();

/// "float32" or "bf16". Errors   config, naming `where`.
Precision parse_precision(const std::string& name, const std::string& where);

}  // namespace braid::ops
