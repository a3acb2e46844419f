#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;

TEST(series_statistics, by_hand) {
  ModalitySpec series = spec(Kind::series);
  series.features = 1;
  series.max_length = 4;
  auto encoder = made("series_statistics", Json::object(), series);
  Input input;
  input.present = all_true({1});
  input.mask = all_true({1, 4});
  input.values = at::tensor({1.0f, 3.0f, 99.0f, 2.0f}).view({1, 4, 1});
  input.observed = at::tensor({1, 1, 0, 1}).to(at::kBool).view({1, 4, 1});
  input.times = at::tensor({0.0f, 1.0f, 3.0f, 4.0f}).view({1, 4});
  // Observed 1, 3, 2 at 0, 1, 4 s: mean 2, variance 2/3; times over the span 0, 1/4, 1, mean 5/12:
  // slope = sum (t - 5/12)(x - 2) / sum (t - 5/12)^2
  //       = (-5/12 * -1 + -2/12 * 1) / (25 + 4 + 49) * 144 = 0.25 * 144 / 78.
  // Neighbours that are both there: 1 and 3 alone, a step of 2. Three of four ticks.
  const Tensor expected = at::tensor({2.0, std::sqrt(2.0 / 3), 1.0, 3.0, 36.0 / 78, 2.0, 0.75});
  EXPECT_TRUE(close(encoder->forward(input).pooled[0], expected.to(at::kFloat), 1e-5));
  EXPECT_TRUE(encoder->parameters().empty());
}

TEST(series_statistics, a_channel_without_any_is_zeros) {
  auto encoder = made("series_statistics", Json::object(), spec(Kind::series));
  Input input = batch(spec(Kind::series), 1);
  input.observed.select(/*dim=*/2, 1).fill_(false);
  const Tensor pooled = encoder->forward(input).pooled[0].view({7, 2});
  EXPECT_LT(pooled.select(/*dim=*/1, 1).abs().max().item<double>(), 1e-4);
  checks::expect_finite(pooled);
}

TEST(series_statistics, parts_add_their_means) {
  ModalitySpec series = spec(Kind::series);
  auto encoder = made("series_statistics", {{"time_parts", 3}}, series);
  EXPECT_EQ(encoder->width(), 2 * (7 + 3));
}

}  // namespace
}  // namespace braid::encoders
