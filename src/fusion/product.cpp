// Late fusion by a product of experts.
#include "fusion/late.h"

namespace braid::fusion {
namespace {

struct Config : LateConfig {
  bool divides_prior = true;
  template <class V>
  void visit(V& v) {
    LateConfig::visit(v);
    v("divides_prior", divides_prior, any(),
      "count what all modalities know without looking, the prior, once instead of once each");
  }
};

/// log p = sum over the present modalities of l_m, less (present - 1) times the prior's l_0, which
/// is learned: modalities that are independent given the class multiply so. l are logits or
/// log-probabilities.
///
/// Missing  absent modalities do not count. A row without any gets the mean of the outputs that
/// stand for absent ones.
/// Cost     B * M * O.
/// Source   Hinton 2002, doi:10.1162/089976602760128018; the prior: Kittler et al. 1998,
/// doi:10.1109/34.667881, equation 7. Not for values, which have no product.
class Product : public Late {
 public:
  Product(const Context& context, const Config& config) : Late(context, config) {
    if (config.divides_prior)
      prior_ = register_parameter("prior", torch::zeros({context.num_outputs}));
  }
  std::vector<Tensor> decision_parameters() override {
    return prior_.defined() ? std::vector<Tensor>{prior_} : std::vector<Tensor>{};
  }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const Tensor count = present.sum(/*dim=*/1, /*keepdim=*/true);           // [B, 1]
    const Tensor own = ops::to_averaged(per_modality, log_probabilities());  // [B, M, O]
    Tensor product = keep_where(present, own).sum(/*dim=*/1);                // [B, O]
    if (prior_.defined())
      product = product - (count - 1).clamp_min(0).to(own.scalar_type()) *
                              ops::to_averaged(prior_, log_probabilities());
    Fused fused;
    fused.output = at::where(count.eq(0), own.mean(/*dim=*/1), product);
    return fused;
  }

 private:
  Tensor prior_;
};

bool supports(Activation activation) { return activation != Activation::identity; }

}  // namespace

extern const Method product = {
    "product",
    "Product of experts: the modalities' probabilities multiplied, the prior counted once.",
    "Hinton 2002, doi:10.1162/089976602760128018",
    Family::late,
    /*reads_raw=*/false,
    supports,
    "Absent modalities do not count.",
    "Modalities that are independent given the class, and well calibrated.",
    describe_config<Config>,
    make_from<Product, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
