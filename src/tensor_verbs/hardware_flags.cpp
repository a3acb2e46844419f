#include "tensor_verbs/hardware_flags.h"

#include <ATen/Parallel.h>

#include "model/tensors.h"
#include "ops/kernels.h"

namespace braid::tensor_verbs {

void HardwareFlags::add(cli::Command* command) {
  cli::ThreadFlags::add(command);
  command->option("--device", device, "cpu, cuda, cuda:1", "Hardware")->type_name("NAME");
  command
      ->option("--kernels", kernels,
               "auto, or one of 'braid version --full'; reference: libtorch's own operators",
               "Hardware")
      ->type_name("NAME");
}

void HardwareFlags::apply() const {
  model::parse_device(device);
  at::set_num_threads(num_threads());
  ops::choose_kernels(kernels);
}

void InferenceFlags::add(cli::Command* command) {
  HardwareFlags::add(command);
  command
      ->option("--precision", precision,
               "float32, or bf16: rounded factors, faster with AVX512-BF16 or AMX", "Hardware")
      ->type_name("NAME");
}

ops::Precision InferenceFlags::parsed_precision() const {
  return ops::parse_precision(precision, "--precision");
}

}  // namespace braid::tensor_verbs
