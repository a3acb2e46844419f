// The text towers of CLIP and SigLIP.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

struct TextTowerConfig : StackConfig {
  int64_t vocabulary = 0;
  int64_t positions = 0;
  std::string pooled = "last";
  int64_t end_id = 0;
  int64_t projection = 0;
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("vocabulary", vocabulary, between(0, 1 << 24),
      "rows of the embedding; 0 = the tokenizer's ids");
    v("positions", positions, between(0, 1 << 20),
      "rows of the learned positions; 0 = as many as the longest text needs");
    v("pooled", pooled, one_of({"last", "end", "largest", "mean"}),
      "which token is the pooled vector: the last real one, the first of end_id, the first of the "
      "largest id (the end's, in CLIP's first checkpoints), or the mean of all");
    v("end_id", end_id, between(0, 1 << 24), "pooled=end: the id that ends a text");
    v("projection", projection, between(0, 16384),
      "E of the embedding in a shared space; 0 = pooled is the embedding");
  }
};

/// What a family fixes.
struct TextTowerShape {
  bool is_causal = true;             // a token sees those before it (CLIP)
  bool has_projection_bias = false;  // SigLIP
};

/// Tokens + positions, pre-norm blocks, final norm; pooled = one token.
///
/// Shapes   ids (B, T) -> tokens (B, T, D), pooled (B, D), embedding (B, D or E).
/// Errors   config: more tokens than positions, a tokenizer with ids that the embedding lacks.
class TextTower : public Encoder {
 public:
  TextTower(const TextTowerConfig& config, const TextTowerShape& shape,
            const data::ModalitySpec& spec);
  int64_t embedding_width() const override;
  std::vector<int64_t> tap_widths() const override;

 protected:
  Encoded compute(const Input& input) override;

 private:
  const TextTowerConfig config_;
  const TextTowerShape shape_;
  torch::nn::Embedding words_{nullptr}, positions_{nullptr};
  layers::Dropout dropout_{nullptr};
  TransformerStack stack_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Linear projection_{nullptr};
};

/// Keys that both families' configs share. Errors   config, opened by `where`.
Json text_tower_config_of(const Json& given, const std::string& where);

/// Their names, with the projection under `projection`.
std::vector<NameRule> text_tower_names(const std::string& projection);

/// How many ids and positions a text encoder of `vocabulary` and `positions` rows (0 = as needed)
/// gets, the first `offset` positions being left out. Errors   config: the modality's tokenizer has
/// more ids, or its texts more tokens.
struct TextTables {
  int64_t words, positions;
};
TextTables text_tables(int64_t vocabulary, int64_t positions, int64_t offset,
                       const data::ModalitySpec& spec);

}  // namespace braid::encoders
