#include <torch/torch.h>

#include "core/error.h"
#include "layers/layers.h"
#include "ops/random.h"

namespace braid::layers {

Tensor DropoutImpl::forward(const Tensor& x) {
  return ops::dropout(x, probability_, is_training());
}

Tensor activate(const std::string& name, const Tensor& x) {
  if (name == "relu") return at::relu(x);
  if (name == "gelu") return at::gelu(x);
  throw Error(ErrorKind::config, unknown_name("activation", name, {"relu", "gelu"}));
}

MlpImpl::MlpImpl(int64_t in, const std::vector<int64_t>& hidden, int64_t out, double dropout,
                 const std::string& activation)
    : activation_(activation) {
  activate(activation_, at::zeros({1}));  // an unknown name fails here, not in the first batch
  int64_t width = in;
  for (size_t i = 0; i <= hidden.size(); ++i) {
    const int64_t next = i < hidden.size() ? hidden[i] : out;
    linears_.push_back(register_module(std::to_string(2 * i), torch::nn::Linear(width, next)));
    width = next;
  }
  dropout_ = register_module("dropout", Dropout(dropout));
}

Tensor MlpImpl::forward(Tensor x) {
  for (size_t i = 0; i + 1 < linears_.size(); ++i)
    x = dropout_(activate(activation_, linears_[i](x)));
  return linears_.back()(x);
}

}  // namespace braid::layers
