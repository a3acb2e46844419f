// Multimodal factorized bilinear pooling.
#include "fusion/factorized_bilinear.h"

namespace braid::fusion {
namespace {

/// joined = unit(signed_sqrt(sums over groups of `factors` of product over m of (W_m z_m + b_m))).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * width * factors * sum of D multiply-adds.
/// Source   Yu et al. 2017 (MFB), arXiv:1708.01471.
class Mfb : public FactorizedBilinear {
 public:
  Mfb(const Context& context, const FactorizedConfig& config, const std::string& where)
      : FactorizedBilinear(context, config, /*order=*/1, where) {}
};

}  // namespace

extern const Method mfb = {
    "mfb",
    "Factorized bilinear pooling: products of wide projections, summed in groups.",
    "Yu et al. 2017, arXiv:1708.01471",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "As mlb, with more capacity.",
    describe_config<FactorizedConfig>,
    make_from<Mfb, FactorizedConfig>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
