#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;

// One channel, values at ticks 0, 1, 2 s apart by the spec's step of 0.5 s.
Input three_ticks(double second, double third) {
  Input input;
  input.present = all_true({1});
  input.mask = all_true({1, 3});
  input.values = at::tensor({2.0, second, third}).to(at::kFloat).view({1, 3, 1});
  input.observed = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3, 1});
  input.times = at::tensor({0.0, 0.5, 1.5}).to(at::kFloat).view({1, 3});
  return input;
}

ModalitySpec one_channel() {
  ModalitySpec series = spec(Kind::series);
  series.features = 1;
  series.max_length = 3;
  return series;
}

TEST(series_gru, a_missing_input_decays_from_its_last_value) {
  auto encoder = made("series_gru", {{"width", 4}}, one_channel());
  set(*encoder, "decay_weight", at::tensor({0.3f}));
  set(*encoder, "decay_bias", at::tensor({0.1f}));
  // The second tick comes one step after the first: 2 exp(-(0.3 * 1 + 0.1)), with its indicator 0.
  const Input gap = three_ticks(/*second=*/7, /*third=*/1);
  Input filled = gap;
  filled.values = at::tensor({2.0, 2.0 * std::exp(-0.4), 1.0}).to(at::kFloat).view({1, 3, 1});
  filled.observed = all_true({1, 3, 1});
  const auto parameters = encoder->named_parameters();
  const Tensor x = at::cat({filled.values, gap.observed.to(at::kFloat),
                            at::tensor({-std::log(2.0), 0.0, std::log(3.0) - std::log(2.0)})
                                .to(at::kFloat)
                                .view({1, 3, 1})},
                           /*dim=*/2);
  std::vector<Tensor> weights;
  for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
    weights.push_back(parameters[std::string("gru.") + name]);
  const Tensor states = std::get<0>(at::gru(x, at::zeros({1, 1, 4}), weights, /*has_biases=*/true,
                                            /*num_layers=*/1, /*dropout=*/0, /*train=*/false,
                                            /*bidirectional=*/false, /*batch_first=*/true));
  const Tensor expected =
      at::layer_norm(states, {4}, parameters["norm.weight"], parameters["norm.bias"]);
  EXPECT_TRUE(close(encoder->forward(gap).tokens, expected, 1e-5));
}

TEST(series_gru, before_the_first_value_there_is_the_mean) {
  auto encoder = made("series_gru", {{"width", 4}}, one_channel());
  Input late = three_ticks(0, 1);
  late.observed[0][0].fill_(false);
  Input other = late;
  other.values = late.values.clone();
  other.values[0][0].fill_(100);
  EXPECT_TRUE(checks::same_bits(encoder->forward(late).tokens, encoder->forward(other).tokens));
}

TEST(series_gru, pooled_ends_at_each_row_s_last_real_tick) {
  auto encoder = made("series_gru", {{"width", 4}}, one_channel());
  Input longer = three_ticks(1, 5);
  longer.mask[0][2].fill_(false);
  Input shorter = row_of(longer, 0, /*length=*/2);
  EXPECT_TRUE(close(encoder->forward(longer).pooled, encoder->forward(shorter).pooled));
}

}  // namespace
}  // namespace braid::encoders
