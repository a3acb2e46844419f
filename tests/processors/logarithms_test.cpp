#include "processors/logarithms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace braid::processors {
namespace {

TEST(logarithms, equal_the_c_librarys) {
  std::vector<double> values, expected;
  for (int exponent = -300; exponent <= 300; exponent += 3)
    for (const double factor : {1.0, 1.19, 1.41421, 1.41422, 1.7, 1.999}) {
      values.push_back(std::ldexp(factor, exponent));
      expected.push_back(std::log(values.back()));
    }
  take_logs(values.data(), static_cast<int64_t>(values.size()), 1e-300);
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(values[i], expected[i], 1e-12 * std::max(1.0, std::fabs(expected[i]))) << i;
}

TEST(logarithms, start_at_the_floor) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values{0, -1, 1e-20, 1e-3, infinity, std::nan("")};
  take_logs(values.data(), 6, 1e-3);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(values[i], std::log(1e-3), 1e-12) << i;
  EXPECT_EQ(values[4], infinity);
  EXPECT_TRUE(std::isnan(values[5]));
}

}  // namespace
}  // namespace braid::processors
