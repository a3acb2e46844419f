#include "calibration/input_statistics.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "support/module_checks.h"

namespace braid::calibration {
namespace {

Tensor bools(const std::vector<int64_t>& values, at::IntArrayRef shape) {
  return at::tensor(values, at::kLong).view(shape).to(at::kBool);
}

Tensor row(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

TEST(input_statistics, of_a_picture_by_hand) {
  Input input;
  input.values = at::tensor({1.0f, 3.0f, 5.0f, 7.0f}).view({1, 1, 2, 2});
  // Mean 4, variance (9 + 1 + 1 + 9) / 4; steps of 2 across and of 4 down.
  EXPECT_TRUE(checks::close(
      input_statistics(input),
      row({4, std::log(std::sqrt(5.0)), std::log(7.0), std::log(2.0), std::log(4.0)}), 1e-5));
}

TEST(input_statistics, of_sound_looks_at_real_tokens_alone) {
  Input whole, padded;
  whole.values = at::tensor({1.0f, 2.0f, 4.0f, 7.0f}).view({1, 2, 2});
  whole.mask = bools({1, 1}, {1, 2});
  padded.values = at::cat({whole.values, at::full({1, 3, 2}, std::nan(""), at::kFloat)}, /*dim=*/1);
  padded.mask = bools({1, 1, 0, 0, 0}, {1, 5});
  // Mean 3.5; squares 6.25, 2.25, 0.25, 12.25; steps 1 and 3 across, 3 and 5 down; two tokens.
  const Tensor expected = row(
      {3.5, std::log(std::sqrt(5.25)), std::log(7.0), std::log(2.0), std::log(4.0), std::log(2.0)});
  EXPECT_TRUE(checks::close(input_statistics(whole), expected, 1e-5));
  EXPECT_TRUE(checks::close(input_statistics(padded), expected, 1e-5));
}

TEST(input_statistics, of_text_and_tables_by_hand) {
  Input text;
  text.ids = at::tensor({2, 1, 9, 1, 0}, at::kLong).view({1, 5});
  text.mask = bools({1, 1, 1, 1, 0}, {1, 5});
  EXPECT_TRUE(checks::close(input_statistics(text), row({std::log(4.0), 0.5}), 1e-5));
  Input table;
  table.values = at::tensor({-3.0f, 1.0f, std::nanf(""), 5.0f}).view({1, 4});
  table.observed = bools({1, 1, 0, 1}, {1, 4});
  table.ids = at::tensor({0, 1, 2, 1}, at::kLong).view({1, 4});
  EXPECT_TRUE(checks::close(input_statistics(table), row({0.75, 1, 3, 5, 0.25, 0.5}), 1e-5));
}

TEST(input_statistics, are_as_many_whatever_the_batch) {
  const auto count = [](const Tensor& values, int64_t length, bool is_series) {
    Input input;
    input.values = values;
    input.mask = at::ones({values.size(0), length}, at::kBool);
    if (is_series) {
      input.observed = at::ones(values.sizes(), at::kBool);
      input.times = at::zeros({values.size(0), length});
    }
    const Tensor made = input_statistics(input);
    checks::expect_finite(made);
    return made.size(1);
  };
  for (int64_t length : {1, 2, 5}) {
    EXPECT_EQ(count(at::randn({3, length, 4}), length, false), 6);        // sound, embeddings
    EXPECT_EQ(count(at::randn({3, length, 1, 4, 5}), length, false), 6);  // video
    EXPECT_EQ(count(at::randn({3, length, 2}), length, true), 7);         // series
  }
  EXPECT_EQ(count(at::randn({3, 1, 4, 4, 4}), 1, false), 6);  // a volume
}

TEST(input_statistics, of_a_series_leave_gaps_out) {
  Input series;
  series.values = at::tensor({1.0f, 99.0f, 4.0f, 7.0f}).view({1, 2, 2});
  series.mask = bools({1, 1}, {1, 2});
  series.observed = bools({1, 0, 1, 1}, {1, 2, 2});
  series.times = at::zeros({1, 2});
  // 1, 4, 7: mean 4, variance 6; across 3 alone, down 3 alone; two ticks, three of four observed.
  EXPECT_TRUE(checks::close(input_statistics(series),
                            row({4, std::log(std::sqrt(6.0)), std::log(7.0), std::log(3.0),
                                 std::log(3.0), std::log(2.0), 0.75}),
                            1e-5));
}

TEST(input_statistics, of_nothing_are_finite) {
  Input sound;
  sound.values = at::zeros({2, 3, 4});
  sound.mask = at::zeros({2, 3}, at::kBool);
  checks::expect_finite(input_statistics(sound));
}

}  // namespace
}  // namespace braid::calibration
