#include "encoders/blocks.h"

namespace braid::encoders {

BlocksImpl::BlocksImpl(const BlocksConfig& config) {
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int64_t i = 0; i < config.layers; ++i)
    blocks_->push_back(
        layers::TransformerBlock(config.width, config.heads, config.mlp_ratio, config.dropout));
  norm_ = register_module("norm", layers::LayerNorm(config.width));
}

Tensor BlocksImpl::forward(Tensor x, const Tensor& mask) {
  x = dropout_(x);
  for (const auto& block : *blocks_) x = block->as<layers::TransformerBlock>()->forward(x, x, mask);
  return norm_(x);
}

}  // namespace braid::encoders
