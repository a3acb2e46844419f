#include "ops/precision.h"

#include "core/error.h"

namespace braid::ops {
namespace {

thread_local Precision current = Precision::float32;

}  // namespace

PrecisionScope::PrecisionScope(Precision precision) : outer_(current) { current = precision; }
PrecisionScope::~PrecisionScope() { current = outer_; }

Precision current_precision() { return current; }

Precision parse_precision(const std::string& name, const std::string& where) {
  if (name == "float32") return Precision::float32;
  if (name == "bf16") return Precision::bf16;
  throw Error(ErrorKind::config,
              where + ": " + unknown_name("precision", name, {"float32", "bf16"}));
}

}  // namespace braid::ops
