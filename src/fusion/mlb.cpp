// A product of projections, one per modality.
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 128;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the projections and of their product");
    VectorConfig::visit(v);
  }
};

/// joined = product over m of tanh(W_m z_m + b_m): the Hadamard product.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * width * sum of D multiply-adds.
/// Source   Kim et al. 2017 (MLB), arXiv:1610.04325; the paper's last projection P is the
/// classifier's first layer.
class Mlb : public VectorFusion {
 public:
  Mlb(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.width) {
    check_several(context, where);
    maps_ = register_maps(this, "maps", context, config.width);
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    std::vector<Tensor> parts = map_each(maps_, vectors);
    for (Tensor& part : parts) part = part.tanh();
    return product_of(parts);  // [B, width]
  }

 private:
  std::vector<layers::Linear> maps_;
};

}  // namespace

extern const Method mlb = {"mlb",
                           "Low-rank bilinear pooling: the product of one projection per modality.",
                           "Kim et al. 2017, arXiv:1610.04325",
                           Family::hybrid,
                           /*reads_raw=*/false,
                           supports_all,
                           "A learned vector stands for an absent modality.",
                           "Products of modalities at the least cost.",
                           describe_config<Config>,
                           make_from<Mlb, Config>,
                           /*is_on_request=*/true};

}  // namespace braid::fusion
