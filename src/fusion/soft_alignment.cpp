// Hybrid fusion: every modality's tokens brought to the first one's by a learned soft monotone
// alignment, then joined tick by tick.
#include "fusion/missing.h"
#include "layers/layers.h"
#include "ops/soft_dtw.h"

namespace braid::fusion {
namespace {

struct Config {
  int64_t width = 64;
  int64_t space = 32;
  double gamma = 0.05;
  double diagonal = 0.5;
  double contrast = 0.1;
  int64_t negatives = 4;
  double temperature = 0.1;
  std::vector<int64_t> hidden = {64};
  double dropout = 0.1;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the tokens when they are joined");
    v("space", space, at_least(1), "width of the space in which tokens are compared");
    v("gamma", gamma, between(0.001, 100),
      "softness of the alignment, in units of the cost (0 to 2); smaller = closer to one path");
    v("diagonal", diagonal, at_least(0),
      "cost of lying off the diagonal, by the square of the distance as a share of the length");
    v("contrast", contrast, at_least(0),
      "weight of the objective that a row aligns better with itself than with others; 0 = none");
    v("negatives", negatives, between(1, 64), "other rows that each row is compared with");
    v("temperature", temperature, between(0.001, 100), "of that comparison");
    v("hidden", hidden, at_least(1), "hidden widths of the classifier; empty = linear");
    v("dropout", dropout, between(0, 0.95), "dropout before the classifier and inside it");
  }
};

constexpr double kTiny = 1e-6;

// Where each real token lies, 0 to 1. Shapes   mask (B, T) -> (B, T).
Tensor places(const Tensor& mask, const Tensor& like) {
  const Tensor rank = mask.cumsum(/*dim=*/1).to(like.scalar_type()) - 0.5;
  return rank / mask.sum(/*dim=*/1, /*keepdim=*/true).clamp_min(1);
}

// Shapes   x (B, T, D) -> rows of length 1.
Tensor unit_tokens(const Tensor& x) {
  return x / (x.square().sum(/*dim=*/-1, /*keepdim=*/true) + kTiny).sqrt();
}

// One modality's tokens in the space where alignments are looked for.
struct Compared {
  Tensor tokens;  // (B, T, space), of length 1
  Tensor mask;    // (B, T)
  Tensor places;  // (B, T)
  Compared rows(const Tensor& index) const {
    return {tokens.index_select(0, index), mask.index_select(0, index),
            places.index_select(0, index)};
  }
};

/// With s_i, t_j the tokens of the first and of another modality in a common space, of length 1,
/// and p_i, q_j their places: costs c_ij = 1 - s_i t_j + diagonal (p_i - q_j)^2; E = the expected
/// alignment of soft-DTW over c, each row divided by its sum; aligned_i = sum_j E_ij v_j. Output =
/// classifier([mean_i relu(W [v_i; aligned_i; ...]); pooled_1; ...; pooled_M]). Training adds
/// contrast * the cross-entropy of telling each row's other modality, by its soft-DTW distance per
/// step, from those of `negatives` other rows.
///
/// Shapes   E (B, T_first, T_m), its rows sum to 1.
/// Missing  learned vectors stand for an absent modality's pooled one; its aligned tokens are
/// zeros,
///          and its rows do not count in the added objective.
/// Cost     B * (1 + negatives in training) * T_first * T_m steps of dynamic programming for each
///          other modality, in float64 on the CPU.
/// Source   Cuturi and Blondel 2017, arXiv:1703.01541 (soft-DTW); Mensch and Blondel 2018,
///          arXiv:1802.03676 (its expected alignment as a layer); Haresh et al. 2021,
///          arXiv:2103.17260 (soft-DTW as an objective between videos). Differs: across modalities,
///          and contrastive.
class SoftAlignment : public Fusion {
 public:
  SoftAlignment(const Context& context, const Config& config, const std::string& where)
      : Fusion(context), config_(config) {
    check_several(context, where);
    const std::vector<std::string> names = module_names(context.modalities);
    const auto values = register_folder(this, "values"), spaces = register_folder(this, "spaces");
    for (size_t m = 0; m < names.size(); ++m) {
      values_.push_back(
          values->register_module(names[m], layers::Linear(context.widths[m], config.width)));
      spaces_.push_back(
          spaces->register_module(names[m], layers::Linear(context.widths[m], config.space)));
    }
    const auto M = static_cast<int64_t>(names.size());
    join_ = register_module("join", layers::Linear(M * config.width, config.width));
    missing_ = register_module("missing", MissingVectors(context, "learned"));
    const int64_t joined = config.width + total_width(context);
    norm_ = register_module("norm", layers::LayerNorm(joined));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module(
        "classifier", layers::Mlp(joined, config.hidden, context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Compared> compared;
    for (size_t m = 0; m < encoded.size(); ++m)
      compared.push_back({unit_tokens(spaces_[m]->forward(encoded[m].tokens)), encoded[m].mask,
                          places(encoded[m].mask, encoded[m].tokens)});
    std::vector<Tensor> ticks = {values_[0]->forward(encoded[0].tokens)};  // [B, T, width]
    for (size_t m = 1; m < encoded.size(); ++m) {
      const Tensor weights = alignment(compared[0], compared[m]);  // [B, T, T_m]
      ticks.push_back(at::bmm(weights, values_[m]->forward(encoded[m].tokens)));
      if (wants_attention)
        fused.attention.push_back(
            {context_.modalities[0], context_.modalities[m], weights.unsqueeze(1), /*layer=*/0});
    }
    const Tensor each = join_->forward(at::cat(ticks, /*dim=*/2), ops::Activation::relu);
    const Tensor joined =
        at::cat({layers::masked_mean(each, encoded[0].mask), missing_->concat(encoded)}, /*dim=*/1);
    fused.output = classifier_->forward(dropout_->forward(norm_->forward(joined)));  // [B, O]
    const int64_t B = encoded[0].mask.size(0);
    if (at::GradMode::is_enabled() && config_.contrast > 0 && B > 1) {
      Tensor sum;
      for (size_t m = 1; m < encoded.size(); ++m) {
        const Tensor one = contrast(compared[0], compared[m]);
        sum = sum.defined() ? sum + one : one;
      }
      fused.auxiliary = config_.contrast * sum / static_cast<double>(encoded.size() - 1);
    }
    return fused;
  }

 private:
  ops::SoftDtw aligned(const Compared& a, const Compared& b) const {
    const Tensor off = a.places.unsqueeze(2) - b.places.unsqueeze(1);  // [B, T, T_m]
    const Tensor costs =
        1 - at::bmm(a.tokens, b.tokens.transpose(1, 2)) + config_.diagonal * off.square();
    return ops::soft_dtw(costs, a.mask, b.mask, config_.gamma);
  }

  // Rows sum to 1, or are zeros where nothing can be aligned.
  Tensor alignment(const Compared& a, const Compared& b) const {
    const Tensor expected = aligned(a, b).alignment;
    const Tensor sum = expected.sum(/*dim=*/2, /*keepdim=*/true);
    return expected / at::where(sum.gt(0), sum, at::ones_like(sum));
  }

  // -log of the share that a row's own partner has among it and other rows'.
  Tensor contrast(const Compared& a, const Compared& b) const {
    const int64_t B = a.mask.size(0), others = std::min(config_.negatives, B - 1);
    const auto on = a.mask.options().dtype(at::kLong);
    const Tensor row = at::arange(B, on);
    std::vector<Tensor> index;
    for (int64_t r = 0; r <= others; ++r) index.push_back((row + r).remainder(B));
    const Tensor partner = at::cat(index);  // [(1 + others) B]
    const Compared left = a.rows(row.repeat({others + 1})), right = b.rows(partner);
    const Tensor real_left = left.mask.sum(/*dim=*/1), real_right = right.mask.sum(/*dim=*/1);
    const Tensor steps = (real_left + real_right).clamp_min(1);
    const Tensor distance = aligned(left, right).value / steps;
    const Tensor is_pair = real_left.gt(0).logical_and(real_right.gt(0)).view({others + 1, B});
    const Tensor logits = (-distance / config_.temperature)
                              .view({others + 1, B})
                              .masked_fill(is_pair.logical_not(), -1e9);  // [1 + others, B]
    const Tensor own = logits.log_softmax(/*dim=*/0)[0];                  // [B]
    const Tensor counts = is_pair[0].to(own.scalar_type());
    return -(own * counts).sum() / counts.sum().clamp_min(1);
  }

  const Config config_;
  std::vector<layers::Linear> values_, spaces_;
  layers::Linear join_{nullptr};
  MissingVectors missing_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method soft_alignment = {
    "soft_alignment",
    "Tokens aligned to the first modality's by soft-DTW in a learned space, then joined one by "
    "one.",
    "Cuturi and Blondel 2017, arXiv:1703.01541; Mensch and Blondel 2018, arXiv:1802.03676",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality; nothing is aligned with it.",
    "Sequences of one event whose clocks or speeds differ.",
    describe_config<Config>,
    make_from<SoftAlignment, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
