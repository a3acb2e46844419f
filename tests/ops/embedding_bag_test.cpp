#include "ops/embedding_bag.h"

#include <ATen/Parallel.h>

#include <cmath>

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

struct Shape {
  int64_t rows, width;
  std::vector<int64_t> lengths, table_rows;
};

struct Ids {
  std::vector<Tensor> ids, real;
};

// Some ids are not real, and then none of the table's; the first row has no real id.
Ids random_ids(const Shape& shape) {
  Ids made;
  for (size_t g = 0; g < shape.lengths.size(); ++g) {
    const int64_t length = shape.lengths[g];
    const Tensor real = at::rand({shape.rows, length}) < 0.7;
    real[0].fill_(false);
    made.real.push_back(real);
    made.ids.push_back(at::randint(shape.table_rows[g], {shape.rows, length}, at::kLong)
                           .masked_fill(real.logical_not(), -1));
  }
  return made;
}

std::vector<Bag> bags_of(const Ids& ids, const Outputs& tables) {
  std::vector<Bag> bags;
  for (size_t g = 0; g < tables.size(); ++g) bags.push_back({tables[g], ids.ids[g], ids.real[g]});
  return bags;
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {1, 1, {1}, {1}},          {3, 7, {5}, {4}},
      {4, 64, {9, 8}, {30, 17}}, {5, 33, {2, 3, 1}, {5, 6, 7}},
      {2, 100, {4}, {3}},        {64, 129, {50, 49}, {200, 300}},
  };
  return all;
}

TEST(embedding_bag, fast_equals_slow_for_every_shape_and_mode) {
  torch::manual_seed(1);
  for (const Shape& shape : shapes()) {
    const Ids ids = random_ids(shape);
    Outputs tables;
    for (int64_t rows : shape.table_rows) tables.push_back(at::randn({rows, shape.width}));
    for (const BagMode mode : {BagMode::sum, BagMode::mean})
      for (const std::string& name : checks::fast_kernels()) {
        SCOPED_TRACE(fmt::format("{} [{}, {}] {}", name, shape.rows, shape.width,
                                 mode == BagMode::sum ? "sum" : "mean"));
        const checks::WithKernels kernels(name);
        checks::same_values_and_gradients(
            [&](const Outputs& v) { return Outputs{embedding_bag(bags_of(ids, v), mode)}; },
            [&](const Outputs& v) {
              return Outputs{embedding_bag_reference(bags_of(ids, v), mode)};
            },
            tables);
      }
  }
}

Bag small_bag() {
  return {at::tensor({1.0f, 2.0f, 10.0f, 20.0f, 100.0f, 200.0f}).view({3, 2}),
          at::tensor({2, 0, 2, 1}, at::kLong).view({1, 4}),
          at::tensor({1, 1, 1, 0}, at::kLong).to(at::kBool).view({1, 4})};
}

TEST(embedding_bag, by_hand) {
  // Rows 2, 0 and 2: 201, 402; a third of it. Row 2 was met twice, row 1 not.
  Bag bag = small_bag();
  EXPECT_TRUE(
      checks::close(embedding_bag({bag}, BagMode::sum), at::tensor({201.0, 402.0}).unsqueeze(0)));
  bag.table.requires_grad_(true);
  const Tensor mean = embedding_bag({bag}, BagMode::mean);
  EXPECT_TRUE(checks::close(mean, at::tensor({67.0, 134.0}).unsqueeze(0)));
  mean.sum().backward();
  EXPECT_TRUE(checks::close(bag.table.grad(),
                            at::tensor({1.0, 1.0, 0.0, 0.0, 2.0, 2.0}).view({3, 2}) / 3, 1e-6));
}

TEST(embedding_bag, rows_of_ids_that_are_not_real_are_not_read) {
  Bag bag = small_bag();
  bag.table[1].fill_(std::nanf(""));  // its id is not real
  for (const std::string& name : kernel_names()) {
    const checks::WithKernels kernels(name);
    checks::expect_finite(embedding_bag({bag}, BagMode::mean));
    Bag broken = bag;
    broken.ids = at::ones_like(bag.ids);
    EXPECT_TRUE(at::isnan(embedding_bag({broken}, BagMode::mean)).all().item<bool>());
  }
}

TEST(embedding_bag, the_gradients_bits_do_not_depend_on_the_threads) {
  torch::manual_seed(2);
  const Shape shape{200, 64, {100}, {50}};
  const Ids ids = random_ids(shape);
  const Tensor table = at::randn({50, 64}).requires_grad_(true);
  const int before = at::get_num_threads();
  std::vector<Tensor> gradients;
  for (int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    table.mutable_grad() = Tensor();
    checks::project(embedding_bag(bags_of(ids, {table}), BagMode::mean), 5).backward();
    gradients.push_back(table.grad().clone());
  }
  at::set_num_threads(before);
  EXPECT_TRUE(checks::same_bits(gradients[0], gradients[1]));
  EXPECT_TRUE(checks::same_bits(gradients[0], gradients[2]));
}

TEST(embedding_bag, a_table_without_gradient_gets_none) {
  Bag fixed = small_bag(), learned = small_bag();
  learned.table.requires_grad_(true);
  embedding_bag({fixed, learned}, BagMode::sum).sum().backward();
  EXPECT_FALSE(fixed.table.grad().defined());
  EXPECT_TRUE(learned.table.grad().defined());
}

TEST(embedding_bag, an_id_that_is_none_is_an_internal_error) {
  Bag bag = small_bag();
  bag.ids[0][0] = 3;
  checks::expect_error(ErrorKind::internal, "table_rows",
                       [&] { embedding_bag({bag}, BagMode::sum); });
}

}  // namespace
}  // namespace braid::ops
