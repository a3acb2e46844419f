#include "fusion/tokens.h"

#include "core/error.h"

namespace braid::fusion {

void check_heads(int64_t width, int64_t heads, const std::string& where) {
  BRAID_CHECK(width % heads == 0, config,
              "{}.width: expected a multiple of heads ({}), got {}; change one of them", where,
              heads, width);
}

TokenProjectionImpl::TokenProjectionImpl(const Context& context, const TransformerConfig& config,
                                         const std::string& where) {
  check_heads(config.width, config.heads, where);
  const std::vector<std::string> names = module_names(context.modalities);
  for (size_t m = 0; m < names.size(); ++m) {
    auto modality = register_folder(this, names[m]);
    projections_.push_back(
        modality->register_module("projection", layers::Linear(context.widths[m], config.width)));
    embeddings_.push_back(
        modality->register_parameter("embedding", 0.02 * torch::randn({config.width})));
    missing_.push_back(
        modality->register_parameter("missing", 0.02 * torch::randn({config.width})));
  }
}

std::vector<Tokens> TokenProjectionImpl::forward(const std::vector<Encoded>& encoded) {
  std::vector<Tokens> all;
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Tensor absent = encoded[m].mask.any(/*dim=*/1, /*keepdim=*/true).logical_not();  // [B, 1]
    const Tensor first =
        at::arange(encoded[m].mask.size(1), encoded[m].mask.options().dtype(at::kLong))
            .eq(0)
            .unsqueeze(0);                                           // [1, T]
    const Tensor stands_in = absent.logical_and(first);              // [B, T]
    const Tensor own = projections_[m]->forward(encoded[m].tokens);  // [B, T, width]
    const Tensor values = at::where(stands_in.unsqueeze(2), missing_[m], own) + embeddings_[m];
    all.push_back({values, encoded[m].mask.logical_or(stands_in)});
  }
  return all;
}

std::vector<layers::TransformerBlock> register_blocks(torch::nn::Module* parent,
                                                      const std::string& name, int64_t count,
                                                      const TransformerConfig& config,
                                                      bool is_cross, int64_t window) {
  const layers::Sparsity sparsity = {config.attention == "low_rank" ? config.points : 0, window};
  std::vector<layers::TransformerBlock> blocks;
  const auto folder = register_folder(parent, name);
  for (int64_t i = 0; i < count; ++i)
    blocks.push_back(folder->register_module(
        std::to_string(i), layers::TransformerBlock(config.width, config.heads, config.mlp_ratio,
                                                    config.dropout, is_cross, sparsity)));
  return blocks;
}

Tensor attend(layers::TransformerBlock& block, const Tokens& queries, const Tokens& context,
              const std::string& from, const std::string& to, std::vector<Attention>* maps) {
  Tensor weights;
  const Tensor result = block->forward(queries.values, context.values, context.mask,
                                       maps != nullptr ? &weights : nullptr);
  if (maps != nullptr) maps->push_back({from, to, weights});
  return result;
}

Tokens join_tokens(const std::vector<Tokens>& parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<Tensor> values, masks;
  for (const Tokens& part : parts) {
    values.push_back(part.values);
    masks.push_back(part.mask);
  }
  return {at::cat(values, /*dim=*/1), at::cat(masks, /*dim=*/1)};
}

Tokens with_class_token(const Tensor& token, const Tokens& tokens) {
  const int64_t B = tokens.values.size(0);
  return join_tokens(
      {{token.expand({B, 1, token.size(0)}), at::ones({B, 1}, tokens.mask.options())}, tokens});
}

}  // namespace braid::fusion
