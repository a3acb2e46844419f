// What flows between encoders and fusions.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace braid {

using at::Tensor;

/// One modality of one batch as tensors. Masked and absent places may hold anything.
struct Input {
  Tensor values;    // image (B, C, H, W); audio (B, T, F); series (B, T, C); video (B, T, C, H,
                    // W); volume (B, 1, D, H, W); embedding (B, T, D); tabular (B, numeric fields)
  Tensor ids;       // text (B, T) int64; tabular (B, category fields) int64
  Tensor mask;      // (B, T) bool, true where a token is real
  Tensor observed;  // tabular (B, numeric fields), series (B, T, C) bool, false where missing
  Tensor times;     // series (B, T): seconds from the first tick
  Tensor present;   // (B) bool, false where the sample lacks this modality
  Tensor scale;     // text (B, T), tabular (B, category fields): multiplies the embedding of each
                    // token or category; undefined = 1
  Tensor encoded;   // (B, 1 + T, D) what a frozen encoder made earlier: pooled, then the tokens; in
                    // the place of all above, with its mask (B, 1 + T)
  Tensor types;     // text (B, T) int64: 0 for tokens of a first text, 1 of a second; undefined = 0
};

/// What an encoder hands to a fusion, for one modality of one batch.
struct Encoded {
  Tensor tokens;                  // (B, T, D)
  Tensor mask;                    // (B, T) bool, true where a token is real
  Tensor pooled;                  // (B, D)
  Tensor present;                 // (B) bool, false where the sample lacks this modality
  std::vector<Tensor> taps = {};  // (B, D_s) of each stage before the last; only where wanted
  std::vector<Tensor> hidden =
      {};                 // what enters the first block and leaves each; only where wanted
  Tensor embedding = {};  // (B, E) in the space the encoder was trained to share; only where wanted
};

/// Attention weights of one layer, from one modality's tokens to another's.
struct Attention {
  std::string from, to;
  Tensor weights;  // (B, H, Tq, Tk)
  int64_t layer = 0;
};

/// What every fusion returns. Optional parts are undefined tensors where a method has none.
struct Fused {
  Tensor output;        // (B, O) logits or regression values
  Tensor per_modality;  // (B, M, O) the modality's own output, where the method has one
  Tensor weights;       // (B, M) how much each modality counted
  std::vector<Attention> attention;
  Tensor auxiliary;  // scalar, added to the head's loss in training; only where gradients are kept
};

/// How a task turns a fused output into scores: softmax over classes, sigmoid per label, or the
/// value itself.
enum class Activation { softmax, sigmoid, identity };

/// True where every entry of `keep` is true and finding that out costs no wait for a device: what
/// need not be cleaned costs nothing. False while a graph is traced.
bool is_known_true(const Tensor& keep);
/// The same of false: what is absent altogether need not be computed.
bool is_known_false(const Tensor& keep);

/// Keeps `x` where `keep` is true and puts exact zeros elsewhere, even over NaN. Shapes: keep
/// broadcasts from the left: (B) or (B, T) against (B, T, ...).
Tensor keep_where(const Tensor& keep, const Tensor& x);

/// The mask without the tokens of absent rows. Shapes   mask (B, T), present (B) -> (B, T).
Tensor real_tokens(const Tensor& mask, const Tensor& present);

}  // namespace braid
