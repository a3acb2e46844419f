// Late fusion by the largest prediction.
#include <limits>

#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// p = largest of the present modalities' probabilities, class by class (normalised again for
/// classes); for values the largest value.
///
/// Missing  absent modalities do not count. A row without any takes all outputs that stand for
/// absent ones. Cost     B * M * O. Source   Kittler et al. 1998, doi:10.1109/34.667881, the max
/// rule.
class Maximum : public Late {
 public:
  Maximum(const Context& context, const LateConfig& config) : Late(context, config) {}
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const Tensor normalised = ops::to_averaged(per_modality, log_probabilities());
    Fused fused;
    // amax shares a tie's gradient out; max would give it to one.
    fused.output = normalised
                       .masked_fill(ops::counted(present).logical_not().unsqueeze(2),
                                    -std::numeric_limits<double>::infinity())
                       .amax(/*dim=*/1);  // [B, O]
    return fused;
  }
};

}  // namespace

extern const Method maximum = {"maximum",
                               "The largest of the modalities' own predictions, class by class.",
                               "Kittler et al. 1998, doi:10.1109/34.667881",
                               Family::late,
                               /*reads_raw=*/false,
                               supports_all,
                               "Absent modalities do not count.",
                               "One sure modality is enough, as in detection.",
                               describe_config<LateConfig>,
                               make_from<Maximum, LateConfig>,
                               /*is_on_request=*/true};

}  // namespace braid::fusion
