// What of an encoder learns: nothing, biases, low-rank additions or all; from when on, and how
// fast.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/config.h"
#include "data/loader.h"
#include "model/model.h"
#include "train/adamw.h"

namespace braid::train {

struct TuningConfig {
  Json encoders = Json::object();
  int64_t rank = 8;
  double alpha = 16;
  std::string adapts = "attention";
  double layer_decay = 1;
  int64_t unfreeze_epochs = 0;
  bool recompute = false;
  template <class V>
  void visit(V& v) {
    v("encoders", encoders, any(),
      "what learns of single modalities' encoders: {text: frozen}, bias, lora or full; left out = "
      "frozen where the encoder has a `from`, else full");
    v("rank", rank, between(1, 1024), "lora: of the products that are added to the weights");
    v("alpha", alpha, at_least(0), "lora: the products are scaled by alpha / rank");
    v("adapts", adapts, one_of({"attention", "all"}),
      "lora: the maps of attention alone, or those of the MLPs too");
    v("layer_decay", layer_decay, between(0.01, 1),
      "factor of the learning rate from each block to the one below it, in encoders that learn");
    v("unfreeze_epochs", unfreeze_epochs, at_least(0),
      "epochs after which one more block of each encoder with a `from` learns, the last one first; "
      "0 = all from the start");
    v("recompute", recompute, any(),
      "published Transformers keep each block's input alone and compute the rest again on the way "
      "back: less memory, a third more time");
  }
};

/// One model's encoders, made ready to learn as a config says.
class Tuning {
 public:
  /// Freezes parameters and adds low-rank products (initialised from libtorch's generator: hold an
  /// ops::InitScope). `known` are all modalities of the data set: one config serves models of some.
  /// Errors   config: an unknown modality or way; lora where an encoder has no linear map of its
  ///          own.
  Tuning(const TuningConfig& config, const std::vector<data::ModalitySpec>& known,
         model::Model* model);

  /// Learning rates by depth.
  void scale_rates(AdamW* optimizer) const;
  /// Which blocks learn in this epoch (from 1 on).
  void begin_epoch(int64_t epoch);
  /// By modality: whether its encoder learns nothing at all, so that its work can be kept.
  std::vector<bool> frozen() const;
  /// Low-rank products become part of the weights, and everything is trainable again.
  void finish();

 private:
  enum class Mode { frozen, bias, lora, full };
  struct Learner {
    std::string name;  // of the parameter in the model
    at::Tensor parameter;
    size_t modality = 0;
    int64_t depth = 0;  // 0 below the first block, last above the last
  };
  void settle(size_t m, Mode mode, const std::string& prefix);
  const TuningConfig config_;
  model::Model* model_;
  std::vector<Mode> modes_;
  std::vector<int64_t> last_depth_;  // by modality
  std::vector<Learner> learners_;    // of encoders that learn
  std::vector<bool> has_from_;
};

/// What learns now or will some day, by name.
torch::OrderedDict<std::string, at::Tensor> learning_parameters(const model::Model& model);

/// Keeps the frozen encoders of a model in evaluation mode, lets the store keep what they make, and
/// says under which keys: one for each modality of the model, 0 for encoders that learn or whose
/// fusion reads more than tokens and pooled vectors.
/// Cost   a hash of the encoders' parameters.
std::vector<uint64_t> keep_encodings(const std::shared_ptr<model::Model>& model,
                                     const std::vector<bool>& is_frozen,
                                     const std::vector<size_t>& modalities,
                                     data::PreparedStore* store);

/// The keys of those encodings of the store that are the model's encoders' work; 0 where there are
/// none.
/// Cost   a hash of the parameters of encoders for whose modality the store keeps any.
std::vector<uint64_t> kept_encodings(model::Model& model, const data::PreparedStore& store,
                                     const std::vector<size_t>& modalities);

}  // namespace braid::train
