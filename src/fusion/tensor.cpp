// The outer product of all modalities' vectors: every product of features, one from each.
#include <cmath>

#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 16;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1),
      "width of each vector before the product, which has (width + 1)^modalities features");
    VectorConfig::visit(v);
  }
};

// The classifier keeps as many weights for each of its hidden units.
constexpr double kMostFeatures = 1 << 17;

int64_t num_features(const Context& context, const Config& config, const std::string& where) {
  const auto M = static_cast<double>(context.modalities.size());
  const double size = std::pow(static_cast<double>(config.width) + 1, M);
  BRAID_CHECK(
      size <= kMostFeatures, config,
      "{}.width: the outer product of {} modalities: expected at most {} features, got {}^{} "
      "= {:.3g}; use at most {}, or 'lmf', which never forms it",
      where, context.modalities.size(), static_cast<int64_t>(kMostFeatures), config.width + 1,
      context.modalities.size(), size, static_cast<int64_t>(std::pow(kMostFeatures, 1 / M)) - 1);
  return static_cast<int64_t>(size);
}

/// y_m = W_m z_m + b_m, joined = [1; y_1] x ... x [1; y_M], the outer product: with the ones it
/// holds the features of every subset of the modalities too.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * hidden * (width + 1)^M multiply-adds, as many weights and B times (width + 1)^M
/// numbers in memory.
/// Errors   config: more than 2^17 features.
/// Source   Zadeh et al. 2017 (TFN), arXiv:1707.07250.
class TensorFusion : public VectorFusion {
 public:
  TensorFusion(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, num_features(context, config, where)) {
    check_several(context, where);
    maps_ = register_maps(this, "maps", context, config.width);
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    Tensor product;
    for (const Tensor& mapped : map_each(maps_, vectors)) {
      const Tensor y = with_one(mapped);  // [B, width + 1]
      product =
          product.defined() ? (product.unsqueeze(2) * y.unsqueeze(1)).flatten(/*start_dim=*/1) : y;
    }
    return product;  // [B, (width + 1)^M]
  }

 private:
  std::vector<layers::Linear> maps_;
};

}  // namespace

extern const Method tensor = {
    "tensor",
    "Tensor fusion: the outer product of the modalities' vectors, ones included.",
    "Zadeh et al. 2017, arXiv:1707.07250",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Two or three narrow modalities whose products matter; it grows with the power of their "
    "number.",
    describe_config<Config>,
    make_from<TensorFusion, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
