// What fusions share that join one vector per modality into one, which a classifier reads.
#pragma once
#include <string>
#include <vector>

#include "fusion/missing.h"
#include "layers/layers.h"

namespace braid::fusion {

struct VectorConfig {
  std::vector<int64_t> hidden = {128};
  double dropout = 0.3;
  std::string missing = "learned";
  template <class V>
  void visit(V& v) {
    v("hidden", hidden, at_least(1), "hidden widths of the classifier; empty = linear");
    v("dropout", dropout, between(0, 0.95), "dropout before the classifier and inside it");
    v("missing", missing, one_of({"learned", "zero"}), "vector that stands for an absent modality");
  }
};

/// Of a fusion that leaves absent modalities out instead of putting a vector in their place.
struct PresentConfig {
  int64_t width = 64;
  std::vector<int64_t> hidden = {128};
  double dropout = 0.3;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of each modality's vector when they are joined");
    v("hidden", hidden, at_least(1), "hidden widths of the classifier; empty = linear");
    v("dropout", dropout, between(0, 0.95), "dropout before the classifier and inside it");
  }
  VectorConfig with_zeros() const { return {hidden, dropout, /*missing=*/"zero"}; }
};

/// output = classifier(dropout(join(z_1, ..., z_M))).
///
/// Missing  a vector per modality stands for it, learned or zeros, the same in training and
/// inference. Parameters: missing.<modality>, classifier.<i>.*.
class VectorFusion : public Fusion {
 protected:
  /// `joined`: the width of what join() gives.
  VectorFusion(const Context& context, const VectorConfig& config, int64_t joined);
  /// Shapes   vectors[m] (B, D), present (B, M) bool -> (B, joined). May set fused->weights.
  virtual Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused* fused) = 0;
  bool reads_tokens() const final { return false; }
  Fused compute(const std::vector<Encoded>& encoded) final;

 private:
  MissingVectors missing_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Mlp classifier_{nullptr};
};

/// One linear map per modality, to `width`, under <name>.<modality> of `parent`.
std::vector<layers::Linear> register_maps(torch::nn::Module* parent, const std::string& name,
                                          const Context& context, int64_t width,
                                          bool has_bias = true);

/// maps[m](vectors[m]) of every modality.
std::vector<Tensor> map_each(std::vector<layers::Linear>& maps, const std::vector<Tensor>& vectors,
                             ops::Activation activation = ops::Activation::none);

/// The product of all, place by place. Shapes   each the same.
Tensor product_of(const std::vector<Tensor>& parts);

/// [1; x], so that products hold x alone too. Shapes   (B, D) -> (B, D + 1).
Tensor with_one(const Tensor& x);

/// x / sqrt(|x| + 1e-6), all but sign(x) sqrt(|x|): what bilinear products are tamed with.
Tensor signed_sqrt(const Tensor& x);

/// x / |x| per row; zeros for a row of zeros. Shapes   (B, D) -> (B, D).
Tensor unit_rows(const Tensor& x);

/// presence of each modality. Shapes   -> (B, M) bool.
Tensor presence(const std::vector<Encoded>& encoded);

}  // namespace braid::fusion
