// One diagonal's softmins and shares against the standard library's exponentials.
#include "align/soft_step.h"

#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

TEST(soft_step, softmins_and_shares_to_the_last_digits) {
  Rng random(1);
  for (const double gamma : {1e-3, 1.0, 1e3}) {
    constexpr int64_t kCount = 1003;
    std::vector<double> costs(kCount), before(kCount + 1), before_that(kCount + 1), out(kCount);
    std::vector<double> e(kCount), shares(3 * kCount);
    for (double& each : before) each = random.chance(0.1) ? kInfinity : random.uniform(-20, 20);
    for (double& each : before_that) each = random.uniform(-20, 20);
    for (double& each : e) each = random.uniform();
    soft_step(costs.data(), before.data(), before_that.data(), gamma, kCount, out.data());
    soft_shares(before.data(), before_that.data(), gamma, e.data(), kCount, shares.data(), kCount);
    for (size_t k = 0; k < kCount; ++k) {
      const double from[] = {before[k], before[k + 1], before_that[k + 1]};
      const double least = *std::min_element(from, from + 3);
      double sum = 0;
      for (const double each : from) sum += std::exp((least - each) / gamma);
      EXPECT_NEAR(out[k], least - gamma * std::log(sum), 4e-15 * (gamma + std::fabs(least)));
      for (size_t way = 0; way < 3; ++way)
        EXPECT_NEAR(shares[way * kCount + k], e[k] * std::exp((least - from[way]) / gamma) / sum,
                    1e-13);
    }
  }
}

TEST(soft_step, what_cannot_be_reached_has_no_share) {
  const double before[] = {kInfinity, 3}, before_that[] = {0, kInfinity}, e[] = {0.5};
  double shares[3];
  soft_shares(before, before_that, /*gamma=*/1, e, /*count=*/1, shares, /*stride=*/1);
  EXPECT_EQ(shares[0], 0);
  EXPECT_EQ(shares[1], 0.5);
  EXPECT_EQ(shares[2], 0);
  // A weight too small to count is dropped before it becomes subnormal.
  const double tiny[] = {1e-300};
  soft_shares(before, before_that, /*gamma=*/1, tiny, /*count=*/1, shares, /*stride=*/1);
  EXPECT_EQ(shares[1], 0);
}

}  // namespace
}  // namespace braid::align
