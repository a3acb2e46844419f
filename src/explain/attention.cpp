#include "explain/attention.h"

#include <torch/torch.h>

#include "explain/faithfulness.h"
#include "explain/gradients.h"
#include "explain/rollout.h"
#include "explain/score.h"
#include "model/tensors.h"

namespace braid::explain {
namespace {

constexpr int64_t kBatch = 32;

// A mean over the rows that have a value.
struct Mean {
  Tensor sum, count;

  // value (B, ...), has (B, ...) of the same shape or one that broadcasts to it.
  void add(const Tensor& value, const Tensor& has) {
    const Tensor weight = has.to(at::kCPU, at::kDouble).expand_as(value);
    const Tensor part = (value.to(at::kCPU, at::kDouble) * weight).sum(/*dim=*/0);
    sum = sum.defined() ? sum + part : part;
    count = count.defined() ? count + weight.sum(/*dim=*/0) : weight.sum(/*dim=*/0);
  }
  Tensor value() const { return sum / count; }  // NaN where no row has one
};

Json to_json(const Tensor& values) {
  if (values.dim() == 0) return finite_or_null(values.item<double>());
  Json list = Json::array();
  for (int64_t i = 0; i < values.size(0); ++i) list.push_back(to_json(values[i]));
  return list;
}

class Gathered {
 public:
  Gathered(model::Bundle& bundle) : bundle_(bundle) {
    for (const data::ModalitySpec& spec : bundle.model->specs()) names_.push_back(spec.name);
  }

  // False where the fusion has no maps that can be read.
  bool add(const Rows& batch) {
    const torch::NoGradGuard no_grad;
    model::Model& model = *bundle_.model;
    const std::vector<Encoded> encoded = model.encode(batch.inputs);
    const Fused fused = forward_with_attention(model.fusion(), encoded);
    const auto made = rollout(fused.attention, encoded, names_);
    const auto shares = attention_shares(fused.attention, encoded, names_);
    if (!made || !shares) return false;
    add_shares(*shares);
    std::vector<Tensor> masks;
    for (const Encoded& e : encoded) masks.push_back(real_tokens(e.mask, e.present));
    const Tensor real = at::cat(masks, /*dim=*/1);
    flow_.add(made->flow, made->flow.sum(/*dim=*/2, /*keepdim=*/true).gt(0));
    const Tensor whole = score_of(model, fused.output, batch.outputs);
    const Tensor gradients = token_gradients(model, encoded, batch.outputs);
    const bool is_value = model.head_context().task == metrics::Task::regression;
    faithfulness_.add(
        batch.rows,
        {{"attention", made->tokens}, {"gradients", is_value ? gradients.abs() : gradients}}, real,
        [&](const Tensor& keep) {
          const torch::NoGradGuard quick;
          std::vector<Encoded> kept = encoded;
          int64_t begin = 0;
          for (Encoded& e : kept) {
            e.mask = keep.narrow(/*dim=*/1, begin, e.mask.size(1)).contiguous();
            begin += e.mask.size(1);
          }
          return kept_score(
              model, score_of(model, model.fusion().forward(kept).output, batch.outputs), whole);
        });
    return true;
  }

  Json summary(const Chosen& chosen, const metrics::BootstrapOptions& options) const {
    Json layers = Json::array();
    for (const Layer& layer : layers_)
      layers.push_back({{"layer", layer.number}, {"heads", to_json(layer.shares.value())}});
    Json from = names_;
    from.push_back("prediction");
    return {
        {"rows", chosen.rows.size()},
        {"groups", groups_},
        {"layers", std::move(layers)},
        {"flow", {{"from", std::move(from)}, {"to", names_}, {"shares", to_json(flow_.value())}}},
        {"faithfulness", faithfulness_.summary(chosen.groups, options)}};
  }

 private:
  struct Layer {
    int64_t number;
    Mean shares;  // (H, G, G)
  };

  void add_shares(const AttentionShares& shares) {
    groups_ = shares.groups;
    for (size_t l = 0; l < shares.layers.size(); ++l) {
      if (layers_.size() <= l) layers_.push_back({shares.layers[l].layer, {}});
      layers_[l].shares.add(shares.layers[l].shares,
                            shares.layers[l].asks.unsqueeze(1).unsqueeze(3));
    }
  }

  model::Bundle& bundle_;
  std::vector<std::string> names_, groups_;
  std::vector<Layer> layers_;
  Mean flow_;
  Faithfulness faithfulness_;
};

}  // namespace

Fused forward_with_attention(fusion::Fusion& fusion, const std::vector<Encoded>& encoded) {
  struct Wanted {
    fusion::Fusion& fusion;
    explicit Wanted(fusion::Fusion& of) : fusion(of) { fusion.wants_attention = true; }
    ~Wanted() { fusion.wants_attention = false; }
  } wanted(fusion);
  return fusion.forward(encoded);
}

Chosen choose_rows(const Contributions& explained, const std::vector<int64_t>& groups,
                   int64_t most) {
  Chosen chosen;
  for (int64_t index : spread(static_cast<int64_t>(explained.rows.size()), most)) {
    const auto i = static_cast<size_t>(index);
    chosen.rows.push_back(explained.rows[i]);
    chosen.outputs.push_back(explained.outputs[i]);
    if (!groups.empty()) chosen.groups.push_back(groups[i]);
  }
  return chosen;
}

Json attention(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
               const DetailOptions& options) {
  const Chosen chosen = choose_rows(explained, options.groups, kAttentionRows);
  bundle.model->eval();
  Gathered gathered(bundle);
  bool has_maps = true;
  int64_t done = 0;
  for_each_batch(bundle, store, chosen.rows, chosen.outputs, kBatch, [&](const Rows& batch) {
    has_maps = has_maps && gathered.add(batch);
    done += static_cast<int64_t>(batch.rows.size());
    ProgressTick tick;
    tick.task = "attention";
    tick.done = done;
    tick.total = static_cast<int64_t>(chosen.rows.size());
    if (has_maps && options.sinks.progress) options.sinks.tick(tick);
  });
  return has_maps ? gathered.summary(chosen, options.bootstrap) : Json();
}

}  // namespace braid::explain
