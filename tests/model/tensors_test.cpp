// Plain arrays become tensors with the shapes that encoders name, values in place.
#include "model/tensors.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/module_checks.h"

namespace braid::model {
namespace {

data::ModalitySpec spec_of(data::Kind kind) {
  data::ModalitySpec spec;
  spec.name = data::to_string(kind);
  spec.kind = kind;
  spec.max_length = 3;
  spec.features = 2;
  spec.vocabulary = 9;
  spec.channels = 1;
  spec.height = 2;
  spec.width = 3;
  return spec;
}

// Row 0 is there with `length` tokens, row 1 is absent.
std::vector<std::vector<data::Prepared>> two_rows(data::Prepared sample) {
  return {{std::move(sample)}, {data::Prepared()}};
}

Input input_of(const data::ModalitySpec& spec, data::Prepared sample) {
  data::Batch batch = data::collate({spec}, two_rows(std::move(sample)));
  batch.rows = {4, 2};
  return to_tensors(std::move(batch), {spec}, at::kCPU).inputs[0];
}

TEST(tensors, text_is_ids_with_a_mask) {
  data::Prepared text;
  text.present = true;
  text.length = 2;
  text.ids = {5, 7};
  const Input input = input_of(spec_of(data::Kind::text), text);
  EXPECT_TRUE(input.ids.equal(torch::tensor({{5, 7}, {0, 0}}, torch::kLong)));
  EXPECT_TRUE(input.mask.equal(torch::tensor({{true, true}, {false, false}})));
  EXPECT_TRUE(input.present.equal(torch::tensor({true, false})));
  EXPECT_FALSE(input.values.defined());
}

TEST(tensors, images_are_channels_height_width) {
  data::Prepared image;
  image.present = true;
  image.length = 1;
  image.values = {1, 2, 3, 4, 5, 6};
  const Input input = input_of(spec_of(data::Kind::image), image);
  EXPECT_EQ(input.values.sizes(), (std::vector<int64_t>{2, 1, 2, 3}));
  EXPECT_EQ(input.values[0][0][1][0].item<float>(), 4) << "rows from the top, one after the other";
  EXPECT_EQ(input.values[1].abs().sum().item<float>(), 0) << "the absent sample";
}

TEST(tensors, frames_are_time_by_features) {
  data::Prepared sound;
  sound.present = true;
  sound.length = 3;
  sound.values = {1, 2, 3, 4, 5, 6};
  for (const auto kind : {data::Kind::audio, data::Kind::embedding}) {
    const Input input = input_of(spec_of(kind), sound);
    EXPECT_TRUE(input.values[0].equal(torch::tensor({{1.f, 2.f}, {3.f, 4.f}, {5.f, 6.f}})));
    EXPECT_EQ(input.mask.sum().item<int64_t>(), 3);
  }
}

TEST(tensors, tables_have_numbers_indicators_and_categories) {
  data::ModalitySpec spec = spec_of(data::Kind::tabular);
  spec.max_length = 1;
  spec.categories = {4, 3, 2};
  data::Prepared row;
  row.present = true;
  row.length = 1;
  row.values = {0.5, 0};
  row.observed = {1, 0};
  row.ids = {3, 0, 1};
  const Input input = input_of(spec, row);
  EXPECT_TRUE(input.values.equal(torch::tensor({{0.5f, 0.f}, {0.f, 0.f}})));
  EXPECT_TRUE(input.observed.equal(torch::tensor({{true, false}, {false, false}})));
  EXPECT_TRUE(input.ids.equal(torch::tensor({{3, 0, 1}, {0, 0, 0}}, torch::kLong)));
  spec.categories.clear();
  row.ids.clear();
  EXPECT_EQ(input_of(spec, row).ids.sizes(), (std::vector<int64_t>{2, 0}))
      << "a table of numbers alone";
}

TEST(tensors, targets_and_weights) {
  data::Batch batch;
  batch.rows = {0, 1};
  batch.targets = {1, 2};
  const TensorBatch classes = to_tensors(std::move(batch), {}, at::kCPU);
  EXPECT_TRUE(classes.targets.equal(torch::tensor({1.0, 2.0}, torch::kDouble)));
  EXPECT_TRUE(classes.weights.equal(torch::ones({2}, torch::kDouble)));
  data::Batch labels;
  labels.rows = {0, 1};
  labels.targets = {1, 0, 0, 1, 1, 1};
  labels.weights = {0.5, 2};
  const TensorBatch many = to_tensors(std::move(labels), {}, at::kCPU);
  EXPECT_EQ(many.targets.sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(many.targets[1][0].item<double>(), 1);
  EXPECT_EQ(many.weights[1].item<double>(), 2);
  data::Batch none;
  none.rows = {0};
  EXPECT_FALSE(to_tensors(std::move(none), {}, at::kCPU).targets.defined());
}

TEST(tensors, doubles_are_row_major_whatever_the_strides) {
  EXPECT_EQ(to_doubles(torch::tensor({{1.f, 2.f}, {3.f, 4.f}}).t()),
            (std::vector<double>{1, 3, 2, 4}));
  EXPECT_TRUE(to_doubles(at::zeros({0, 3})).empty());
}

TEST(tensors, devices_are_read_and_have_to_be_here) {
  EXPECT_EQ(parse_device("cpu"), c10::Device(at::kCPU));
  checks::expect_error(ErrorKind::usage, "--device tpu9: expected cpu, cuda or cuda:N",
                       [] { parse_device("tpu9"); });
  if (!torch::cuda::is_available())
    checks::expect_error(ErrorKind::usage,
                         "--device cuda: expected a device that is here, got none; use cpu",
                         [] { parse_device("cuda"); });
}

TEST(tensors, the_memory_outlives_the_batch) {
  data::Prepared sound;
  sound.present = true;
  sound.length = 1;
  sound.values = {7, 8};
  Input input;
  {
    const Input made = input_of(spec_of(data::Kind::embedding), sound);
    input = made;
  }
  std::vector<float> noise(1000, -1.0f);  // would land in freed memory
  EXPECT_EQ(input.values[0][0][1].item<float>(), 8);
}

}  // namespace
}  // namespace braid::model
