// Which implementation of the operations runs: kernels for this processor's instructions, or the
// slow reference in plain libtorch.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "ops/kernels/kernels.h"

namespace braid::ops {

/// "auto" (the widest instructions this processor has), "avx512", "avx2", "plain", or "reference"
/// (no kernels of our own, no oneDNN: libtorch's operators alone). For the whole process, from now
/// on. Errors   config: an unknown name, or instructions this processor lacks.
void choose_kernels(const std::string& name);

/// Null: the reference.
const Kernels* kernels();

/// Names that choose_kernels takes on this processor.
std::vector<std::string> kernel_names();

/// One line for bug reports: "avx512; matrix products by oneDNN 2.6.3".
std::string describe_kernels();

/// True where the kernels apply: float32 on the CPU, not empty, and not switched off.
bool has_kernels_for(const at::Tensor& x);
/// The same of bfloat16.
bool has_bf16_kernels_for(const at::Tensor& x);

}  // namespace braid::ops
