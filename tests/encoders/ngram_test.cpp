#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

Input text(std::vector<int64_t> ids, std::vector<int64_t> mask) {
  Input input;
  const auto length = static_cast<int64_t>(ids.size());
  input.ids = at::tensor(ids, at::kLong).view({1, length});
  input.mask = at::tensor(mask, at::kLong).to(at::kBool).view({1, length});
  input.present = all_true({1});
  return input;
}

TEST(ngram, is_the_mean_over_tokens_and_pairs) {
  auto encoder = made("ngram", {{"width", 1}}, spec(Kind::text));
  set(*encoder, "tokens.weight", at::arange(12, at::kFloat).unsqueeze(1));  // id 5 counts 5
  set(*encoder, "ngrams.weight", at::tensor({100.0}));                      // every pair counts 100
  // (2 + 3 + 100) / 3
  EXPECT_FLOAT_EQ(encoder->forward(text({2, 3}, {1, 1})).pooled.item<float>(), 35);
  // A gap in the middle: no pair is real. (2 + 3) / 2
  EXPECT_FLOAT_EQ(encoder->forward(text({2, 5, 3}, {1, 0, 1})).pooled.item<float>(), 2.5);
  EXPECT_FLOAT_EQ(encoder->forward(text({7}, {1})).pooled.item<float>(), 7);
}

TEST(ngram, pairs_know_their_order_and_single_tokens_do_not) {
  const Input ab = text({2, 3}, {1, 1}), ba = text({3, 2}, {1, 1});
  auto pairs = made("ngram", {{"order", 2}}, spec(Kind::text));
  EXPECT_FALSE(close(pairs->forward(ab).pooled, pairs->forward(ba).pooled));
  auto singles = made("ngram", {{"order", 1}}, spec(Kind::text));
  EXPECT_TRUE(close(singles->forward(ab).pooled, singles->forward(ba).pooled));
  EXPECT_EQ(singles->named_parameters().keys(), (std::vector<std::string>{"tokens.weight"}));
}

TEST(ngram, is_linear_in_its_tables) {
  auto encoder = made("ngram", {{"order", 3}}, spec(Kind::text));
  const Input input = batch(spec(Kind::text), 3);
  const Tensor before = encoder->forward(input).pooled;
  torch::NoGradGuard no_grad;
  for (Tensor& table : encoder->parameters()) table.mul_(2);
  EXPECT_TRUE(close(encoder->forward(input).pooled, 2 * before, 1e-6));
}

TEST(ngram, hashes_spread_over_the_buckets) {
  // All 1,600 ordered pairs of 40 tokens. A table whose row b holds b gives away the bucket: pooled
  // = b / 3.
  ModalitySpec wide = spec(Kind::text);
  wide.vocabulary = 40;
  auto encoder = made("ngram", {{"width", 1}, {"buckets", 4096}}, wide, at::kDouble);
  set(*encoder, "tokens.weight", at::zeros({1}, at::kDouble));
  set(*encoder, "ngrams.weight", at::arange(4096, at::kDouble).unsqueeze(1));
  Input input;
  const Tensor id = at::arange(40);
  input.ids = at::stack({id.repeat_interleave(40), id.repeat({40})}, /*dim=*/1);
  input.mask = all_true({1600, 2});
  input.present = all_true({1600});
  const Tensor buckets = (encoder->forward(input).pooled * 3).round().flatten();
  // Random hashing fills 4096 (1 - exp(-1600 / 4096)) = 1325 buckets on average.
  EXPECT_GT(std::get<0>(at::_unique(buckets)).numel(), 1250);
  EXPECT_LT(buckets.max().item<double>(), 4096);
}

}  // namespace
}  // namespace braid::encoders
