// What every fusion of attention keeps: samples apart, a missing token that is trained and used,
// maps that are distributions over the real keys.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fusion_checks.h"

namespace braid::checks {

inline const fusion::Context& two_sequences() {
  static const fusion::Context context = {{"text", "audio"}, {3, 5}, 2, Activation::softmax};
  return context;
}

/// Small enough for tests, without dropout.
inline std::shared_ptr<fusion::Fusion> small_transformer(const std::string& name) {
  return make_fusion(name, {{"width", 8}, {"heads", 2}, {"dropout", 0}}, two_sequences());
}

/// Another second sample leaves the first one's output as it was, bit for bit: nothing takes the
/// batch for a sequence.
inline void samples_never_attend_to_each_other(const std::string& name) {
  auto fusion = small_transformer(name);
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 1}, {1, 0}}), /*seed=*/5);
  std::vector<Encoded> other = batch;
  for (Encoded& e : other) {
    e.tokens = e.tokens.clone();
    e.tokens[1] += 100;
    e.pooled = e.pooled.clone();
    e.pooled[1] += 100;
  }
  const Tensor before = fusion->forward(batch).output, after = fusion->forward(other).output;
  EXPECT_TRUE(same_bits(after[0], before[0]));
  EXPECT_TRUE(same_bits(after[2], before[2]));
  EXPECT_FALSE(close(after[1], before[1], 1e-4)) << "the sample's own tokens have to matter";
}

/// `parameter` stands for "audio", which row 1 lacks.
inline void missing_token_is_trained_and_used(const std::string& name,
                                              const std::string& parameter) {
  auto fusion = small_transformer(name);
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 0}}), /*seed=*/5);
  fusion->train();
  project(fusion->forward(batch).output, /*seed=*/3).backward();
  const Tensor token = fusion->named_parameters()[parameter];
  ASSERT_TRUE(token.grad().defined());
  EXPECT_GT(token.grad().abs().max().item<double>(), 1e-8) << "not trained";

  fusion->eval();
  torch::NoGradGuard no_grad;
  const Tensor before = fusion->forward(batch).output;
  set_parameter(*fusion, parameter, torch::linspace(-2, 3, 8));
  const Tensor after = fusion->forward(batch).output;
  EXPECT_TRUE(same_bits(after[0], before[0])) << "row 0 has the modality";
  EXPECT_FALSE(close(after[1], before[1], 1e-4)) << "not used in inference";
}

/// Rows sum to 1 and give exactly nothing to masked keys (`key_mask` [B, Tk]).
inline void is_distribution_over_real_keys(const Attention& map, const Tensor& key_mask) {
  EXPECT_TRUE(
      close(map.weights.sum(/*dim=*/-1), torch::ones_like(map.weights.select(-1, 0)), 1e-5));
  const Tensor dropped = key_mask.logical_not().unsqueeze(1).unsqueeze(1).expand_as(map.weights);
  EXPECT_EQ(map.weights.masked_select(dropped).abs().sum().item<double>(), 0.0);
  EXPECT_TRUE((map.weights >= 0).all().item<bool>());
}

/// Parameters of `module` whose name ends in `ending`.
inline void zero_parameters(torch::nn::Module& module, const std::string& ending) {
  torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters())
    if (item.key().size() >= ending.size() &&
        item.key().compare(item.key().size() - ending.size(), ending.size(), ending) == 0)
      item.value().zero_();
}

/// Blocks whose queries look at every real key alike and whose MLPs add nothing: simple enough to
/// follow by hand with even_block().
inline void make_blocks_even(torch::nn::Module& module) {
  for (const char* ending :
       {"attention.query.weight", "attention.query.bias", ".mlp.2.weight", ".mlp.2.bias"})
    zero_parameters(module, ending);
}

/// What such a block makes: x + out(mean over the keys of value(norm(key))).
/// Shapes   x (B, T, D), context (B, K, D), every key real -> (B, T, D).
inline Tensor even_block(const torch::nn::Module& module, const std::string& block, const Tensor& x,
                         const Tensor& context) {
  const auto parameters = module.named_parameters();
  const auto apply = [&](const std::string& name, const Tensor& to) {
    return at::linear(to, parameters[block + ".attention." + name + ".weight"],
                      parameters[block + ".attention." + name + ".bias"]);
  };
  const Tensor values = apply("value", at::layer_norm(context, {context.size(2)}));  // [B, K, D]
  return x + apply("out", values.mean(/*dim=*/1, /*keepdim=*/true));
}

/// A modality's tokens as TokenProjection gives them, all of them real.
inline Tensor projected(const torch::nn::Module& module, const std::string& modality,
                        const Tensor& tokens) {
  const auto parameters = module.named_parameters();
  const std::string name = "tokens." + modality;
  return at::linear(tokens, parameters[name + ".projection.weight"],
                    parameters[name + ".projection.bias"]) +
         parameters[name + ".embedding"];
}

/// One sample of two_sequences(), four and three tokens, all real.
inline std::vector<Encoded> whole_sample() {
  std::vector<Encoded> batch = random_batch(two_sequences(), {4, 3}, bools({{1, 1}}), /*seed=*/5);
  for (Encoded& e : batch) {
    auto generator = at::detail::createCPUGenerator(/*seed=*/9);
    e.mask = at::ones_like(e.mask);
    e.tokens = at::randn(e.tokens.sizes(), generator);
  }
  return batch;
}

}  // namespace braid::checks
