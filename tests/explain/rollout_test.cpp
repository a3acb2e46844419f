// Rollout and flow of two tokens by hand, and of every fusion that fills attention maps.
#include "explain/rollout.h"

#include <gtest/gtest.h>

#include "support/attention_checks.h"
#include "support/fusion_cases.h"
#include "support/fusion_checks.h"
#include "support/module_checks.h"

namespace braid::explain {
namespace {

using checks::bools;
using checks::close;
using checks::matrix;

// One sample, one token for each modality.
std::vector<Encoded> one_token_each(size_t num_modalities) {
  std::vector<Encoded> encoded(num_modalities);
  for (Encoded& e : encoded) {
    e.mask = at::ones({1, 1}, at::kBool);
    e.present = at::ones({1}, at::kBool);
  }
  return encoded;
}

// A map of one head.
Attention map_of(const char* from, const char* to, const std::vector<std::vector<double>>& rows,
                 int64_t layer) {
  return {from, to, matrix(rows).unsqueeze(0).unsqueeze(0), layer};
}

TEST(rollout, two_modalities_that_ask_each_other) {
  const std::vector<Attention> maps = {map_of("a", "b", {{1}}, 0), map_of("b", "a", {{1}}, 0),
                                       map_of("a", "b", {{1}}, 1)};
  const auto made = rollout(maps, one_token_each(2), {"a", "b"});
  ASSERT_TRUE(made);
  // Layer 0: a = b = (0.5, 0.5), both from what stood before. Layer 1: a stays so.
  EXPECT_TRUE(close(made->tokens, matrix({{0.5, 0.5}}), 1e-6));
  EXPECT_TRUE(close(made->flow[0], matrix({{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}}), 1e-6));
}

TEST(rollout, tokens_as_encoded_do_not_change) {
  // Layer 0: b = (0.5, 0.5). Layer 1: a = 0.5 (1, 0) + 0.5 b, where it reads the changed b.
  const auto changed = rollout({map_of("b", "a", {{1}}, 0), map_of("a", "b", {{1}}, 1)},
                               one_token_each(2), {"a", "b"});
  EXPECT_TRUE(close(changed->flow[0][0], matrix({{0.75, 0.25}})[0], 1e-6));
  const auto encoded = rollout({map_of("b", "a", {{1}}, 0), map_of("a", "b, as encoded", {{1}}, 1)},
                               one_token_each(2), {"a", "b"});
  EXPECT_TRUE(close(encoded->flow[0][0], matrix({{0.5, 0.5}})[0], 1e-6));
}

TEST(rollout, a_class_token_is_what_the_output_reads) {
  // Places: class, a, b. Two heads whose mean is the first layer's matrix.
  const Tensor first = at::stack({matrix({{0.4, 0.4, 0.2}, {1, 0, 0}, {0, 0, 1}}),
                                  matrix({{0, 0, 1}, {0, 1, 0}, {0, 0, 1}})})
                           .unsqueeze(0);
  const std::vector<Attention> maps = {{"all", "all", first, 0},
                                       map_of("all", "all", {{0, 1, 0}, {0, 0, 1}, {0, 0, 1}}, 1)};
  const auto made = rollout(maps, one_token_each(2), {"a", "b"});
  ASSERT_TRUE(made);
  // Layer 0: class = 0.5 (0.2 a + 0.6 b) = (0.1, 0.3); a = 0.5 a + 0.25 a = (0.75, 0); b = (0, 1).
  // Layer 1: class = 0.5 (0.1, 0.3) + 0.5 (0.75, 0) = (0.425, 0.15); a = (0.375, 0.5).
  EXPECT_TRUE(close(made->tokens, matrix({{0.425 / 0.575, 0.15 / 0.575}}), 1e-6));
  EXPECT_TRUE(close(made->flow[0][0], matrix({{0.375 / 0.875, 0.5 / 0.875}})[0], 1e-6));
  EXPECT_TRUE(close(made->flow[0][1], matrix({{0, 1}})[0], 1e-6));
  EXPECT_TRUE(close(made->flow[0][2], made->tokens[0], 1e-6));
}

TEST(rollout, modalities_meet_in_latents) {
  // Each modality: class token, token, one latent between them. Layer 0: the latent reads the
  // token.
  const std::vector<std::vector<double>> write = {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}};
  const std::vector<std::vector<double>> read = {{0, 0, 1}, {0, 1, 0}};
  std::vector<Attention> maps;
  for (const char* name : {"a", "b"}) maps.push_back(map_of(name, name, write, 0));
  for (const char* name : {"a", "b"}) maps.push_back(map_of(name, name, read, 1));
  std::vector<Encoded> encoded = one_token_each(2);
  auto made = rollout(maps, encoded, {"a", "b"});
  ASSERT_TRUE(made);
  // Latent: the mean of 0.5 a and 0.5 b; both class tokens read it alike.
  EXPECT_TRUE(close(made->tokens, matrix({{0.5, 0.5}}), 1e-6));
  // An absent modality writes nothing and is not read.
  encoded[1].present = at::zeros({1}, at::kBool);
  made = rollout(maps, encoded, {"a", "b"});
  EXPECT_TRUE(close(made->tokens, matrix({{1, 0}}), 1e-6));
  EXPECT_TRUE(close(made->flow[0], matrix({{1, 0}, {0, 0}, {1, 0}}), 1e-6));
}

TEST(rollout, names_that_nobody_knows_give_nothing) {
  EXPECT_FALSE(rollout({}, one_token_each(2), {"a", "b"}));
  EXPECT_FALSE(rollout({map_of("a", "c", {{1}}, 0)}, one_token_each(2), {"a", "b"}));
  EXPECT_FALSE(rollout({map_of("all", "all", {{1}}, 0)}, one_token_each(2), {"a", "b"}));
  EXPECT_FALSE(attention_shares({map_of("a", "c", {{1}}, 0)}, one_token_each(2), {"a", "b"}));
}

TEST(rollout, shares_of_heads_by_hand) {
  // Modality a has two tokens, the second of them masked; the class token stands first.
  std::vector<Encoded> encoded = one_token_each(2);
  encoded[0].mask = bools({{1, 0}});
  const std::vector<Attention> maps = {map_of(
      "all", "all", {{0.1, 0.3, 0, 0.6}, {0, 0.25, 0, 0.75}, {1, 0, 0, 0}, {0.5, 0.5, 0, 0}}, 3)};
  const auto made = attention_shares(maps, encoded, {"a", "b"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->groups, (std::vector<std::string>{"a", "b", "class token"}));
  ASSERT_EQ(made->layers.size(), 1u);
  EXPECT_EQ(made->layers[0].layer, 3);
  EXPECT_TRUE(close(made->layers[0].shares[0][0],
                    matrix({{0.25, 0.75, 0}, {0.5, 0, 0.5}, {0.3, 0.6, 0.1}}), 1e-6));
  EXPECT_TRUE(made->layers[0].asks.all().item<bool>());
}

TEST(rollout, every_fusion_with_maps_has_one) {
  size_t num_with_maps = 0;
  for (const checks::Case& one : checks::largest_cases()) {
    const auto fusion = one.make();
    fusion->wants_attention = true;
    Tensor present = at::ones({3, static_cast<int64_t>(one.context.widths.size())}, at::kBool);
    if (present.size(1) > 1) present[1][0] = false;
    const std::vector<Encoded> batch =
        checks::random_batch(one.context, checks::kLengths, present, /*seed=*/5);
    const Fused fused = fusion->forward(batch);
    if (fused.attention.empty()) continue;
    SCOPED_TRACE(checks::name_of(one));
    ++num_with_maps;
    const auto made = rollout(fused.attention, batch, one.context.modalities);
    const auto shares = attention_shares(fused.attention, batch, one.context.modalities);
    ASSERT_TRUE(made && shares);
    std::vector<Tensor> masks;
    for (const Encoded& e : batch) masks.push_back(e.mask);
    const Tensor real = at::cat(masks, /*dim=*/1);
    EXPECT_TRUE(close(made->tokens.sum(/*dim=*/1), at::ones({3}), 1e-5));
    EXPECT_TRUE(made->tokens.gt(0).equal(real));
    EXPECT_TRUE(close(made->flow.sum(/*dim=*/2),
                      at::cat({present.to(at::kFloat), at::ones({3, 1})}, /*dim=*/1), 1e-5));
    for (const LayerShares& layer : shares->layers)
      EXPECT_TRUE(close(layer.shares.sum(/*dim=*/3),
                        layer.asks.to(at::kFloat).unsqueeze(1).expand_as(layer.shares.select(3, 0)),
                        1e-5));
  }
  EXPECT_GE(num_with_maps, 5u);
}

}  // namespace
}  // namespace braid::explain
