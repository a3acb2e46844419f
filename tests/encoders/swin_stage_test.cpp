#include "encoders/swin_stage.h"

#include "ops/random.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace checks;

SwinStage stage(int64_t depth, int64_t side, int64_t window) {
  const ops::InitScope init(1);
  StackConfig config;
  config.width = 4;
  config.heads = 2;
  config.mlp_width = 4;
  SwinStage made(config, SwinStageShape{depth, side, window, /*merges=*/true});
  made->eval();
  return made;
}

// Which places of a side x side grid change when the last one does.
Tensor reached(SwinStage& stage, int64_t side) {
  auto random = at::detail::createCPUGenerator(3);
  const Tensor x = at::randn({1, side * side, 4}, random, at::TensorOptions(at::kFloat));
  Tensor other = x.clone();
  other[0][side * side - 1].mul_(-2);
  return stage(other).ne(stage(x)).any(/*dim=*/2).view({side, side});
}

Tensor square(int64_t side, int64_t from) {
  Tensor inside = at::zeros({side, side}, at::kBool);
  inside.slice(0, from).slice(1, from).fill_(true);
  return inside;
}

TEST(swin_stage, a_token_sees_its_window_and_then_the_shifted_one) {
  SwinStage one = stage(/*depth=*/1, /*side=*/4, /*window=*/2);
  EXPECT_TRUE(same_bits(reached(one, 4), square(4, 2)));
  // Shifted by one, rows and columns 1 and 2 are a window; 3 and 0 meet there, but are apart.
  SwinStage two = stage(/*depth=*/2, /*side=*/4, /*window=*/2);
  EXPECT_TRUE(same_bits(reached(two, 4), square(4, 1)));
  SwinStage whole = stage(/*depth=*/2, /*side=*/2, /*window=*/2);
  EXPECT_TRUE(same_bits(reached(whole, 2), square(2, 0)));
}

TEST(swin_stage, every_pair_of_places_has_its_bias) {
  SwinStage whole = stage(/*depth=*/1, /*side=*/2, /*window=*/2);
  const torch::NoGradGuard no_grad;
  auto parameters = whole->named_parameters();
  Tensor table = parameters["blocks.0.relative_bias"];  // [9, heads]
  EXPECT_EQ(table.size(0), 9);
  // (0, 0) sees (1, 1) by the row of (-1, -1), which is the first; with a bias that leaves nothing
  // else, only what (1, 1) holds reaches (0, 0).
  table.fill_(-1000);
  table[0].fill_(0);
  table[4].fill_(0);  // itself, for those that have no other
  auto random = at::detail::createCPUGenerator(3);
  const Tensor x = at::randn({1, 4, 4}, random, at::TensorOptions(at::kFloat));
  const auto reaches = [&](int64_t from) {
    Tensor other = x.clone();
    other[0][from].mul_(-2);
    return !same_bits(whole(other)[0][0], whole(x)[0][0]);
  };
  EXPECT_FALSE(reaches(1));
  EXPECT_FALSE(reaches(2));
  EXPECT_TRUE(reaches(3));
}

TEST(swin_stage, merges_two_by_two_column_by_column) {
  SwinStage whole = stage(/*depth=*/1, /*side=*/2, /*window=*/2);
  const Tensor x = at::arange(16).to(at::kFloat).view({1, 4, 4});
  const auto p = whole->named_parameters();
  // Places (0, 0), (1, 0), (0, 1) and (1, 1).
  const Tensor quad = at::cat({x[0][0], x[0][2], x[0][1], x[0][3]});
  const Tensor normed = (quad - quad.mean()) / (quad.var(/*unbiased=*/false) + 1e-5).sqrt();
  EXPECT_TRUE(close(whole->merge(x)[0][0], at::mv(p["merge.weight"], normed)));
}

}  // namespace
}  // namespace braid::encoders
