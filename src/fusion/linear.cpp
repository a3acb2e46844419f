// The linear baseline on all features.
#include "fusion/missing.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config {
  template <class V>
  void visit(V&) {}
};

/// output = W [x_1; ...; x_M; presence] + b on minimally processed features.
///
/// Missing  zeros (features are standardised: their mean) and a presence indicator.
/// Cost     B * O * sum of D multiply-adds.
class LinearBaseline : public Fusion {
 public:
  LinearBaseline(const Context& context, const Config&) : Fusion(context), zeros_(context, "zero") {
    classifier_ = register_module(
        "classifier", layers::Linear(total_width(context) + static_cast<int64_t>(num_modalities()),
                                     context.num_outputs));
  }

 protected:
  bool reads_tokens() const override { return false; }
  Fused compute(const std::vector<Encoded>& encoded) override {
    std::vector<Tensor> present;
    for (const Encoded& e : encoded) present.push_back(e.present);
    const Tensor x = zeros_->concat(encoded);                            // [B, sum D]
    const Tensor p = at::stack(present, /*dim=*/1).to(x.scalar_type());  // [B, M]
    Fused fused;
    fused.output = classifier_->forward(at::cat({x, p}, /*dim=*/1));  // [B, O]
    return fused;
  }

 private:
  MissingVectors zeros_;
  layers::Linear classifier_{nullptr};
};

}  // namespace

extern const Method linear = {
    "linear",
    "A linear model on all minimally processed features, the other baseline.",
    "",
    Family::linear,
    /*reads_raw=*/true,
    supports_all,
    "An absent modality's features are zeros, and an indicator says so.",
    "As the floor that every fusion has to beat.",
    describe_config<Config>,
    make_from<LinearBaseline, Config>};

}  // namespace braid::fusion
