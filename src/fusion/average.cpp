// Late fusion by the plain mean of the modalities' predictions.
#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// p = mean over the present modalities of softmax(l_m), or softmax(mean of log softmax(l_m)).
///
/// Missing  absent modalities do not count; the mean is over the others.
/// Cost     B * M * O multiply-adds beside the heads.
/// Source   Kittler et al. 1998, On combining classifiers (sum and product rules).
class Average : public Averaging {
 public:
  Average(const Context& context, const AveragingConfig& config) : Averaging(context, config) {}
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    return average(per_modality, present, /*numbers=*/{});
  }
};

}  // namespace

extern const Method average = {
    "average",
    "Mean of the modalities' own predictions.",
    "Kittler et al. 1998, doi:10.1109/34.667881",
    Family::late,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality does not count; the mean is over the present ones.",
    "Modalities that are each good alone and often absent.",
    describe_config<AveragingConfig>,
    make_from<Average, AveragingConfig>};

}  // namespace braid::fusion
