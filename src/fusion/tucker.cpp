// The full bilinear form of narrow projections: a core tensor with every product in it.
#include <cmath>

#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 16;
  int64_t joined = 32;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of each modality's projection; the core's sides");
    v("joined", joined, at_least(1), "width of the joined vector; the core's last side");
    VectorConfig::visit(v);
  }
};

constexpr double kMostWeights = 1 << 24;  // of the core

/// y_m = tanh(W_m z_m + b_m), joined[k] = sum over i_1 .. i_M of C[i_1, .., i_M, k] y_1[i_1] ..
/// y_M[i_M].
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * (width * sum of D + about width^M * joined) multiply-adds; width^M * joined
/// weights. Errors   config: more than 2^24 weights in the core. Source   Tucker 1966; as fusion
/// Ben-younes et al. 2017, arXiv:1705.06676, equation 4.
class Tucker : public VectorFusion {
 public:
  Tucker(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.joined) {
    check_several(context, where);
    const auto M = static_cast<int64_t>(context.modalities.size());
    const double inner = std::pow(static_cast<double>(config.width), static_cast<double>(M));
    BRAID_CHECK(inner * static_cast<double>(config.joined) <= kMostWeights, config,
                "{}.width: the core of {} modalities: expected at most {} weights, got {}^{} * {}; "
                "lower width, or use 'mutan', whose core has low rank",
                where, M, static_cast<int64_t>(kMostWeights), config.width, M, config.joined);
    maps_ = register_maps(this, "maps", context, config.width);
    std::vector<int64_t> sides(static_cast<size_t>(M), config.width);
    sides.push_back(config.joined);
    core_ = register_parameter("core", torch::randn(sides) / std::sqrt(inner));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    Tensor left;  // the core with the first modalities summed over, [B, width, ..., joined]
    for (size_t m = 0; m < vectors.size(); ++m) {
      const Tensor y = maps_[m]->forward(vectors[m]).tanh();  // [B, width]
      left = left.defined()
                 ? at::matmul(y.unsqueeze(1), left.view({y.size(0), y.size(1), -1})).squeeze(1)
                 : at::matmul(y, core_.flatten(/*start_dim=*/1));
    }
    return left;  // [B, joined]
  }

 private:
  std::vector<layers::Linear> maps_;
  Tensor core_;
};

}  // namespace

extern const Method tucker = {
    "tucker",
    "The full bilinear form of narrow projections, every product with a weight of its own.",
    "Tucker 1966; Ben-younes et al. 2017, arXiv:1705.06676",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Narrow vectors where every product may matter.",
    describe_config<Config>,
    make_from<Tucker, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
