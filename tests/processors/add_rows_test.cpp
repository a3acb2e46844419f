#include "processors/add_rows.h"

#include <gmock/gmock.h>

#include <vector>

#include "core/rng.h"

namespace braid::processors {
namespace {

using ::testing::ElementsAre;

TEST(add_rows, adds_four_weighted_rows) {
  const std::vector<uint8_t> rows = {1, 2, 10, 20, 100, 200, 0, 255};
  const std::vector<int32_t> weights = {1, -2, 3, 4};
  std::vector<int32_t> sums = {1000, 2000};
  add_rows(rows.data(), 2, weights.data(), sums.data());
  EXPECT_THAT(sums, ElementsAre(1000 + 1 - 20 + 300, 2000 + 2 - 40 + 600 + 1020));
}

TEST(add_rows, floats_are_the_plain_sums_bit_for_bit) {
  Rng random(9);
  for (size_t size : {1, 7, 8, 9, 64, 101}) {
    std::vector<float> rows(4 * size), weights(4), sums(size);
    for (float& value : rows) value = static_cast<float>(random.uniform(0, 255));
    for (float& value : weights) value = static_cast<float>(random.uniform(0, 0.5));
    for (float& value : sums) value = static_cast<float>(random.uniform(0, 255));
    std::vector<float> plain = sums;
    add_rows(rows.data(), size, weights.data(), sums.data());
    plain_add_rows(rows.data(), size, weights.data(), plain.data());
    EXPECT_EQ(sums, plain) << size;
  }
}

}  // namespace
}  // namespace braid::processors
