// The models that run side by side with other programs, each on a fixed batch.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "layers/encoded.h"

namespace braid::bench {

struct Subject {
  std::string model;  // the name peers know it by
  std::shared_ptr<torch::nn::Module> module;
  std::function<Fused()> forward;                          // -> logits (B, O)
  std::vector<std::pair<std::string, at::Tensor>> inputs;  // what `forward` reads
  std::vector<std::pair<std::string, at::Tensor>> state;   // parameters under the peers' names
  at::Tensor target;                                       // (B) int64
  Json about = Json::object();                             // what a peer has to know beside them
};

/// Names in the order of the suite.
std::vector<std::string> subject_names();
Subject make_subject(const std::string& name, int64_t batch);

/// "fusion/<method>" for every registered method.
std::vector<std::string> fusion_names();
/// The method as its config is by default, but without dropout, on three modalities with gaps. What
/// makes its config and its modalities goes to the peer.
Subject fusion_subject(const std::string& name, int64_t batch);

std::vector<std::pair<std::string, at::Tensor>> parameters_of(const torch::nn::Module& module);

}  // namespace braid::bench
