// Hybrid fusion: a hidden cause that every present modality is evidence of.
#include "fusion/tokens.h"
#include "fusion/vectors.h"
#include "layers/layers.h"
#include "ops/random.h"

namespace braid::fusion {
namespace {

constexpr double kLargestLogVariance = 8;

struct Config : PresentConfig {
  double reconstruction = 0.1;
  double divergence = 0.01;
  template <class V>
  void visit(V& v) {
    PresentConfig::visit(v);
    v("reconstruction", reconstruction, at_least(0),
      "weight of the error when the modalities' vectors are made again from the hidden vector");
    v("divergence", divergence, at_least(0),
      "weight of the hidden vector's divergence from a standard normal one");
  }
};

struct Normal {
  Tensor mean, variance;  // (B, width)
};

/// q(z | present) = normalised product of N(0, 1) and N(mu_m, var_m) of every present modality:
/// precisions add up; output = classifier(z), z drawn in training and the mean in inference.
/// Training adds, averaged over the whole sample and each of its modalities alone, reconstruction *
/// mean over present m of |z_m - decoder_m(z)|^2 + divergence * KL(q || N(0, 1)).
///
/// Missing  an absent modality is no evidence; without any the prior is left.
/// Cost     B * sum over m of (2 + decoders (M + 1) in training) * width * D_m multiply-adds.
/// Source   Wu and Goodman 2018, arXiv:1802.05335. Differs: vectors that encoders made are made
///          again, not raw values, and they learn nothing from it; the subsets are the single
///          modalities, none drawn by lot; and each of them has to make all present ones again, not
///          itself alone.
class Mvae : public VectorFusion {
 public:
  Mvae(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config.with_zeros(), config.width), config_(config) {
    check_several(context, where);
    experts_ = register_maps(this, "experts", context, 2 * config.width);
    const auto decoders = register_folder(this, "decoders");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m)
      decoders_.push_back(
          decoders->register_module(names[m], layers::Linear(config.width, context.widths[m])));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused* fused) override {
    const std::vector<Tensor> experts = map_each(experts_, vectors);
    const Normal all = product(experts, present);
    const Tensor z = draw(all);
    if (at::GradMode::is_enabled()) {
      const auto M = static_cast<int64_t>(vectors.size());
      const Tensor everyone = at::ones({present.size(0)}, present.options());
      Tensor sum = bound(all, z, vectors, present, everyone);
      for (int64_t m = 0; m < M; ++m) {
        Tensor only = at::zeros_like(present);
        only.select(/*dim=*/1, m).copy_(present.select(/*dim=*/1, m));
        const Normal one = product(experts, only);
        sum = sum + bound(one, draw(one), vectors, present, present.select(/*dim=*/1, m));
      }
      fused->auxiliary = sum / static_cast<double>(M + 1);
    }
    return z;
  }

 private:
  Normal product(const std::vector<Tensor>& experts, const Tensor& present) const {
    Tensor precision = at::ones_like(experts[0].narrow(/*dim=*/1, 0, config_.width)), sum;
    for (size_t m = 0; m < experts.size(); ++m) {
      const auto both = experts[m].chunk(2, /*dim=*/1);
      const Tensor here = present.select(/*dim=*/1, static_cast<int64_t>(m));
      const Tensor own =
          keep_where(here, (-both[1].clamp(-kLargestLogVariance, kLargestLogVariance)).exp());
      precision = precision + own;
      sum = sum.defined() ? sum + own * both[0] : own * both[0];
    }
    return {sum / precision, precision.reciprocal()};
  }

  Tensor draw(const Normal& normal) const {
    if (!is_training()) return normal.mean;
    return normal.mean + normal.variance.sqrt() * ops::normal(normal.mean.sizes(), normal.mean);
  }

  // The negative evidence bound, averaged over `rows`. Shapes   rows (B) bool -> scalar.
  Tensor bound(const Normal& normal, const Tensor& z, const std::vector<Tensor>& vectors,
               const Tensor& present, const Tensor& rows) {
    Tensor error = at::zeros({z.size(0)}, z.options());
    for (size_t m = 0; m < vectors.size(); ++m) {
      const Tensor own =
          (decoders_[m]->forward(z) - vectors[m].detach()).square().mean(/*dim=*/1);  // [B]
      error = error + keep_where(present.select(/*dim=*/1, static_cast<int64_t>(m)), own);
    }
    const Tensor count = present.sum(/*dim=*/1).clamp_min(1);
    const Tensor divergence =
        0.5 * (normal.variance + normal.mean.square() - 1 - normal.variance.log())
                  .mean(/*dim=*/1);  // [B]
    const Tensor cost = config_.reconstruction * error / count + config_.divergence * divergence;
    return keep_where(rows, cost).sum() / rows.sum().clamp_min(1);
  }

  Config config_;
  std::vector<layers::Linear> experts_, decoders_;
};

}  // namespace

extern const Method mvae = {
    "mvae",
    "A variational hidden vector: a product of one normal distribution per present modality.",
    "Wu and Goodman 2018, arXiv:1802.05335",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality is no evidence; without any the prior is left.",
    "Modalities are often absent, in the training rows too.",
    describe_config<Config>,
    make_from<Mvae, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
