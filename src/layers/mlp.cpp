#include <torch/torch.h>

#include "core/error.h"
#include "layers/layers.h"
#include "ops/random.h"

namespace braid::layers {

Tensor DropoutImpl::forward(const Tensor& x) {
  return ops::dropout(x, probability_, is_training());
}

ops::Activation activation_named(const std::string& name) {
  if (name == "relu") return ops::Activation::relu;
  if (name == "gelu") return ops::Activation::gelu;
  throw Error(ErrorKind::config, unknown_name("activation", name, {"relu", "gelu"}));
}

MlpImpl::MlpImpl(int64_t in, const std::vector<int64_t>& hidden, int64_t out, double dropout,
                 const std::string& activation)
    : activation_(activation_named(activation)) {
  int64_t width = in;
  for (size_t i = 0; i <= hidden.size(); ++i) {
    const int64_t next = i < hidden.size() ? hidden[i] : out;
    linears_.push_back(register_module(std::to_string(2 * i), Linear(width, next)));
    width = next;
  }
  dropout_ = register_module("dropout", Dropout(dropout));
}

Tensor MlpImpl::forward(Tensor x, std::vector<Tensor>* inner) {
  for (size_t i = 0; i + 1 < linears_.size(); ++i) {
    x = dropout_(linears_[i](x, activation_, /*keeps_bf16=*/true));
    if (inner != nullptr) inner->push_back(x.to(linears_[i]->weight.scalar_type()));
  }
  return linears_.back()(x);
}

}  // namespace braid::layers
