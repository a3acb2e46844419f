// One modality alone: the baseline every fusion has to beat.
#include "core/error.h"
#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// The modality's own head; its parameters are named as in late fusions, so that they can be copied
/// there.
///
/// Missing  a learned output, which training drives to the prior.
class Single : public Late {
 public:
  Single(const Context& context, const LateConfig& config) : Late(context, config) {}
  Fused combine(const Tensor& per_modality, const Tensor&) override {
    Fused fused;
    fused.output = per_modality.squeeze(/*dim=*/1);  // [B, O]
    return fused;
  }
};

std::shared_ptr<Fusion> make(const Json& config, const std::string& where, const Context& context) {
  BRAID_CHECK(context.modalities.size() == 1, config,
              "{}: single reads exactly 1 modality, got {} ({}); name one in model.modalities, or "
              "use 'concat'",
              where, context.modalities.size(), fmt::join(context.modalities, ", "));
  return make_from<Single, LateConfig>(config, where, context);
}

}  // namespace

extern const Method single = {"single",
                              "One modality alone, the baseline.",
                              "",
                              Family::single,
                              /*reads_raw=*/false,
                              supports_all,
                              "A sample without the modality gets a learned output (the prior).",
                              "One modality is all there is, or to know what fusing adds.",
                              describe_config<LateConfig>,
                              make};

}  // namespace braid::fusion
