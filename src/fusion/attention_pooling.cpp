// A weighted mean of the modalities' vectors, the weights computed from the vectors.
#include <limits>

#include "fusion/vectors.h"
#include "ops/weighted_average.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 64;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the vectors that are averaged, and of the scores");
    VectorConfig::visit(v);
  }
};

/// h_m = W_m z_m + b_m, w = softmax over the present modalities of v . tanh(U h_m + c), joined =
/// sum of w_m h_m.
///
/// Missing  an absent modality's weight is 0. Where all are absent every learned vector counts.
/// Cost     B * width * (sum of D + M * width) multiply-adds.
/// Source   Hori et al. 2017, arXiv:1701.03126 (attention over modalities); Bahdanau et al. 2015.
class AttentionPooling : public VectorFusion {
 public:
  AttentionPooling(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.width) {
    check_several(context, where);
    values_ = register_maps(this, "values", context, config.width);
    hidden_ = register_module("score", layers::Linear(config.width, config.width));
    score_ = register_parameter("score_vector", 0.1 * torch::randn({config.width}));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused* fused) override {
    const Tensor all = at::stack(map_each(values_, vectors), /*dim=*/1);     // [B, M, width]
    const Tensor scores = at::matmul(hidden_->forward(all).tanh(), score_);  // [B, M]
    fused->weights = scores
                         .masked_fill(ops::counted(present).logical_not(),
                                      -std::numeric_limits<double>::infinity())
                         .softmax(/*dim=*/1);
    return at::matmul(fused->weights.unsqueeze(1), all).squeeze(1);  // [B, width]
  }

 private:
  std::vector<layers::Linear> values_;
  layers::Linear hidden_{nullptr};
  Tensor score_;
};

}  // namespace

extern const Method attention_pooling = {
    "attention_pooling",
    "A mean of the modalities' vectors whose weights follow from the vectors.",
    "Hori et al. 2017, arXiv:1701.03126",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality's weight is 0; the others sum to 1.",
    "Modalities whose worth changes from row to row and which are often absent.",
    describe_config<Config>,
    make_from<AttentionPooling, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
