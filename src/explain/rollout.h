// What a fusion's attention maps say together: who looks at whom, and how much of each token
// reaches the output.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "layers/encoded.h"

namespace braid::explain {

/// Where attention leads through all layers of a fusion.
struct Rollout {
  Tensor tokens;  // (B, sum of T_m) the modalities' tokens in order: each one's share in what the
                  // output reads. Adds up to 1 over a row's real tokens
  Tensor flow;    // (B, M + 1, M) how much of modality n reaches modality m, averaged over m's real
                  // tokens; in the last row what reaches the output. Rows of present m add up to 1
};

/// Attention rollout: the relevance R of the tokens to each place starts as the identity and
/// becomes 0.5 R + 0.5 A R layer by layer, A the mean of the heads; places that several maps of a
/// layer write (a bottleneck, a modality that asks several others) are the mean of them. The output
/// reads class tokens where there are any, else latents, else all modalities alike. Class tokens
/// and latents start with nothing of their own.
///
/// Shapes   encoded[m]: mask (B, T_m), present (B); what the fusion was given with wants_attention.
/// Missing  absent modalities write nothing and have no share. Nothing where the fusion fills no
///          maps, or names places in them that tokens.h does not know.
/// Cost     layers * B * places^2 * sum of T_m multiply-adds.
/// Source   Abnar and Zuidema 2020, arXiv:2005.00928. Differs: several streams, and places without
///          tokens of their own.
std::optional<Rollout> rollout(const std::vector<Attention>& maps,
                               const std::vector<Encoded>& encoded,
                               const std::vector<std::string>& modalities);

/// Of one layer: where each head's attention goes.
struct LayerShares {
  int64_t layer = 0;
  Tensor shares;  // (B, H, G, G) mean over a group's real places of the attention to each group
  Tensor asks;    // (B, G) bool, whether the group asks anything in this layer
};

/// Attention of every layer and head between groups of places: each modality's tokens, and where
/// there are any, class tokens and latents.
struct AttentionShares {
  std::vector<std::string> groups;  // (G)
  std::vector<LayerShares> layers;  // ascending
};

/// Shapes   as rollout(). Missing  absent modalities ask nothing; nothing as in rollout(), or where
/// the maps of one layer differ in their heads.
std::optional<AttentionShares> attention_shares(const std::vector<Attention>& maps,
                                                const std::vector<Encoded>& encoded,
                                                const std::vector<std::string>& modalities);

}  // namespace braid::explain
