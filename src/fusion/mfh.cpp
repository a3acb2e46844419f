// Multimodal factorized high-order pooling: blocks of MFB in a row.
#include "fusion/factorized_bilinear.h"

namespace braid::fusion {
namespace {

struct Config : FactorizedConfig {
  int64_t order = 2;
  template <class V>
  void visit(V& v) {
    v("order", order, at_least(1),
      "blocks; each multiplies the products of the one before; 1 = mfb");
    FactorizedConfig::visit(v);
  }
};

/// joined = [p_1; ...; p_order], p_i the pooled product of the first i blocks' projections.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * order * width * factors * sum of D multiply-adds.
/// Source   Yu et al. 2018 (MFH), arXiv:1708.03619.
class Mfh : public FactorizedBilinear {
 public:
  Mfh(const Context& context, const Config& config, const std::string& where)
      : FactorizedBilinear(context, config, config.order, where) {}
};

}  // namespace

extern const Method mfh = {
    "mfh",
    "Factorized high-order pooling: blocks of mfb, each multiplied by the one before.",
    "Yu et al. 2018, arXiv:1708.03619",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "As mfb, where interactions of higher order matter.",
    describe_config<Config>,
    make_from<Mfh, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
