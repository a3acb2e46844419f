// What a fusion is, and the family's table.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "core/config.h"
#include "layers/encoded.h"

namespace braid::fusion {

/// What a fusion has to know of the model around it.
struct Context {
  std::vector<std::string> modalities;  // M names
  std::vector<int64_t> widths;          // (M) D of each modality's tokens and pooled
  int64_t num_outputs = 0;              // O
  Activation activation = Activation::softmax;
  std::vector<std::vector<int64_t>> tap_widths = {};  // (M) D_s of Encoded::taps; empty = none
};

/// Turns the encoders' outputs into one prediction.
class Fusion : public torch::nn::Module {
 public:
  /// Cleans masked and absent places first: whatever stands there cannot change the result. Every
  /// subset of present modalities works, the empty one too.
  ///
  /// Shapes   encoded[m]: tokens (B, T, D), mask (B, T), pooled (B, D), present (B), taps (B, D_s)
  /// where reads_taps() -> output (B, O). Errors   shape: number of modalities, widths or batch
  /// sizes differ from the context.
  Fused forward(const std::vector<Encoded>& encoded);
  const Context& context() const { return context_; }

  /// Parameters of a learned combination of the modalities' own outputs (late fusion), fitted on
  /// validation predictions after the modalities have been trained on their own; empty for every
  /// other family.
  virtual std::vector<Tensor> decision_parameters() { return {}; }
  /// Fits the combination by a search of its own, and returns true; false where it is fitted by
  /// gradients. `loss`: of outputs (B, O) of these rows; smaller is better.
  virtual bool fit_decision(const Tensor& per_modality, const Tensor& present,
                            const std::function<double(const Tensor& output)>& loss);
  /// The combination alone. Late family only (internal error elsewhere).
  ///
  /// Shapes   per_modality (B, M, O), present (B, M) bool -> output (B, O), weights (B, M) where it
  /// has any. Missing  absent modalities do not count; a row with none gets the mean of
  /// per_modality.
  virtual Fused combine(const Tensor& per_modality, const Tensor& present);

  /// Whether forward() fills Fused::attention; off by default, since the maps cost memory.
  bool wants_attention = false;
  /// True where compute() reads Encoded::taps, so that the encoders have to fill them.
  virtual bool reads_taps() const { return false; }

 protected:
  explicit Fusion(Context context) : context_(std::move(context)) {}
  /// False where compute() looks at pooled and present alone: it then gets neither tokens nor
  /// masks, and cleaning them, which costs more than a small fusion itself, is saved.
  virtual bool reads_tokens() const { return true; }
  /// The input is clean: zeros where masked or absent, masks false where absent.
  virtual Fused compute(const std::vector<Encoded>& encoded) = 0;
  size_t num_modalities() const { return context_.modalities.size(); }
  /// Of modality m; empty where it has none.
  std::vector<int64_t> tap_widths(size_t m) const;
  const Context context_;
};

enum class Family { single, linear, early, late, hybrid };
const char* to_string(Family family);

struct Method {
  const char* name;     // "concat"
  const char* summary;  // one sentence
  const char* source;   // paper or book
  Family family;
  bool reads_raw;  // wants minimally processed features (raw encoders) instead of learned encoders
  bool (*supports)(Activation activation);
  const char* missing;  // one sentence: what an absent modality does
  const char* when;     // one sentence: what it is for
  std::vector<FieldDoc> (*describe)();
  std::shared_ptr<Fusion> (*make)(const Json& config, const std::string& where,
                                  const Context& context);
  bool is_on_request = false;  // compare trains it only where it is named, or all are asked for
};

const std::vector<const Method*>& methods();
const Method& find(const std::string& name);

/// Names fit for parameters, one per modality: a dot, which separates parts of a parameter's name,
/// becomes '_'; a clash gets a number.
std::vector<std::string> module_names(const std::vector<std::string>& modalities);

/// An empty module, under `name` of `parent`, to hang others under.
std::shared_ptr<torch::nn::Module> register_folder(torch::nn::Module* parent,
                                                   const std::string& name);

/// Errors   config: the model has a single modality, and `where` names a fusion that joins several.
void check_several(const Context& context, const std::string& where);

/// For Method::supports: every kind of target.
inline bool supports_all(Activation) { return true; }

/// make() of a method whose class takes (Context, Config), or (Context, Config, where) to name its
/// keys in errors.
template <class F, class Config>
std::shared_ptr<Fusion> make_from(const Json& config, const std::string& where,
                                  const Context& context) {
  Config parsed;
  read_config(config, where, parsed);
  if constexpr (std::is_constructible_v<F, Context, Config, std::string>)
    return std::make_shared<F>(context, parsed, where);
  else
    return std::make_shared<F>(context, parsed);
}

}  // namespace braid::fusion
