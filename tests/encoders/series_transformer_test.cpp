#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;

TEST(series_transformer, as_many_ticks_a_token_as_make_at_most_64) {
  ModalitySpec series = spec(Kind::series);
  EXPECT_EQ(made("series_transformer", Json::object(), series)->max_tokens(), 9);
  series.max_length = 129;
  EXPECT_EQ(made("series_transformer", Json::object(), series)->max_tokens(), 43);  // of 3
  EXPECT_EQ(made("series_transformer", {{"patch", 10}}, series)->max_tokens(), 13);
}

TEST(series_transformer, order_comes_from_times_alone) {
  // Ticks in another order with their own times, without steps between them: the same set.
  ModalitySpec series = spec(Kind::series);
  auto encoder = made("series_transformer", Json::object(), series);
  Input input = batch(series, 1);
  input.mask = all_true({1, 9});
  const Tensor places = encoder->named_parameters()["patches.weight"];
  torch::NoGradGuard no_grad;
  places.slice(/*dim=*/1, 4).fill_(0);  // what says how long after the last tick
  const Tensor order = at::arange(9).flip(0);
  Input turned = input;
  turned.values = input.values.index_select(1, order);
  turned.observed = input.observed.index_select(1, order);
  turned.times = input.times.index_select(1, order);
  EXPECT_TRUE(close(encoder->forward(turned).pooled, encoder->forward(input).pooled, 1e-4));
  Input later = input;
  later.times = input.times * 2;
  EXPECT_FALSE(close(encoder->forward(later).pooled, encoder->forward(input).pooled, 1e-3));
}

}  // namespace
}  // namespace braid::encoders
