// What trains beside a model of several modalities: a head of each modality's own and what it tells
// of the modality, against one taking over; and a shared space of all.
#pragma once
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "layers/layers.h"
#include "model/model.h"
#include "train/adamw.h"
#include "train/records.h"

namespace braid::train {

struct BalanceConfig {
  double unimodal_loss = 0;
  Json unimodal_weights = Json::object();
  std::string blending = "none";
  int64_t blend_epochs = 5;
  std::string modulation = "none";
  double alpha = 0.5;
  double contrastive = 0;
  template <class V>
  void visit(V& v) {
    v("unimodal_loss", unimodal_loss, at_least(0),
      "weight of each modality's own loss, from a linear head on its encoder, beside the fused "
      "one");
    v("unimodal_weights", unimodal_weights, any(),
      "of single modalities, times unimodal_loss: {image: 2}; left out = 1");
    v("blending", blending, one_of({"none", "gradient_blending"}),
      "gradient_blending: the fused and the modalities' own losses weighed by how much they "
      "generalise and how little they overfit (Wang et al. 2020); replaces unimodal_loss");
    v("blend_epochs", blend_epochs, at_least(1), "epochs between two measurements of that");
    v("modulation", modulation, one_of({"none", "ogm", "ogm_ge"}),
      "ogm: encoders whose modality is ahead get smaller gradients (Peng et al. 2022); ogm_ge: and "
      "noise of their size");
    v("alpha", alpha, between(0, 10), "how strong modulation is");
    v("contrastive", contrastive, at_least(0),
      "weight of a contrastive loss beside the fused one: what belongs to one row is to lie "
      "together in a space that linear maps make of the encoders' vectors (CLIP's InfoNCE)");
  }
};

/// The loss weights of Gradient Blending: of the fused head, then of each modality's.
///
/// For each head from its losses at two epochs: G = validation loss before - after, O = growth of
/// (validation - training); weight = max(G, 0) / O^2, scaled to a sum of 1, no less than a tenth of
/// an even one, so that every head can come back. Equal where none gains.
///
/// Shapes   `before`, `after`: (train, validation) of the fused head and then of each modality.
/// Source   Wang et al. 2020, arXiv:1905.12681. Differs: measured on the model as it trains, not on
///          copies trained apart.
std::vector<double> blend_weights(const std::vector<std::pair<double, double>>& before,
                                  const std::vector<std::pair<double, double>>& after);

/// Factors of OGM for each encoder: 1 - tanh(alpha * ratio) where a modality's confidence in the
/// truth is above the mean of the others' (ratio > 1), else 1. NaN: a modality that no row had; it
/// is left out.
///
/// Source   Peng et al. 2022, arXiv:2203.15332. Differs: of more than two modalities each is
///          compared with the mean of the others.
std::vector<double> modulation_factors(const std::vector<double>& confidence, double alpha);

/// Lives beside a model of several modalities while it trains. The heads are no part of the model,
/// and unless an option is on their losses reach no encoder: the model trains as without them.
class Balance {
 public:
  /// Errors   config: an unknown modality in unimodal_weights (`known`: all of the data set), a
  ///          modulation for a target without classes or labels.
  Balance(const BalanceConfig& config, model::Model& model, const std::vector<std::string>& known,
          double weight_decay, uint64_t seed);

  /// The loss to descend: the fused one, of which `head_loss` is what validation measures too, and
  /// the modalities' own. Shapes   fused_loss scalar,
  /// targets and weights as Head::loss wants them -> scalar.
  Tensor total(const Tensor& fused_loss, double head_loss, const std::vector<Encoded>& encoded,
               const Tensor& targets, const Tensor& weights);
  /// After backward(): now and then keeps the encoders' gradient norms, and changes the gradients
  /// where asked.
  void modulate(int64_t step_in_epoch);
  void step(double lr);
  void zero_grad();

  /// Each modality's own outputs, without gradients. Shapes   -> (B, O) each.
  std::vector<Tensor> outputs(const std::vector<Encoded>& encoded);

  /// Ends an epoch: its records (with the validation losses given), and where blending is on new
  /// weights from time to time.
  std::vector<ModalityRecord> close_epoch(int64_t epoch, double fused_validation_loss,
                                          const std::vector<double>& validation_losses);

  /// Under "balance.*". Errors of load: format.
  void save(formats::SafeTensors* out) const;
  void load(const formats::SafeTensors& in, int64_t steps, const std::string& where);

 private:
  void make_heads();
  void make_space();
  Tensor contrastive_loss(const std::vector<Encoded>& encoded) const;
  void measure_gradients();
  Tensor own_loss(const Tensor& output, const Encoded& encoded, const Tensor& targets,
                  const Tensor& weights) const;
  bool reaches_encoders() const;

  BalanceConfig config_;
  model::Model& model_;
  std::shared_ptr<torch::nn::Module> heads_;
  std::vector<layers::Linear> linears_;
  std::vector<layers::Linear> projections_;  // into the shared space; empty without one
  Tensor log_scale_;                         // of its cosines
  std::unique_ptr<AdamW> optimizer_;
  std::vector<std::string> names_;
  std::vector<std::vector<Tensor>> parameters_;  // of each encoder
  double fused_weight_ = 1;
  std::vector<double> own_weights_;                  // of each modality's own loss
  std::vector<double> confidence_;                   // of the last step
  std::vector<double> shares_, losses_, counts_;     // sums over the epoch's steps
  double steps_ = 0;                                 // of which shares_ is the sum
  double fused_loss_ = 0, fused_count_ = 0;          // of the head alone, over rows
  std::vector<std::pair<double, double>> measured_;  // losses at the last measurement of blending
};

}  // namespace braid::train
