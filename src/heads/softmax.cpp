#include "heads/softmax.h"

#include <torch/torch.h>

#include "heads/checks.h"

namespace braid::heads {

Tensor Softmax::scores(const Tensor& output) const {
  check_output(name_, output, num_outputs());
  return at::softmax(output, /*dim=*/1);
}

bool applies_to_classes(metrics::Task task) {
  return task == metrics::Task::multiclass || task == metrics::Task::binary;
}

}  // namespace braid::heads
