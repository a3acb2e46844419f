// Each feature of the fused vector comes from one modality, drawn by lot.
#include "fusion/vectors.h"
#include "ops/random.h"

namespace braid::fusion {
namespace {

/// d_m = relu(W_m z_m + b_m); in training feature i of the fused vector is d_c[i], c drawn for
/// every sample and feature with equal chances among the present modalities; in inference it is the
/// mean over them, which is what training sees on average.
///
/// Missing  an absent modality is never drawn. A row without any is zeros.
/// Cost     B * width * sum of D multiply-adds.
/// Source   Choi and Lee 2019, arXiv:1904.09078. Differs: the mean in inference instead of a draw.
class EmbraceNet : public VectorFusion {
 public:
  EmbraceNet(const Context& context, const PresentConfig& config, const std::string& where)
      : VectorFusion(context, config.with_zeros(), config.width) {
    check_several(context, where);
    docking_ = register_maps(this, "docking", context, config.width);
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused*) override {
    const Tensor all = at::stack(map_each(docking_, vectors, ops::Activation::relu),
                                 /*dim=*/1);                                  // [B, M, width]
    const Tensor here = present.to(all.scalar_type());                        // [B, M]
    const Tensor count = here.sum(/*dim=*/1, /*keepdim=*/true).clamp_min(1);  // [B, 1]
    const Tensor chances = here / count;                                      // [B, M]
    if (!is_training()) return (all * chances.unsqueeze(2)).sum(/*dim=*/1);
    // The interval that a number from [0, 1) falls into.
    const Tensor upper = chances.cumsum(/*dim=*/1).unsqueeze(2);  // [B, M, 1]
    const Tensor lower = upper - chances.unsqueeze(2);
    const Tensor drawn = ops::uniform({all.size(0), 1, all.size(2)}, all);
    const Tensor is_chosen = drawn.ge(lower).logical_and(drawn.lt(upper));  // [B, M, width]
    return at::where(is_chosen, all, at::zeros({}, all.options())).sum(/*dim=*/1);
  }

 private:
  std::vector<layers::Linear> docking_;
};

}  // namespace

extern const Method embracenet = {
    "embracenet",
    "Each fused feature is drawn from one of the present modalities: robust to absent ones.",
    "Choi and Lee 2019, arXiv:1904.09078",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality is never drawn.",
    "Modalities are often absent or fail, and no row may hang on one alone.",
    describe_config<PresentConfig>,
    make_from<EmbraceNet, PresentConfig>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
