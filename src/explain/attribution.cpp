#include "explain/attribution.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "explain/faithfulness.h"
#include "explain/gradients.h"
#include "explain/score.h"
#include "explain/units.h"
#include "model/tensors.h"

namespace braid::explain {
namespace {

constexpr int64_t kBatch = 16;

// Of one modality, over all rows.
struct Sums {
  double total = 0, moved = 0;
  std::vector<double> columns;  // of a table: of absolute values
};

class Gathered {
 public:
  Gathered(model::Bundle& bundle) : bundle_(bundle), sums_(bundle.model->specs().size()) {}

  void add(const Rows& batch) {
    model::Model& model = *bundle_.model;
    GradientOptions coarse;  // means over rows forgive more than a single row does
    coarse.most_steps = 128;
    coarse.tolerance = 0.02;
    const Attributions made = integrated_gradients(model, batch.inputs, batch.outputs, coarse);
    steps_ = std::max(steps_, made.steps);
    for (double gap : model::to_doubles(made.gap)) gaps_.push_back(gap);
    std::vector<Units> units;
    std::vector<Tensor> importance, reals;
    for (size_t m = 0; m < sums_.size(); ++m) {
      const data::ModalitySpec& spec = model.specs()[m];
      units.push_back(make_units(spec, batch.inputs[m]));
      const Attribution& one = made.modalities[m];
      importance.push_back(sum_units(units[m], one.values, one.scale));  // [B, U]
      reals.push_back(real_units(spec, units[m], batch.inputs[m]));
      add_sums(spec, importance[m], &sums_[m]);
    }
    const Tensor all = at::cat(importance, /*dim=*/1), real = at::cat(reals, /*dim=*/1);
    const bool is_value = model.head_context().task == metrics::Task::regression;
    const torch::NoGradGuard no_grad;
    faithfulness_.add(
        batch.rows, {{"gradients", is_value ? all.abs() : all}}, real, [&](const Tensor& keep) {
          std::vector<Input> kept;
          int64_t begin = 0;
          for (size_t m = 0; m < units.size(); ++m) {
            kept.push_back(keep_units(model.specs()[m], units[m], batch.inputs[m],
                                      keep.narrow(/*dim=*/1, begin, units[m].count)));
            begin += units[m].count;
          }
          return kept_score(model, score_of(model, model.forward(kept).output, batch.outputs),
                            made.score);
        });
  }

  Json summary(const Chosen& chosen, const metrics::BootstrapOptions& options) const {
    const auto N = static_cast<double>(std::max<size_t>(gaps_.size(), 1));
    Json modalities = Json::array();
    for (size_t m = 0; m < sums_.size(); ++m) {
      const data::ModalitySpec& spec = bundle_.model->specs()[m];
      Json one = {{"name", spec.name},
                  {"mean", finite_or_null(sums_[m].total / N)},
                  {"moves", finite_or_null(sums_[m].moved / N)}};
      for (size_t c = 0; c < sums_[m].columns.size(); ++c)
        one["columns"].push_back(
            {{"name", spec.field_names[c]}, {"moves", finite_or_null(sums_[m].columns[c] / N)}});
      modalities.push_back(std::move(one));
    }
    double sum = 0, most = 0;
    for (double gap : gaps_) {
      sum += gap;
      most = std::max(most, gap);
    }
    return {{"rows", chosen.rows.size()},
            {"steps", steps_},
            {"gap", {{"mean", finite_or_null(sum / N)}, {"most", finite_or_null(most)}}},
            {"modalities", std::move(modalities)},
            {"faithfulness", faithfulness_.summary(chosen.groups, options)}};
  }

 private:
  static void add_sums(const data::ModalitySpec& spec, const Tensor& units, Sums* sums) {
    for (double total : model::to_doubles(units.sum(/*dim=*/1))) {
      sums->total += total;
      sums->moved += std::abs(total);
    }
    if (spec.kind != data::Kind::tabular) return;
    const std::vector<double> columns = model::to_doubles(units.abs().sum(/*dim=*/0));
    sums->columns.resize(columns.size());
    for (size_t c = 0; c < columns.size(); ++c) sums->columns[c] += columns[c];
  }

  model::Bundle& bundle_;
  std::vector<Sums> sums_;
  std::vector<double> gaps_;
  int64_t steps_ = 0;
  Faithfulness faithfulness_;
};

}  // namespace

Json attribution(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
                 const DetailOptions& options) {
  const Chosen chosen = choose_rows(explained, options.groups, kAttributionRows);
  Gathered gathered(bundle);
  int64_t done = 0;
  for_each_batch(bundle, store, chosen.rows, chosen.outputs, kBatch, [&](const Rows& batch) {
    gathered.add(batch);
    done += static_cast<int64_t>(batch.rows.size());
    ProgressTick tick;
    tick.task = "attribution";
    tick.done = done;
    tick.total = static_cast<int64_t>(chosen.rows.size());
    if (options.sinks.progress) options.sinks.tick(tick);
  });
  return gathered.summary(chosen, options.bootstrap);
}

}  // namespace braid::explain
