#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

ModalitySpec long_series(int64_t length) {
  ModalitySpec series = spec(Kind::series);
  series.max_length = length;
  return series;
}

TEST(series_tcn, long_series_are_halved_to_at_most_64_tokens) {
  EXPECT_EQ(made("series_tcn", Json::object(), long_series(64))->max_tokens(), 64);
  EXPECT_EQ(made("series_tcn", Json::object(), long_series(65))->max_tokens(), 33);
  EXPECT_EQ(made("series_tcn", Json::object(), long_series(512))->max_tokens(), 64);
  EXPECT_EQ(made("series_tcn", {{"channels", {4}}}, long_series(512))->max_tokens(), 64);
  EXPECT_EQ(made("series_tcn", Json::object(), long_series(5000))->max_tokens(), 40);
}

TEST(series_tcn, sees_a_gap_and_an_uneven_step) {
  auto encoder = made("series_tcn", Json::object(), spec(Kind::series));
  const Input input = batch(spec(Kind::series), 1);
  const Tensor whole = encoder->forward(input).pooled;
  Input gap = input;
  gap.observed = input.observed.clone();
  gap.observed[0][4].fill_(false);
  gap.values = input.values.clone();
  gap.values[0][4].fill_(0);  // the mean: only the indicator tells it from a measurement
  Input zero = gap;
  zero.observed = at::ones_like(input.observed);
  EXPECT_FALSE(close(encoder->forward(gap).pooled, encoder->forward(zero).pooled, 1e-4));
  Input later = input;
  later.times = input.times.clone();
  later.times.slice(/*dim=*/1, 5).add_(3);
  EXPECT_FALSE(close(encoder->forward(later).pooled, whole, 1e-4));
}

TEST(series_tcn, starting_later_changes_nothing) {
  auto encoder = made("series_tcn", Json::object(), spec(Kind::series));
  Input input = batch(spec(Kind::series), 2);
  const Tensor whole = encoder->forward(input).pooled;
  input.times = input.times + 16;
  EXPECT_TRUE(close(encoder->forward(input).pooled, whole, 1e-4));
}

TEST(series_tcn, an_even_kernel_is_an_error) {
  expect_error(ErrorKind::config, "kernel: expected an odd number of ticks, got 4", [] {
    made("series_tcn", {{"kernel", 4}}, spec(Kind::series));
  });
  expect_error(ErrorKind::config, "channels: expected 1 to 16 blocks, got 0", [] {
    made("series_tcn", {{"channels", Json::array()}}, spec(Kind::series));
  });
}

}  // namespace
}  // namespace braid::encoders
