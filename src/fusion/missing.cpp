#include "fusion/missing.h"

#include <numeric>

namespace braid::fusion {

MissingVectorsImpl::MissingVectorsImpl(const Context& context, const std::string& kind) {
  const std::vector<std::string> names = module_names(context.modalities);
  for (size_t m = 0; m < names.size(); ++m)
    vectors_.push_back(kind == "learned"
                           ? register_parameter(names[m], 0.02 * torch::randn({context.widths[m]}))
                           : Tensor());
}

std::vector<Tensor> MissingVectorsImpl::replace(const std::vector<Encoded>& encoded) const {
  std::vector<Tensor> parts;
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Encoded& e = encoded[m];
    // With gradients the vector takes part even where nothing is absent: its gradient is then 0.
    const bool is_used =
        vectors_[m].defined() && (at::GradMode::is_enabled() || !is_known_true(e.present));
    parts.push_back(is_used ? at::where(e.present.unsqueeze(1), e.pooled, vectors_[m])
                            : e.pooled);  // [B, D]
  }
  return parts;
}

Tensor MissingVectorsImpl::concat(const std::vector<Encoded>& encoded) const {
  return at::cat(replace(encoded), /*dim=*/1);  // [B, sum D]
}

int64_t total_width(const Context& context) {
  return std::accumulate(context.widths.begin(), context.widths.end(), int64_t{0});
}

}  // namespace braid::fusion
