// A Tucker decomposition whose core is a sum of products of rank one.
#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 64;
  int64_t joined = 64;
  int64_t rank = 5;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of each modality's projection");
    v("joined", joined, at_least(1), "width of the joined vector");
    v("rank", rank, at_least(1), "products summed; at most width");
    VectorConfig::visit(v);
  }
};

/// y_m = tanh(W_m z_m + b_m), joined = sum over r of product over m of (V_m,r y_m + c_m,r).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * width * (sum of D + M * rank * joined) multiply-adds.
/// Errors   config: rank above width, which the core's slices cannot have.
/// Source   Ben-younes et al. 2017 (MUTAN), arXiv:1705.06676.
class Mutan : public VectorFusion {
 public:
  Mutan(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.joined), rank_(config.rank) {
    check_several(context, where);
    BRAID_CHECK(config.rank <= config.width, config,
                "{}.rank: expected at most width ({}), got {}; lower it", where, config.width,
                config.rank);
    inputs_ = register_maps(this, "inputs", context, config.width);
    Context projected = context;
    projected.widths.assign(context.widths.size(), config.width);
    products_ = register_maps(this, "products", projected, config.rank * config.joined);
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    std::vector<Tensor> inputs = map_each(inputs_, vectors);
    for (Tensor& input : inputs) input = input.tanh();
    const Tensor product = product_of(map_each(products_, inputs));    // [B, rank * joined]
    return product.view({product.size(0), rank_, -1}).sum(/*dim=*/1);  // [B, joined]
  }

 private:
  int64_t rank_;
  std::vector<layers::Linear> inputs_, products_;
};

}  // namespace

extern const Method mutan = {
    "mutan",
    "Tucker fusion with a core of low rank: a sum of products of projections.",
    "Ben-younes et al. 2017, arXiv:1705.06676",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "All products of features with few parameters.",
    describe_config<Config>,
    make_from<Mutan, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
