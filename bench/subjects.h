// The models that run side by side with other programs, each on a fixed batch.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace braid::bench {

struct Subject {
  std::string model;  // the name peers know it by
  std::shared_ptr<torch::nn::Module> module;
  std::function<at::Tensor()> forward;                     // -> logits (B, 10)
  std::vector<std::pair<std::string, at::Tensor>> inputs;  // what `forward` reads
  std::vector<std::pair<std::string, at::Tensor>> state;   // parameters under the peers' names
  at::Tensor target;                                       // (B) int64
  double operations = 0;  // of one forward pass: matrix products alone, two a multiply-add
};

/// Names in the order of the suite.
std::vector<std::string> subject_names();
Subject make_subject(const std::string& name, int64_t batch);

}  // namespace braid::bench
