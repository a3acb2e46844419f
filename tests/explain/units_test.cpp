#include "explain/units.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/fusion_checks.h"
#include "support/module_checks.h"

namespace braid::explain {
namespace {

using checks::bools;
using checks::matrix;
using checks::same_bits;

data::ModalitySpec spec_of(data::Kind kind) {
  data::ModalitySpec spec;
  spec.name = "m";
  spec.kind = kind;
  return spec;
}

TEST(units, a_picture_is_a_grid_of_patches) {
  data::ModalitySpec spec = spec_of(data::Kind::image);
  spec.channels = 2;
  spec.height = 16;
  spec.width = 4;
  Input input;
  input.values = at::ones({2, 2, 16, 4});
  input.present = torch::tensor({true, false});
  const Units units = make_units(spec, input);
  EXPECT_EQ(units.rows, 8);
  EXPECT_EQ(units.columns, 4);  // no more than there are pixels
  const Tensor real = real_units(spec, units, input);
  EXPECT_TRUE(real[0].all().item<bool>());
  EXPECT_FALSE(real[1].any().item<bool>());
  // Patch 5: row 1 of the grid (pixels 2 and 3), column 1.
  Tensor keep = at::ones({2, 32}, at::kBool);
  keep[0][5] = false;
  const Input kept = keep_units(spec, units, input, keep);
  Tensor expected = at::ones({2, 2, 16, 4});
  expected[0].slice(/*dim=*/1, 2, 4).slice(/*dim=*/2, 1, 2).zero_();
  EXPECT_TRUE(same_bits(kept.values, expected));
  const Tensor sums = sum_units(units, input.values - kept.values, Tensor());
  EXPECT_EQ(sums[0][5].item<double>(), 4);  // two pixels of two channels
  EXPECT_EQ(sums.sum().item<double>(), 4);
}

TEST(units, sound_is_cut_in_time_and_frequency) {
  data::ModalitySpec spec = spec_of(data::Kind::audio);
  spec.features = 8;
  spec.max_length = 32;
  Input input;
  input.values = at::ones({1, 32, 8});
  input.mask = at::arange(32).lt(9).unsqueeze(0);  // frames 0 to 8: parts 0 to 4 of 16
  input.present = torch::tensor({true});
  const Units units = make_units(spec, input);
  EXPECT_EQ(units.count, 64);
  EXPECT_TRUE(same_bits(real_units(spec, units, input), at::arange(64).lt(20).unsqueeze(0)));
  Tensor keep = at::ones({1, 64}, at::kBool);
  keep[0][4 * 3 + 1] = false;  // frames 6 and 7, bands 2 and 3
  Tensor expected = input.values.clone();
  expected[0].slice(/*dim=*/0, 6, 8).slice(/*dim=*/1, 2, 4).zero_();
  EXPECT_TRUE(same_bits(keep_units(spec, units, input, keep).values, expected));
}

TEST(units, words_are_masked) {
  const data::ModalitySpec spec = spec_of(data::Kind::text);
  Input input;
  input.ids = torch::tensor({{4, 5, 6, 7}});
  input.mask = bools({{1, 1, 1, 0}});
  input.present = torch::tensor({true});
  EXPECT_TRUE(same_bits(real_units(spec, make_units(spec, input), input), input.mask));
  const Units words = units_of_words(torch::tensor({0, 0, 1, 1}), 2);
  const Input kept = keep_units(spec, words, input, bools({{0, 1}}));
  EXPECT_TRUE(same_bits(kept.mask, bools({{0, 0, 1, 0}})));
  EXPECT_TRUE(same_bits(kept.ids, input.ids));
  EXPECT_TRUE(same_bits(sum_units(words, Tensor(), matrix({{1, 2, 3, 4}})), matrix({{3, 7}})));
}

TEST(units, columns_are_numbers_then_categories) {
  data::ModalitySpec spec = spec_of(data::Kind::tabular);
  spec.features = 2;
  spec.categories = {3};
  Input input;
  input.values = matrix({{0.5, 0}, {1, 2}});
  input.observed = bools({{1, 0}, {1, 1}});
  input.ids = torch::tensor({{2}, {0}});
  input.present = torch::tensor({true, true});
  const Units units = make_units(spec, input);
  EXPECT_EQ(units.count, 3);
  EXPECT_TRUE(same_bits(real_units(spec, units, input), bools({{1, 0, 1}, {1, 1, 0}})));
  const Input kept = keep_units(spec, units, input, bools({{0, 1, 1}, {1, 1, 0}}));
  EXPECT_TRUE(same_bits(kept.values, matrix({{0, 0}, {1, 2}})));
  EXPECT_TRUE(same_bits(kept.scale, at::tensor({1.F, 0.F}).unsqueeze(1)));
}

TEST(units, an_embedding_is_runs_of_columns_or_rows) {
  data::ModalitySpec spec = spec_of(data::Kind::embedding);
  spec.features = 32;
  Input input;
  input.values = at::arange(32, at::kFloat).view({1, 1, 32});
  input.mask = at::ones({1, 1}, at::kBool);
  input.present = torch::tensor({true});
  const Units runs = make_units(spec, input);
  EXPECT_EQ(runs.count, 16);
  EXPECT_EQ(sum_units(runs, input.values, Tensor())[0][3].item<double>(), 6 + 7);
  spec.max_length = 4;
  spec.features = 8;
  input.values = input.values.view({1, 4, 8});
  input.mask = bools({{1, 1, 1, 0}});
  const Units rows = make_units(spec, input);
  EXPECT_EQ(rows.count, 4);
  EXPECT_TRUE(same_bits(real_units(spec, rows, input), input.mask));
  EXPECT_EQ(sum_units(rows, input.values, Tensor())[0][1].item<double>(), 8 * 8 + 28);
}

}  // namespace
}  // namespace braid::explain
