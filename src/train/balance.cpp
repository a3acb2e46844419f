#include "train/balance.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "ops/random.h"

namespace braid::train {
namespace {

constexpr double kLeastOverfitting = 1e-4;  // squared; a head that does not overfit has a bound

Tensor double_tensor(const std::vector<double>& values) {
  return torch::tensor(values, at::kDouble);
}

}  // namespace

std::vector<double> blend_weights(const std::vector<std::pair<double, double>>& before,
                                  const std::vector<std::pair<double, double>>& after) {
  std::vector<double> weights;
  double sum = 0;
  for (size_t k = 0; k < after.size(); ++k) {
    const double gain = before[k].second - after[k].second;
    const double overfitting =
        (after[k].second - after[k].first) - (before[k].second - before[k].first);
    weights.push_back(std::max(gain, 0.0) / std::max(overfitting * overfitting, kLeastOverfitting));
    sum += weights.back();
  }
  for (double& weight : weights)
    weight = sum > 0 ? weight / sum : 1.0 / static_cast<double>(weights.size());
  return weights;
}

std::vector<double> modulation_factors(const std::vector<double>& confidence, double alpha) {
  std::vector<double> factors;
  double sum = 0;
  for (double one : confidence) sum += one;
  for (double one : confidence) {
    const double others = (sum - one) / static_cast<double>(confidence.size() - 1);
    const double ratio = others > 0 ? one / others : 1;
    factors.push_back(ratio > 1 ? 1 - std::tanh(alpha * ratio) : 1);
  }
  return factors;
}

Balance::Balance(const BalanceConfig& config, model::Model& model,
                 const std::vector<std::string>& known, double weight_decay, uint64_t seed)
    : config_(config), model_(model) {
  BRAID_CHECK(config.unimodal_weights.is_object(), config,
              "train.balance.unimodal_weights: expected an object, got {}",
              config.unimodal_weights.dump());
  for (const auto& item : config.unimodal_weights.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      throw Error(ErrorKind::config,
                  "train.balance.unimodal_weights: " + unknown_name("modality", item.key(), known));
    BRAID_CHECK(item.value().is_number() && item.value().get<double>() >= 0, config,
                "train.balance.unimodal_weights.{}: expected a number of at least 0, got {}",
                item.key(), item.value().dump());
  }
  BRAID_CHECK(config.modulation == "none" || model.head().activation() != Activation::identity,
              config,
              "train.balance.modulation: '{}' compares how sure modalities are of the right class, "
              "and the target is a number; use none",
              config.modulation);
  heads_ = std::make_shared<torch::nn::Module>();
  const ops::InitScope init(seed);
  const std::vector<int64_t>& widths = model.fusion().context().widths;
  const std::vector<std::string> modules = fusion::module_names(model.config().modalities);
  const auto named = model.named_parameters();
  for (size_t m = 0; m < widths.size(); ++m) {
    names_.push_back(model.specs()[m].name);
    linears_.push_back(
        heads_->register_module(modules[m], layers::Linear(widths[m], model.head().num_outputs())));
    given_.push_back(config.unimodal_weights.value(names_.back(), 1.0) * config.unimodal_loss);
    parameters_.emplace_back();
    const std::string prefix = "encoders." + modules[m] + ".";
    for (const auto& item : named)
      if (item.key().compare(0, prefix.size(), prefix) == 0)
        parameters_.back().push_back(item.value());
  }
  heads_->to(model.parameters()[0].device());
  own_weights_ = given_;
  if (config.blending != "none") {
    const double even = 1.0 / static_cast<double>(names_.size() + 1);
    fused_weight_ = even;
    own_weights_.assign(names_.size(), even);
  }
  AdamWOptions options;
  options.weight_decay = weight_decay;
  optimizer_ = std::make_unique<AdamW>(heads_->named_parameters(), options);
  shares_.assign(names_.size(), 0);
  losses_ = counts_ = confidence_ = shares_;
}

bool Balance::reaches_encoders() const {
  return config_.blending != "none" || config_.unimodal_loss > 0;
}

Tensor Balance::own_loss(const Tensor& output, const Encoded& encoded, const Tensor& targets,
                         const Tensor& weights) const {
  return model_.head().loss(output, targets, weights * encoded.present.to(weights.scalar_type()));
}

std::vector<Tensor> Balance::outputs(const std::vector<Encoded>& encoded) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> all;
  for (size_t m = 0; m < linears_.size(); ++m)
    all.push_back(linears_[m]->forward(keep_where(encoded[m].present, encoded[m].pooled)));
  return all;
}

Tensor Balance::total(const Tensor& fused_loss, const std::vector<Encoded>& encoded,
                      const Tensor& targets, const Tensor& weights) {
  Tensor sum = config_.blending != "none" ? fused_weight_ * fused_loss : fused_loss;
  for (size_t m = 0; m < linears_.size(); ++m) {
    const Encoded& e = encoded[m];
    const Tensor vectors = keep_where(e.present, e.pooled);
    const Tensor output = linears_[m]->forward(reaches_encoders() ? vectors : vectors.detach());
    const Tensor loss = own_loss(output, e, targets, weights);
    sum = sum + (reaches_encoders() ? own_weights_[m] * loss : loss);
    const double count = e.present.sum().item<double>();
    losses_[m] += loss.item<double>() * count;
    counts_[m] += count;
    if (config_.modulation != "none") {
      const torch::NoGradGuard no_grad;
      // The chance given to the truth: of the class, or the mean over labels.
      const Tensor scores = model_.head().scores(output.detach());
      const Tensor right =
          targets.dim() == 1
              ? scores.gather(1, targets.to(scores.device(), at::kLong).unsqueeze(1)).squeeze(1)
              : (1 - (scores - targets.to(scores.options())).abs()).mean(/*dim=*/1);
      confidence_[m] = keep_where(e.present, right).sum().item<double>() / std::max(count, 1.0);
    }
  }
  return sum;
}

void Balance::modulate() {
  const torch::NoGradGuard no_grad;
  std::vector<double> norms;
  double all = 0;
  for (const std::vector<Tensor>& parameters : parameters_) {
    double squares = 0;
    for (const Tensor& parameter : parameters)
      if (parameter.grad().defined()) squares += parameter.grad().square().sum().item<double>();
    norms.push_back(std::sqrt(squares));
    all += norms.back();
  }
  for (size_t m = 0; m < norms.size(); ++m) shares_[m] += all > 0 ? norms[m] / all : 0;
  ++steps_;
  if (config_.modulation == "none") return;
  const std::vector<double> factors = modulation_factors(confidence_, config_.alpha);
  for (size_t m = 0; m < factors.size(); ++m) {
    if (factors[m] == 1) continue;
    for (Tensor& parameter : parameters_[m]) {
      Tensor& gradient = parameter.mutable_grad();
      if (!gradient.defined()) continue;
      const Tensor noise = config_.modulation == "ogm_ge" && gradient.numel() > 1
                               ? ops::normal(gradient.sizes(), gradient) * gradient.std()
                               : Tensor();
      gradient = gradient * factors[m];
      if (noise.defined()) gradient = gradient + noise;
    }
  }
}

void Balance::step(double lr) { optimizer_->step(lr); }
void Balance::zero_grad() { optimizer_->zero_grad(); }

std::vector<ModalityRecord> Balance::close_epoch(int64_t epoch, double fused_train_loss,
                                                 double fused_validation_loss,
                                                 const std::vector<double>& validation_losses) {
  std::vector<ModalityRecord> records;
  std::vector<std::pair<double, double>> now = {{fused_train_loss, fused_validation_loss}};
  for (size_t m = 0; m < names_.size(); ++m) {
    ModalityRecord record;
    record.name = names_[m];
    record.gradient_share = shares_[m] / std::max(steps_, 1.0);
    record.train_loss = losses_[m] / std::max(counts_[m], 1.0);
    record.validation_loss = validation_losses[m];
    now.emplace_back(record.train_loss, record.validation_loss);
    records.push_back(record);
  }
  if (config_.blending != "none") {
    if (measured_.empty()) {
      measured_ = now;
    } else if (epoch % config_.blend_epochs == 0) {
      const std::vector<double> weights = blend_weights(measured_, now);
      fused_weight_ = weights[0];
      own_weights_.assign(weights.begin() + 1, weights.end());
      measured_ = now;
    }
  }
  shares_.assign(names_.size(), 0);
  losses_ = counts_ = shares_;
  steps_ = 0;
  return records;
}

void Balance::save(formats::SafeTensors* out) const {
  model::append_tensors("balance.", heads_->named_parameters(), out);
  optimizer_->save(out, "balance.");
  std::vector<double> state = {fused_weight_, steps_};
  for (const auto* part : {&own_weights_, &shares_, &losses_, &counts_})
    state.insert(state.end(), part->begin(), part->end());
  for (const auto& [train, validation] : measured_) state.insert(state.end(), {train, validation});
  model::append_tensor("balance.state", double_tensor(state), out);
}

}  // namespace braid::train
