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

}  // namespace braid::tensor_verbs
