#include "fusion/tokens.h"

#include "core/error.h"

namespace braid::fusion {

TokenProjectionImpl::TokenProjectionImpl(const Context& context, const TransformerConfig& config,
                                         const std::string& where) {
  BRAID_CHECK(config.width % config.heads == 0, config,
              "{}.width: expected a multiple of heads ({}), got {}; change one of them", where,
              config.heads, config.width);
  const std::vector<std::string> names = module_names(context.modalities);
  for (size_t m = 0; m < names.size(); ++m) {
    auto modality = register_module(names[m], std::make_shared<torch::nn::Module>());
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

}  // namespace braid::fusion
