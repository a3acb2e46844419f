// Squeeze and excitation over the concatenated features.
#include <algorithm>

#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t ratio = 16;
  template <class V>
  void visit(V& v) {
    v("ratio", ratio, at_least(1), "how much narrower the gates' hidden layer is than all vectors");
    VectorConfig::visit(v);
  }
};

/// z = [z_1; ...; z_M], joined = z * sigmoid(W2 relu(W1 z)).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * 2 * (sum of D)^2 / ratio multiply-adds.
/// Source   Hu et al. 2018 (squeeze-and-excitation), arXiv:1709.01507, its block over the
/// concatenated vectors, which have no places to average over.
class ChannelAttention : public VectorFusion {
 public:
  ChannelAttention(const Context& context, const Config& config)
      : VectorFusion(context, config, total_width(context)) {
    const int64_t width = total_width(context);
    gates_ = register_module(
        "gates",
        layers::Mlp(width, std::vector<int64_t>{std::max<int64_t>(1, width / config.ratio)}, width,
                    /*dropout=*/0.0));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    const Tensor all = at::cat(vectors, /*dim=*/1);  // [B, sum D]
    return all * gates_->forward(all).sigmoid();
  }

 private:
  layers::Mlp gates_{nullptr};
};

}  // namespace

extern const Method channel_attention = {
    "channel_attention",
    "Concatenation with a gate per feature, computed from all of them.",
    "Hu et al. 2018, arXiv:1709.01507",
    Family::early,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Features that matter only in the light of others, at little cost.",
    describe_config<Config>,
    make_from<ChannelAttention, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
