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

Tensor BlocksImpl::forward(Tensor x, const Tensor& mask, std::vector<Tensor>* taps) {
  x = dropout_(x);
  for (size_t i = 0; i < blocks_->size(); ++i) {
    if (i > 0 && taps != nullptr) taps->push_back(layers::masked_mean(x, mask));  // [B, D]
    x = blocks_[i]->as<layers::TransformerBlock>()->forward(x, x, mask);
  }
  return norm_(x);
}

std::vector<int64_t> block_tap_widths(const BlocksConfig& config) {
  return std::vector<int64_t>(static_cast<size_t>(config.layers - 1), config.width);
}

}  // namespace braid::encoders
