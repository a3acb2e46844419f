// BERT and its relatives: one encoder, and a file for each family's names and configs.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

struct BertConfig : StackConfig {
  int64_t vocabulary = 0;
  int64_t positions = 0;
  int64_t types = 1;
  int64_t padding_id = -1;
  std::string pooled = "mean";
  int64_t projection = 0;
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("vocabulary", vocabulary, between(0, 1 << 24),
      "rows of the embedding; 0 = the tokenizer's ids");
    v("positions", positions, between(0, 1 << 20),
      "rows of the learned positions; 0 = as many as the longest text needs");
    v("types", types, between(0, 64), "token types (first and second text); 0 = none");
    v("padding_id", padding_id, between(-1, 1 << 24),
      "where positions are counted from in RoBERTa's way: the padding's id + 1; -1 = from 0");
    v("pooled", pooled, one_of({"mean", "cls", "pooler"}),
      "mean of the real tokens, the first token, or that through a linear map and tanh");
    v("projection", projection, between(0, 16384),
      "E of the embedding in a shared space (CLAP); 0 = pooled is the embedding");
  }
};

/// Words + positions + types, norm, dropout, post-norm blocks.
///
/// Shapes   ids (B, T), types (B, T) where defined -> tokens (B, T, D), pooled (B, D), embedding
///          (B, D or E).
/// Errors   config: more tokens than positions, a tokenizer with ids that the embedding lacks.
/// Source   Devlin et al. 2019, arXiv:1810.04805; relative positions: Song et al. 2020 (MPNet),
///          arXiv:2004.09297, with T5's buckets.
class BertEncoder : public Encoder {
 public:
  BertEncoder(const BertConfig& config, bool has_relative_bias, const data::ModalitySpec& spec);
  int64_t embedding_width() const override;
  std::vector<int64_t> tap_widths() const override;

 protected:
  Encoded compute(const Input& input) override;

 private:
  Tensor embed(const Input& input);
  const BertConfig config_;
  torch::nn::Embedding words_{nullptr}, positions_{nullptr}, types_{nullptr},
      relative_bias_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  TransformerStack stack_{nullptr};
  layers::Linear pooler_{nullptr}, projection1_{nullptr}, projection2_{nullptr};
};

bool reads_text(data::Kind kind);

/// Reads the keys that the relatives' config.json share (hidden_size, num_hidden_layers, ...).
/// Errors   config, opened by `where`.
Json bert_config_of(const Published& published, const std::string& where);

/// The names of BERT's checkpoints, which RoBERTa's are too.
std::vector<NameRule> bert_names();

}  // namespace braid::encoders
