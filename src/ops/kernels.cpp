#include "ops/kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "core/error.h"
#include "ops/onednn.h"

namespace braid::ops {

#ifdef __x86_64__
namespace avx512 {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
#endif
namespace plain {
extern const Kernels kernels;
}

namespace {

// Best first.
std::vector<const Kernels*> available() {
  std::vector<const Kernels*> tables;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    tables.push_back(&avx512::kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    tables.push_back(&avx2::kernels);
#endif
  tables.push_back(&plain::kernels);
  return tables;
}

std::atomic<const Kernels*>& chosen() {
  static std::atomic<const Kernels*> table{available().front()};
  return table;
}

}  // namespace

const Kernels* kernels() { return chosen().load(std::memory_order_relaxed); }

std::vector<std::string> kernel_names() {
  std::vector<std::string> names = {"auto"};
  for (const Kernels* table : available()) names.emplace_back(table->name);
  names.emplace_back("reference");
  return names;
}

void choose_kernels(const std::string& name) {
  const std::vector<std::string> names = kernel_names();
  const auto found = std::find(names.begin(), names.end(), name);
  BRAID_CHECK(found != names.end(), config, "kernels: {}; names are those of this processor",
              unknown_name("kernels", name, names));
  if (name == "auto")
    chosen() = available().front();
  else if (name == "reference")
    chosen() = nullptr;
  else
    chosen() = available()[static_cast<size_t>(found - names.begin()) - 1];
}

std::string describe_kernels() {
  const Kernels* table = kernels();
  if (table == nullptr) return "reference (libtorch's own operators)";
  return fmt::format("{}; matrix products by {}", table->name, matrix_library());
}

bool has_kernels_for(const at::Tensor& x) {
  return kernels() != nullptr && x.scalar_type() == at::kFloat && x.device().is_cpu() &&
         x.numel() > 0;
}

bool has_bf16_kernels_for(const at::Tensor& x) {
  return kernels() != nullptr && x.scalar_type() == at::kBFloat16 && x.device().is_cpu() &&
         x.numel() > 0;
}

}  // namespace braid::ops
