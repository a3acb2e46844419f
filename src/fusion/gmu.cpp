// Gated fusion: a gate per feature decides how much each modality counts.
#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

/// Gated multimodal unit: h_m = tanh(W_m z_m + b_m), g_m = sigmoid(V_m [z_1; ...; z_M] + c_m),
/// fused = sum of g_m * h_m. Two modalities share one gate: g_2 = 1 - g_1.
///
/// Missing  an absent modality's gate is 0; of two modalities the other's is then 1. A row without
/// any is zeros.
/// Cost     B * width * (M + 1) * sum of D multiply-adds (with one shared gate: 2 * sum of D).
/// Source   Arevalo et al. 2017, arXiv:1702.01992. Differs: the gates have biases.
class Gmu : public VectorFusion {
 public:
  Gmu(const Context& context, const PresentConfig& config, const std::string& where)
      : VectorFusion(context, config.with_zeros(), config.width) {
    check_several(context, where);
    values_ = register_maps(this, "values", context, config.width);
    auto folder = register_folder(this, "gates");
    const std::vector<std::string> names = module_names(context.modalities);
    const size_t num_gates = names.size() == 2 ? 1 : names.size();
    for (size_t m = 0; m < num_gates; ++m)
      gates_.push_back(
          folder->register_module(names[m], layers::Linear(total_width(context), config.width)));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused*) override {
    const std::vector<Tensor> gates = gates_for(at::cat(vectors, /*dim=*/1), present);
    Tensor fused;
    for (size_t m = 0; m < vectors.size(); ++m) {
      const Tensor part = gates[m] * values_[m]->forward(vectors[m]).tanh();  // [B, width]
      fused = fused.defined() ? fused + part : part;
    }
    return fused;
  }

 private:
  std::vector<Tensor> gates_for(const Tensor& all, const Tensor& present) {
    std::vector<Tensor> gates;
    for (layers::Linear& gate : gates_) gates.push_back(gate->forward(all).sigmoid());
    if (gates.size() == 1) {
      const Tensor is_alone = present.all(/*dim=*/1, /*keepdim=*/true).logical_not();  // [B, 1]
      gates = {gates[0].masked_fill(is_alone, 1), (1 - gates[0]).masked_fill(is_alone, 1)};
    }
    for (size_t m = 0; m < gates.size(); ++m)
      gates[m] = keep_where(present.select(/*dim=*/1, static_cast<int64_t>(m)), gates[m]);
    return gates;
  }

  std::vector<layers::Linear> values_, gates_;
};

}  // namespace

extern const Method gmu = {
    "gmu",
    "Gated multimodal unit: a learned gate per feature decides how much each modality counts.",
    "Arevalo et al. 2017, arXiv:1702.01992",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality's gate is 0; of two modalities the other counts alone.",
    "Modalities whose worth changes from row to row.",
    describe_config<PresentConfig>,
    make_from<Gmu, PresentConfig>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
