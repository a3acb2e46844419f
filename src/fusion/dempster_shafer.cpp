// Late fusion of evidence, doubt included.
#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// Evidence e = softplus(l) of each class, Dirichlet alpha = e + 1 with strength S = sum of alpha;
/// belief b = e / S and doubt u = K / S. Two opinions combine by the reduced Dempster rule
///   b = (b1 b2 + b1 u2 + b2 u1) / (1 - C),  u = u1 u2 / (1 - C),
/// C = the sum of b1_i b2_j over i != j, in which agreement sharpens and a doubtful opinion hardly
/// counts. output = log(b + u / K), the expected probabilities.
///
/// Missing  an absent modality is all doubt, which changes nothing. A row without any gets the mean
/// of the outputs that stand for absent ones.
/// Cost     B * M * O.
/// Source   Han et al. 2021 (TMC), arXiv:2102.02051, its rule 4; Dempster 1968. Differs: softplus,
/// where the paper's code has either that or relu. Classes only.
class DempsterShafer : public Late {
 public:
  DempsterShafer(const Context& context, const LateConfig& config) : Late(context, config) {}
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const auto K = static_cast<double>(per_modality.size(2));
    const Tensor evidence = keep_where(present, at::softplus(per_modality));  // [B, M, K]
    const Tensor strength = evidence.sum(/*dim=*/2, /*keepdim=*/true) + K;    // [B, M, 1]
    const Tensor beliefs = evidence / strength, doubts = K / strength;
    Tensor belief = beliefs.select(/*dim=*/1, 0), doubt = doubts.select(/*dim=*/1, 0);
    for (int64_t m = 1; m < per_modality.size(1); ++m) {
      const Tensor other = beliefs.select(/*dim=*/1, m), other_doubt = doubts.select(/*dim=*/1, m);
      const Tensor agreed = belief * other + belief * other_doubt + other * doubt;  // [B, K]
      const Tensor both_doubt = doubt * other_doubt;                                // [B, 1]
      // 1 - C is what is left when conflict is taken out: all beliefs and the doubt.
      const Tensor left = agreed.sum(/*dim=*/1, /*keepdim=*/true) + both_doubt;
      belief = agreed / left;
      doubt = both_doubt / left;
    }
    const Tensor nobody = present.any(/*dim=*/1, /*keepdim=*/true).logical_not();  // [B, 1]
    Fused fused;
    fused.output = at::where(nobody, per_modality.log_softmax(/*dim=*/2).mean(/*dim=*/1),
                             (belief + doubt / K).log());  // [B, K]
    return fused;
  }
};

bool supports(Activation activation) { return activation == Activation::softmax; }

}  // namespace

extern const Method dempster_shafer = {
    "dempster_shafer",
    "Evidence of the modalities combined by Dempster's rule, doubt included.",
    "Han et al. 2021, arXiv:2102.02051",
    Family::late,
    /*reads_raw=*/false,
    supports,
    "An absent modality is all doubt, which changes nothing.",
    "Modalities that may know nothing of a row: doubt is told from disagreement.",
    describe_config<LateConfig>,
    make_from<DempsterShafer, LateConfig>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
