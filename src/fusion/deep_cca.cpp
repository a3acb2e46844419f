// Hybrid fusion: views of each modality that training makes correlate.
#include "fusion/tokens.h"
#include "fusion/vectors.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

constexpr double kLeastRidge = 1e-12;  // for views that do not vary at all

struct Config : PresentConfig {
  std::vector<int64_t> view_hidden = {64};
  double correlation = 0.1;
  double ridge = 0.001;
  Config() { width = 16; }
  template <class V>
  void visit(V& v) {
    PresentConfig::visit(v);
    v("view_hidden", view_hidden, at_least(1),
      "hidden widths of each modality's view; empty = linear, as in classical CCA");
    v("correlation", correlation, at_least(0), "weight of the views' correlation in training");
    v("ridge", ridge, at_least(1e-9), "added to the views' variances, as a share of their mean");
  }
};

/// v_m = view_m(z_m); output = classifier([v_1; ...; v_M]). Training adds -correlation * mean over
/// pairs of (sum of squared canonical correlations of v_m and v_n in the batch) / width.
///
/// Missing  an absent modality's view is zeros; a pair is correlated over the rows that have both.
/// Cost     B * sum over m of the view's multiply-adds, and in training for each pair 3 B width^2 +
///          width^3. A batch should have several times `width` rows.
/// Source   Andrew et al. 2013, Deep canonical correlation analysis, ICML; multimodal use: Sun et
///          al. 2020, arXiv:1911.05544. Differs: squared correlations, which are smooth at 0, and
///          the mean over pairs for more than two modalities.
class DeepCca : public VectorFusion {
 public:
  DeepCca(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config.with_zeros(),
                     config.width * static_cast<int64_t>(context.widths.size())),
        config_(config) {
    check_several(context, where);
    const auto views = register_folder(this, "views");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m)
      views_.push_back(views->register_module(
          names[m],
          layers::Mlp(context.widths[m], config.view_hidden, config.width, config.dropout)));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor& present, Fused* fused) override {
    std::vector<Tensor> views;
    for (size_t m = 0; m < vectors.size(); ++m)
      views.push_back(keep_where(present.select(/*dim=*/1, static_cast<int64_t>(m)),
                                 views_[m]->forward(vectors[m])));  // [B, width]
    if (at::GradMode::is_enabled()) {
      Tensor sum = at::zeros({}, views[0].options());
      for (size_t m = 0; m < views.size(); ++m)
        for (size_t n = m + 1; n < views.size(); ++n)
          sum = sum +
                squared_correlations(views[m], views[n],
                                     present.select(1, static_cast<int64_t>(m))
                                         .logical_and(present.select(1, static_cast<int64_t>(n))));
      const auto pairs = static_cast<double>(views.size() * (views.size() - 1) / 2);
      fused->auxiliary =
          sum * (-config_.correlation / (pairs * static_cast<double>(config_.width)));
    }
    return at::cat(views, /*dim=*/1);  // [B, M * width]
  }

 private:
  // |S_xx^-1/2 S_xy S_yy^-1/2|^2 over the rows that count: whitening by a Cholesky factor gives the
  // same singular values as by the root. Shapes   (B, D), (B, D), rows (B) bool -> scalar.
  Tensor squared_correlations(const Tensor& x, const Tensor& y, const Tensor& rows) const {
    const Tensor count = rows.sum().to(at::kDouble);
    // In double: of fewer rows than features a covariance is singular but for the ridge.
    const auto centred = [&](const Tensor& part) {
      const Tensor kept = keep_where(rows, part.to(at::kDouble));
      return keep_where(rows, kept - kept.sum(/*dim=*/0) / count.clamp_min(1));
    };
    const Tensor a = centred(x), b = centred(y), divisor = (count - 1).clamp_min(1);
    const auto factor = [&](const Tensor& part) {
      const Tensor covariance = at::matmul(part.t(), part) / divisor;
      const Tensor ridge = config_.ridge * covariance.diagonal().mean() + kLeastRidge;
      // Without its own check, which would end training with a message about matrices: what is not
      // finite makes the loss so.
      return std::get<0>(at::linalg_cholesky_ex(
          covariance + ridge * at::eye(config_.width, covariance.options())));
    };
    const Tensor left = at::linalg_solve_triangular(factor(a), at::matmul(a.t(), b) / divisor,
                                                    /*upper=*/false);  // L_x^-1 S_xy
    return at::linalg_solve_triangular(factor(b), left.t(), /*upper=*/false)
        .square()
        .sum()
        .to(x.scalar_type());
  }

  Config config_;
  std::vector<layers::Mlp> views_;
};

}  // namespace

extern const Method deep_cca = {
    "deep_cca",
    "Views of each modality that training makes correlate; with linear views classical CCA.",
    "Andrew et al. 2013, ICML, PMLR 28:1247",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality's view is zeros; a pair is correlated over the rows that have both.",
    "Modalities that see the same thing through different noise.",
    describe_config<Config>,
    make_from<DeepCca, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
