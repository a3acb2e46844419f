// The class behind mfb and mfh: products of wide projections, summed in groups.
#pragma once
#include <string>
#include <vector>

#include "fusion/vectors.h"

namespace braid::fusion {

struct FactorizedConfig : VectorConfig {
  int64_t width = 64;
  int64_t factors = 5;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the pooled product");
    v("factors", factors, at_least(1), "products summed for each number of it; the rank");
    VectorConfig::visit(v);
  }
};

/// Block i of `order`: e_i = e_(i-1) * product over m of (W_m,i z_m + b_m,i), e_0 = 1; p_i = unit(
/// signed_sqrt(sums over groups of `factors` of dropout(e_i))); joined = [p_1; ...; p_order].
/// Parameters: blocks.<i>.<modality>.*.
class FactorizedBilinear : public VectorFusion {
 protected:
  FactorizedBilinear(const Context& context, const FactorizedConfig& config, int64_t order,
                     const std::string& where)
      : VectorFusion(context, config, config.width * order), factors_(config.factors) {
    check_several(context, where);
    auto blocks = register_module("blocks", std::make_shared<torch::nn::Module>());
    for (int64_t i = 0; i < order; ++i)
      maps_.push_back(
          register_maps(blocks.get(), std::to_string(i), context, config.width * config.factors));
    dropout_ = register_module("product_dropout", layers::Dropout(config.dropout));
  }

  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    std::vector<Tensor> pooled;
    Tensor product;
    for (std::vector<layers::Linear>& maps : maps_) {
      const Tensor own = product_of(map_each(maps, vectors));  // [B, width * factors]
      product = dropout_->forward(product.defined() ? product * own : own);
      const Tensor groups = product.view({product.size(0), -1, factors_});  // [B, width, factors]
      pooled.push_back(unit_rows(signed_sqrt(groups.sum(/*dim=*/2))));
    }
    return at::cat(pooled, /*dim=*/1);  // [B, order * width]
  }

 private:
  int64_t factors_;
  std::vector<std::vector<layers::Linear>> maps_;  // [block][modality]
  layers::Dropout dropout_{nullptr};
};

}  // namespace braid::fusion
