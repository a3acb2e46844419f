#include "core/unit_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/rng.h"
#include "formats/expect_error.h"

using namespace braid;
using braid::testing::expect_error;

TEST(unit_rows, scales_rows_to_length_one_and_pads_them) {
  // (3, 4) has length 5, (0, -2) length 2.
  const UnitRows rows = unit_rows({3, 4, 0, -2}, 2, "test");
  EXPECT_EQ(rows.size, 2);
  EXPECT_EQ(rows.width, 2);
  EXPECT_EQ(rows.stride, 8);
  std::vector<float> expected(16);
  expected[0] = .6f, expected[1] = .8f, expected[9] = -1;
  EXPECT_EQ(rows.values, expected);
  EXPECT_EQ(unit_rows({}, 3, "test").size, 0);
  // Their squares fit no float.
  EXPECT_EQ(unit_rows({3e30f, 4e30f}, 2, "test").row(0)[1], .8f);
  EXPECT_NEAR(unit_rows({3e-30f, 4e-30f}, 2, "test").row(0)[1], .8f, 1e-6);
}

TEST(unit_rows, refuses_rows_without_a_direction) {
  expect_error(ErrorKind::data,
               "images: row 1: expected a vector with a direction, got zeros; leave the row out",
               [] {
                 unit_rows({1, 2, 0, 0}, 2, "images");
               });
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    expect_error(ErrorKind::data, "images: row 0: expected finite values", [&] {
      unit_rows({1, bad, 1, 1}, 2, "images");
    });
  expect_error(ErrorKind::shape, "images: expected whole rows of 2 values, got 3 values", [] {
    unit_rows({1, 2, 3}, 2, "images");
  });
  expect_error(ErrorKind::shape, "images: width: expected at least 1, got 0",
               [] { unit_rows({}, 0, "images"); });
}

TEST(unit_rows, products_are_sums_of_products) {
  // Whole numbers, whose sums are exact in any order; every count of rows around a tile's edge.
  Rng random(3);
  constexpr int64_t kStride = 48;
  for (int64_t num_a = 1; num_a <= 9; ++num_a)
    for (int64_t num_b = 1; num_b <= 5; ++num_b) {
      std::vector<float> a, b;
      for (int64_t i = 0; i < num_a * kStride; ++i) a.push_back(float(random.below(19)) - 9);
      for (int64_t i = 0; i < num_b * kStride; ++i) b.push_back(float(random.below(19)) - 9);
      std::vector<float> products(static_cast<size_t>(num_a * num_b));
      row_products(a.data(), num_a, b.data(), num_b, kStride, products.data());
      for (int64_t i = 0; i < num_a; ++i)
        for (int64_t j = 0; j < num_b; ++j) {
          float expected = 0;
          for (int64_t d = 0; d < kStride; ++d)
            expected += a[size_t(i * kStride + d)] * b[size_t(j * kStride + d)];
          EXPECT_EQ(products[size_t(i * num_b + j)], expected) << num_a << " " << num_b;
        }
    }
}

TEST(unit_rows, products_keep_their_bits_however_rows_are_cut) {
  Rng random(4);
  constexpr int64_t kRows = 13, kWidth = 37;
  std::vector<float> values;
  for (int64_t i = 0; i < kRows * kWidth; ++i) values.push_back(float(random.normal()));
  const UnitRows rows = unit_rows(values, kWidth, "test");
  std::vector<float> all(kRows * kRows);
  row_products(rows.row(0), kRows, rows.row(0), kRows, rows.stride, all.data());
  for (int64_t i = 0; i < kRows; ++i)
    for (int64_t j = 0; j < kRows; ++j) {
      float one;
      row_products(rows.row(i), 1, rows.row(j), 1, rows.stride, &one);
      EXPECT_EQ(all[size_t(i * kRows + j)], one) << i << " " << j;
      EXPECT_EQ(all[size_t(j * kRows + i)], one) << i << " " << j;
      EXPECT_EQ(row_product(rows.row(i), rows.row(j), rows.stride), one) << i << " " << j;
    }
  for (int64_t i = 0; i < kRows; ++i) EXPECT_NEAR(all[size_t(i * kRows + i)], 1, 1e-6);
}
