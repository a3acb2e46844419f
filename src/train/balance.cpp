#include "train/balance.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "model/tensors.h"
#include "ops/linear.h"
#include "ops/random.h"
#include "train/by_modality.h"
#include "train/contrastive.h"

namespace braid::train {
namespace {

constexpr double kLeastOverfitting = 1e-4;  // squared; a head that does not overfit has a bound
constexpr double kLeastShare = 0.1;         // of an even weight, that every head keeps
constexpr int64_t kMeasureEvery = 10;       // steps; norms cost a pass over the gradients
constexpr int64_t kSpaceWidth = 64;
const std::string kPrefix = "balance.", kState = "balance.state";

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
  // A head of weight 0 would learn nothing, and so gain nothing, and stay at 0.
  const double count = static_cast<double>(weights.size()), least = kLeastShare / count;
  for (double& weight : weights)
    weight = least + (1 - kLeastShare) * (sum > 0 ? weight / sum : 1 / count);
  return weights;
}

std::vector<double> modulation_factors(const std::vector<double>& confidence, double alpha) {
  double sum = 0, count = 0;
  for (double one : confidence) {
    if (std::isnan(one)) continue;
    sum += one;
    ++count;
  }
  std::vector<double> factors;
  for (double one : confidence) {
    const double others = count > 1 ? (sum - one) / (count - 1) : 0;
    const double ratio = others > 0 ? one / others : 1;
    factors.push_back(ratio > 1 ? 1 - std::tanh(alpha * ratio) : 1);  // 1 for NaN too
  }
  return factors;
}

Balance::Balance(const BalanceConfig& config, model::Model& model,
                 const std::vector<std::string>& known, double weight_decay, uint64_t seed)
    : config_(config), model_(model) {
  const std::map<std::string, double> weights =
      by_modality(config.unimodal_weights, "train.balance.unimodal_weights", known, at_least(0));
  BRAID_CHECK(weights.empty() || (config.unimodal_loss > 0 && config.blending == "none"), config,
              "train.balance.unimodal_weights: they weigh the modalities' own losses, which need "
              "train.balance.unimodal_loss above 0 and blending none");
  BRAID_CHECK(config.modulation == "none" || model.head().activation() != Activation::identity,
              config,
              "train.balance.modulation: '{}' compares how sure modalities are of the right class, "
              "and the target is a number; use none",
              config.modulation);
  heads_ = std::make_shared<torch::nn::Module>();
  const ops::InitScope init(seed);
  make_heads();
  if (config.contrastive > 0) make_space();
  heads_->to(model.parameters()[0].device());
  for (double weight : in_order(weights, names_, 1))
    own_weights_.push_back(config.unimodal_loss * weight);
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

// One linear head on each encoder, and the encoder's own parameters.
void Balance::make_heads() {
  const std::vector<int64_t>& widths = model_.fusion().context().widths;
  const std::vector<std::string> modules = fusion::module_names(model_.config().modalities);
  const auto named = model_.named_parameters();
  for (size_t m = 0; m < widths.size(); ++m) {
    names_.push_back(model_.specs()[m].name);
    linears_.push_back(heads_->register_module(
        modules[m], layers::Linear(widths[m], model_.head().num_outputs())));
    parameters_.emplace_back();
    const std::string prefix = "encoders." + modules[m] + ".";
    for (const auto& item : named)
      if (item.key().compare(0, prefix.size(), prefix) == 0)
        parameters_.back().push_back(item.value());
  }
}

// A space of kSpaceWidth numbers, with CLIP's initial temperature of 0.07.
void Balance::make_space() {
  const std::vector<int64_t>& widths = model_.fusion().context().widths;
  const std::vector<std::string> modules = fusion::module_names(model_.config().modalities);
  for (size_t m = 0; m < widths.size(); ++m)
    projections_.push_back(heads_->register_module(
        "space_of_" + modules[m],
        layers::Linear(torch::nn::LinearOptions(widths[m], kSpaceWidth).bias(false))));
  log_scale_ = heads_->register_parameter("space_scale", torch::full({}, std::log(1 / 0.07)));
}

Tensor Balance::contrastive_loss(const std::vector<Encoded>& encoded) const {
  Contrast contrast;
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Tensor vectors = keep_where(encoded[m].present, encoded[m].pooled);
    contrast.rows.push_back(
        torch::nn::functional::normalize(ops::linear(vectors, projections_[m]->weight, {}),
                                         torch::nn::functional::NormalizeFuncOptions().dim(1)));
    contrast.present.push_back(encoded[m].present);
  }
  const Tensor scale = log_scale_.clamp_max(std::log(100.0)).exp();
  return train::contrastive_loss(contrast, scale, at::zeros({}, scale.options()), {});
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

Tensor Balance::total(const Tensor& fused_loss, double head_loss,
                      const std::vector<Encoded>& encoded, const Tensor& targets,
                      const Tensor& weights) {
  fused_loss_ += head_loss * static_cast<double>(weights.size(0));
  fused_count_ += static_cast<double>(weights.size(0));
  Tensor sum = config_.blending != "none" ? fused_weight_ * fused_loss : fused_loss;
  if (config_.contrastive > 0) {
    const Tensor pairs = contrastive_loss(encoded);  // undefined where no two rows have two
    if (pairs.defined()) sum = sum + config_.contrastive * pairs;
  }
  for (size_t m = 0; m < linears_.size(); ++m) {
    const Encoded& e = encoded[m];
    const Tensor vectors = keep_where(e.present, e.pooled);
    // A loss of weight 0 still teaches its own head, which is what tells of the modality.
    const bool is_attached = reaches_encoders() && own_weights_[m] > 0;
    const Tensor output = linears_[m]->forward(is_attached ? vectors : vectors.detach());
    const Tensor loss = own_loss(output, e, targets, weights);
    sum = sum + (is_attached ? own_weights_[m] * loss : loss);
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
      confidence_[m] = keep_where(e.present, right).sum().item<double>() / count;  // NaN of none
    }
  }
  return sum;
}

void Balance::measure_gradients() {
  std::vector<double> norms;
  double all = 0;
  for (const std::vector<Tensor>& parameters : parameters_) {
    double squares = 0;
    for (const Tensor& parameter : parameters)
      if (parameter.grad().defined())
        squares += std::pow(at::norm(parameter.grad()).item<double>(), 2);
    norms.push_back(std::sqrt(squares));
    all += norms.back();
  }
  for (size_t m = 0; m < norms.size(); ++m) shares_[m] += all > 0 ? norms[m] / all : 0;
  ++steps_;
}

void Balance::modulate(int64_t step_in_epoch) {
  const torch::NoGradGuard no_grad;
  if (step_in_epoch % kMeasureEvery == 0) measure_gradients();
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

std::vector<ModalityRecord> Balance::close_epoch(int64_t epoch, double fused_validation_loss,
                                                 const std::vector<double>& validation_losses) {
  std::vector<ModalityRecord> records;
  std::vector<std::pair<double, double>> now = {
      {fused_loss_ / std::max(fused_count_, 1.0), fused_validation_loss}};
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
  steps_ = fused_loss_ = fused_count_ = 0;
  return records;
}

void Balance::save(formats::SafeTensors* out) const {
  for (const auto& item : heads_->named_parameters())
    out->tensors.emplace_back(kPrefix + item.key(), model::to_safetensor(item.value()));
  optimizer_->save(out, kPrefix);
  std::vector<double> state = {fused_weight_, steps_, fused_loss_, fused_count_};
  for (const std::vector<double>* part : {&own_weights_, &shares_, &losses_, &counts_})
    state.insert(state.end(), part->begin(), part->end());
  for (const auto& [train, validation] : measured_) state.insert(state.end(), {train, validation});
  out->tensors.emplace_back(kState, model::to_safetensor(torch::tensor(state, at::kDouble)));
}

void Balance::load(const formats::SafeTensors& in, int64_t steps, const std::string& where) {
  const torch::NoGradGuard no_grad;
  const auto entry = [&](const std::string& name, const char* dtype) -> const formats::SafeTensor& {
    const formats::SafeTensor* found = in.find(name);
    BRAID_CHECK(found != nullptr && found->dtype == dtype, format,
                "{}: expected '{}' as {}; is this another run's checkpoint?", where, name, dtype);
    return *found;
  };
  for (auto& item : heads_->named_parameters()) {
    const formats::SafeTensor& found = entry(kPrefix + item.key(), "F32");
    BRAID_CHECK(found.shape == item.value().sizes().vec(), format,
                "{}: '{}{}': expected [{}], got [{}]", where, kPrefix, item.key(),
                fmt::join(item.value().sizes().vec(), ", "), fmt::join(found.shape, ", "));
    item.value().copy_(
        at::from_blob(const_cast<char*>(found.bytes.data()), found.shape, at::kFloat));
  }
  optimizer_->load(in, steps, where, kPrefix);
  const formats::SafeTensor& found = entry(kState, "F64");
  std::vector<double> state(found.bytes.size() / sizeof(double));
  std::memcpy(state.data(), found.bytes.data(), state.size() * sizeof(double));
  const size_t M = names_.size(), sums = 4 + 4 * M;
  BRAID_CHECK(state.size() == sums || state.size() == sums + 2 * (M + 1), format,
              "{}: '{}': expected {} values, got {}", where, kState, sums, state.size());
  fused_weight_ = state[0];
  steps_ = state[1];
  fused_loss_ = state[2];
  fused_count_ = state[3];
  auto next = state.begin() + 4;
  for (std::vector<double>* part : {&own_weights_, &shares_, &losses_, &counts_}) {
    std::copy(next, next + static_cast<int64_t>(M), part->begin());
    next += static_cast<int64_t>(M);
  }
  measured_.clear();
  for (; next != state.end(); next += 2) measured_.emplace_back(*next, *(next + 1));
}

}  // namespace braid::train
