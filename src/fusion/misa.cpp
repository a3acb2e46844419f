// Hybrid fusion: what modalities have in common and what each has alone, kept apart.
#include <cmath>

#include "fusion/tokens.h"
#include "fusion/vectors.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

constexpr int kMoments = 5;
constexpr double kTiny = 1e-12;  // keeps the length of a row of zeros from being divided by
// Distances far below its root are flat, so that training need not follow the kink at 0.
constexpr double kSmooth = 1e-6;

struct Config : PresentConfig {
  int64_t heads = 4;
  double similarity = 1;
  double difference = 0.3;
  double reconstruction = 1;
  template <class V>
  void visit(V& v) {
    PresentConfig::visit(v);
    v("heads", heads, at_least(1), "attention heads over the parts; width is a multiple of it");
    v("similarity", similarity, at_least(0),
      "weight of the distance between the modalities' common parts");
    v("difference", difference, at_least(0), "weight of what common and own parts share");
    v("reconstruction", reconstruction, at_least(0),
      "weight of the error when a modality's vector is made again from its two parts");
  }
};

// Mean over the rows that count. Shapes   x (B, D), rows (B, 1) 0 or 1 -> (D).
Tensor mean_of(const Tensor& x, const Tensor& rows) {
  return (x * rows).sum(/*dim=*/0) / rows.sum().clamp_min(1);
}

Tensor norm_of(const Tensor& x) { return (x.square().sum() + kSmooth).sqrt() - std::sqrt(kSmooth); }

// Central moment discrepancy of values in (0, 1) (Zellinger et al. 2017): 0 for equal distributions
// up to the fifth moment. Shapes   (B, D), (B, D), rows (B, 1) -> scalar.
Tensor moment_discrepancy(const Tensor& x, const Tensor& y, const Tensor& rows) {
  const Tensor mean_x = mean_of(x, rows), mean_y = mean_of(y, rows);
  Tensor sum = norm_of(mean_x - mean_y);
  for (int k = 2; k <= kMoments; ++k)
    sum = sum + norm_of(mean_of((x - mean_x).pow(k), rows) - mean_of((y - mean_y).pow(k), rows));
  return sum;
}

// Mean squared product between the two parts' features over the rows that count, each row centred
// and of length 1: 0 where they are orthogonal. Shapes   (B, D), (B, D), rows (B, 1) -> scalar.
Tensor overlap(const Tensor& x, const Tensor& y, const Tensor& rows) {
  const auto prepared = [&rows](const Tensor& part) {
    const Tensor centred = (part - mean_of(part, rows)) * rows;
    return centred / (centred.square().sum(/*dim=*/1, /*keepdim=*/true) + kTiny).sqrt();
  };
  return at::matmul(prepared(x).t(), prepared(y)).square().mean();
}

/// u_m = norm(relu(W_m z_m)); common c_m = sigmoid(C u_m), the same C for all; own p_m =
/// sigmoid(P_m u_m); output = classifier([self-attention over c_1..c_M, p_1..p_M]). Training adds
/// similarity * mean CMD(c_m, c_n) + difference * (sum of overlap(c_m, p_m) and overlap(p_m, p_n))
/// + reconstruction * mean |z_m / its scale - R_m(c_m + p_m)|^2, none of which reaches the
/// encoders.
///
/// Shapes   attention over (B, 2 M, width).
/// Missing  an absent modality's parts are zeros, nobody attends to them, and its rows do not count
///          in the added objectives.
/// Cost     B * sum over m of width * (D_m + 4 width), and B * 2 M * 8 width^2 multiply-adds.
/// Source   Hazarika et al. 2020, arXiv:2005.03545; weights of the objectives: its released code.
///          Differs: pre-norm attention; one layer inside each part. There u_m is made again and
///          the objectives train the encoders, which those that start from nothing answer with a
///          constant: equal, orthogonal and made again without error.
class Misa : public VectorFusion {
 public:
  Misa(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config.with_zeros(),
                     2 * config.width * static_cast<int64_t>(context.widths.size())),
        config_(config) {
    check_several(context, where);
    check_heads(config.width, config.heads, where);
    inputs_ = register_maps(this, "inputs", context, config.width);
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    common_ = register_module("common", layers::Linear(config.width, config.width));
    const auto own = register_folder(this, "own"), again = register_folder(this, "decoders");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m) {
      own_.push_back(own->register_module(names[m], layers::Linear(config.width, config.width)));
      decoders_.push_back(
          again->register_module(names[m], layers::Linear(config.width, context.widths[m])));
    }
    block_ = register_module("block", layers::TransformerBlock(config.width, config.heads,
                                                               /*mlp_ratio=*/2, config.dropout));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused* fused) override {
    if (at::GradMode::is_enabled()) fused->auxiliary = objectives(vectors, present);
    const auto [common, own] = parts_of(vectors);
    std::vector<Tensor> parts = common;
    parts.insert(parts.end(), own.begin(), own.end());
    const Tensor counted = at::cat({present, present}, /*dim=*/1);              // [B, 2 M]
    const Tensor all = keep_where(counted, at::stack(parts, /*dim=*/1));        // [B, 2 M, width]
    return keep_where(counted, block_->forward(all, all, counted)).flatten(1);  // [B, 2 M * width]
  }

 private:
  // Common and own part of each modality. Shapes   (B, D_m) each -> (B, width) each.
  std::pair<std::vector<Tensor>, std::vector<Tensor>> parts_of(const std::vector<Tensor>& vectors) {
    std::vector<Tensor> inputs = map_each(inputs_, vectors, ops::Activation::relu), common;
    for (Tensor& input : inputs) {
      input = norm_->forward(input);
      common.push_back(common_->forward(input).sigmoid());
    }
    std::vector<Tensor> own = map_each(own_, inputs);
    for (Tensor& part : own) part = part.sigmoid();
    return {common, own};
  }

  Tensor objectives(const std::vector<Tensor>& vectors, const Tensor& present) {
    std::vector<Tensor> inputs;
    for (const Tensor& vector : vectors) inputs.push_back(vector.detach());
    const auto [common, own] = parts_of(inputs);
    const Tensor here = present.to(inputs[0].scalar_type());  // [B, M]
    const auto rows = [&here](size_t m) {
      return here.select(1, static_cast<int64_t>(m)).unsqueeze(1);
    };
    const size_t M = inputs.size();
    const auto pairs = static_cast<double>(M * (M - 1) / 2);
    Tensor similarity = at::zeros({}, inputs[0].options()), difference = similarity,
           reconstruction = similarity;
    for (size_t m = 0; m < M; ++m) {
      difference = difference + overlap(common[m], own[m], rows(m));
      const Tensor target = at::layer_norm(inputs[m], {inputs[m].size(1)});  // [B, D_m]
      const Tensor error = (decoders_[m]->forward(common[m] + own[m]) - target).square();
      reconstruction = reconstruction + mean_of(error, rows(m)).mean();
      for (size_t n = m + 1; n < M; ++n) {
        const Tensor both = rows(m) * rows(n);
        difference = difference + overlap(own[m], own[n], both);
        similarity = similarity + moment_discrepancy(common[m], common[n], both);
      }
    }
    return config_.similarity * similarity / pairs + config_.difference * difference +
           config_.reconstruction * reconstruction / static_cast<double>(M);
  }

  Config config_;
  std::vector<layers::Linear> inputs_, own_, decoders_;
  layers::LayerNorm norm_{nullptr};
  layers::Linear common_{nullptr};
  layers::TransformerBlock block_{nullptr};
};

}  // namespace

extern const Method misa = {
    "misa",
    "What modalities have in common and what each has alone, kept apart by extra objectives.",
    "Hazarika et al. 2020, arXiv:2005.03545",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality is left out, of the objectives too.",
    "Modalities that share a message and each add a tone of their own.",
    describe_config<Config>,
    make_from<Misa, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
