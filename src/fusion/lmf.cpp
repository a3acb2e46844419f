// Tensor fusion by low-rank factors: the outer product is never formed.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 64;
  int64_t rank = 4;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the joined vector");
    v("rank", rank, at_least(1), "summands per factor; more = nearer to full tensor fusion");
    VectorConfig::visit(v);
  }
};

// A tensor of these sides has no larger rank than the product of all but the longest.
void check_rank(const Context& context, int64_t rank, const std::string& where) {
  double product = 1, longest = 0;
  for (int64_t width : context.widths) {
    product *= static_cast<double>(width + 1);
    longest = std::max(longest, static_cast<double>(width + 1));
  }
  const double most = product / longest;
  BRAID_CHECK(static_cast<double>(rank) <= most, config,
              "{}.rank: expected at most {:.0f} for modalities of these widths, got {}; lower it",
              where, most, rank);
}

/// joined = b + sum over r of v_r * product over m of (F_m,r [1; z_m]), which is a linear map of
/// the outer product of all [1; z_m] whose weights have rank R.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * rank * width * sum of (D + 1) multiply-adds.
/// Errors   config: a rank that the full tensor cannot have.
/// Source   Liu et al. 2018 (LMF), arXiv:1806.00064. Every factor is a parameter of the module,
/// factors.<modality> (R, D + 1, width): kept in a plain list they would never be trained.
class Lmf : public VectorFusion {
 public:
  Lmf(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.width) {
    check_several(context, where);
    check_rank(context, config.rank, where);
    auto folder = register_folder(this, "factors");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m) {
      const int64_t in = context.widths[m] + 1;
      const double deviation = std::sqrt(2.0 / static_cast<double>(in + config.width));  // Xavier's
      factors_.push_back(folder->register_parameter(
          names[m], deviation * torch::randn({config.rank, in, config.width})));
    }
    rank_weights_ = register_parameter("rank_weights",
                                       torch::full({config.rank}, 1.0 / std::sqrt(config.rank)));
    bias_ = register_parameter("bias", torch::zeros({config.width}));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    std::vector<Tensor> parts;
    for (size_t m = 0; m < vectors.size(); ++m)
      parts.push_back(at::matmul(with_one(vectors[m]), factors_[m]));  // [R, B, width]
    const Tensor product = product_of(parts);
    return (product * rank_weights_.view({-1, 1, 1})).sum(/*dim=*/0) + bias_;  // [B, width]
  }

 private:
  std::vector<Tensor> factors_;
  Tensor rank_weights_, bias_;
};

}  // namespace

extern const Method lmf = {"lmf",
                           "Low-rank tensor fusion: products of low-rank maps of each modality.",
                           "Liu et al. 2018, arXiv:1806.00064",
                           Family::hybrid,
                           /*reads_raw=*/false,
                           supports_all,
                           "A learned vector stands for an absent modality.",
                           "As tensor, for more or wider modalities.",
                           describe_config<Config>,
                           make_from<Lmf, Config>,
                           /*is_on_request=*/true};

}  // namespace braid::fusion
