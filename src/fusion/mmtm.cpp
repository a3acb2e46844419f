// Each modality's features are excited by a summary of all.
#include <algorithm>

#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t ratio = 4;
  template <class V>
  void visit(V& v) {
    v("ratio", ratio, at_least(1), "how much narrower the joint summary is than all vectors");
    VectorConfig::visit(v);
  }
};

int64_t summary_width(const Context& context, const Config& config) {
  return std::max<int64_t>(1, total_width(context) / config.ratio);
}

/// Multimodal transfer module: s = relu(W [z_1; ...; z_M]), z'_m = 2 sigmoid(E_m s) * z_m, joined =
/// [z'_1; ...; z'_M].
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * 2 * (sum of D)^2 / ratio multiply-adds.
/// Source   Joze et al. 2020, arXiv:1911.08670. Differs: one module, on the pooled vectors, where
/// the paper puts several between the layers of its encoders; their sum of D / 4 is our default
/// too.
class Mmtm : public VectorFusion {
 public:
  Mmtm(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, total_width(context)) {
    check_several(context, where);
    const int64_t width = summary_width(context, config);
    squeeze_ = register_module("squeeze", layers::Linear(total_width(context), width));
    auto folder = register_folder(this, "excite");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m)
      excite_.push_back(
          folder->register_module(names[m], layers::Linear(width, context.widths[m])));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    const Tensor summary =
        squeeze_->forward(at::cat(vectors, /*dim=*/1), ops::Activation::relu);  // [B, width]
    std::vector<Tensor> excited;
    for (size_t m = 0; m < vectors.size(); ++m)
      excited.push_back(2 * excite_[m]->forward(summary).sigmoid() * vectors[m]);  // [B, D]
    return at::cat(excited, /*dim=*/1);                                            // [B, sum D]
  }

 private:
  layers::Linear squeeze_{nullptr};
  std::vector<layers::Linear> excite_;
};

}  // namespace

extern const Method mmtm = {
    "mmtm",
    "Squeeze and excitation across modalities: a joint summary gates each one's features.",
    "Joze et al. 2020, arXiv:1911.08670",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Maps or sequences that should gate each other, at little cost.",
    describe_config<Config>,
    make_from<Mmtm, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
