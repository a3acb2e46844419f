#include "metrics/shared_space.h"

#include <limits>

#include "core/rng.h"
#include "examples.h"

using namespace braid;
using namespace braid::metrics;
using braid::metrics::examples::error_of;

namespace {

constexpr int64_t kWidth = 5;

std::vector<float> random_rows(int64_t count, uint64_t seed) {
  Rng random(seed);
  std::vector<float> values;
  for (int64_t i = 0; i < count * kWidth; ++i) values.push_back(float(random.normal()));
  return values;
}

// Row i, i + 1 ... of `rows`, each times another length.
std::vector<float> turned(const std::vector<float>& rows) {
  std::vector<float> result;
  const size_t count = rows.size() / kWidth;
  for (size_t i = 0; i < count; ++i)
    for (size_t d = 0; d < kWidth; ++d)
      result.push_back(float(1 + i % 3) * rows[(i + 1) % count * kWidth + d]);
  return result;
}

}  // namespace

TEST(shared_space, modality_gap_by_hand) {
  // Of length 1: means (1, 0) and (0, 1), sqrt(2) apart; (.5, .5) and (-.5, -.5) too.
  EXPECT_NEAR(modality_gap({1, 0}, {0, 5}, 2), std::sqrt(2), 1e-7);
  EXPECT_NEAR(modality_gap({1, 0, 0, 2}, {-1, 0, 0, -3}, 2), std::sqrt(2), 1e-7);
  EXPECT_NEAR(modality_gap({1, 0}, {-1, 0, -2, 0}, 2), 2, 1e-7);
  EXPECT_EQ(modality_gap({1, 2, 3, 4}, {3, 4, 1, 2}, 2), 0);
}

TEST(shared_space, alignment_by_hand) {
  // Squared distances 2 (a right angle), 0 (the same direction) and 4 (opposite).
  EXPECT_NEAR(alignment({1, 0}, {0, 3}, 2), 2, 1e-6);
  EXPECT_NEAR(alignment({1, 0, 1, 0, 1, 0}, {0, 1, 2, 0, -1, 0}, 2), (2 + 0 + 4) / 3.0, 1e-6);
}

TEST(shared_space, uniformity_by_hand) {
  // Squared distances 2, and 2 2 4.
  EXPECT_NEAR(uniformity({1, 0, 0, 7}, 2), -4, 1e-6);
  EXPECT_NEAR(uniformity({1, 0, 0, 1, -1, 0}, 2), std::log((2 * std::exp(-4) + std::exp(-8)) / 3),
              1e-6);
  EXPECT_NEAR(uniformity({1, 2, 2, 4, 3, 6}, 2), 0, 1e-6);  // one direction
  EXPECT_NEAR(uniformity({1, 0, -1, 0}, 2), -8, 1e-6);      // the two farthest
}

TEST(shared_space, uniformity_of_many_rows_is_that_of_all_pairs) {
  for (const int64_t count : {15, 16, 64, 65, 200}) {
    const std::vector<float> rows = random_rows(count, 3);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = i + 1; j < count; ++j) {
        double xx = 0, yy = 0, xy = 0;
        for (int64_t d = 0; d < kWidth; ++d) {
          const double x = rows[size_t(i * kWidth + d)], y = rows[size_t(j * kWidth + d)];
          xx += x * x, yy += y * y, xy += x * y;
        }
        sum += std::exp(-2 * (2 - 2 * xy / std::sqrt(xx * yy)));
      }
    const double expected = std::log(sum / (double(count) * double(count - 1) / 2));
    EXPECT_NEAR(uniformity(rows, kWidth, 1), expected, 1e-6) << count;
    EXPECT_EQ(uniformity(rows, kWidth, 3), uniformity(rows, kWidth, 1));
  }
}

TEST(shared_space, does_not_depend_on_order_and_length) {
  const std::vector<float> a = random_rows(90, 1), b = random_rows(90, 2);
  EXPECT_NEAR(modality_gap(turned(a), b, kWidth), modality_gap(a, b, kWidth), 1e-6);
  EXPECT_NEAR(alignment(turned(a), turned(b), kWidth), alignment(a, b, kWidth), 1e-6);
  EXPECT_NEAR(uniformity(turned(a), kWidth), uniformity(a, kWidth), 1e-6);
}

TEST(shared_space, refuses_what_has_no_meaning) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_of([] {
              modality_gap({}, {1, 2}, 2);
            }),
            "shape: modality gap: expected at least one row, got none");
  EXPECT_EQ(error_of([] {
              modality_gap({1, 2}, {1, 2, 0, 0}, 2);
            }),
            "data: modality gap: b: row 1: expected a vector with a direction, got zeros; leave "
            "the row out");
  EXPECT_EQ(error_of([] {
              alignment({1, 2}, {1, 2, 3, 4}, 2);
            }),
            "shape: alignment: expected pairs, got 1 and 2 rows");
  EXPECT_EQ(error_of([] { alignment({}, {}, 2); }),
            "shape: alignment: expected pairs, got 0 and 0 rows");
  EXPECT_EQ(error_of([] {
              uniformity({1, 2}, 2);
            }),
            "shape: uniformity: expected at least two rows, got 1");
  EXPECT_EQ(error_of([&] {
              uniformity({1, nan}, 2);
            }),
            "data: uniformity: row 0: expected finite values, got NaN or infinity; leave the row "
            "out");
}
