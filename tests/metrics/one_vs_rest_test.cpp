#include "metrics/one_vs_rest.h"

#include <algorithm>

#include "core/rng.h"
#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

namespace {

// Tells what it was given: 100 * positives + negatives, NaN without positives.
double sizes(std::vector<double>& positives, std::vector<double>& negatives) {
  if (positives.empty()) return std::nan("");
  return 100.0 * double(positives.size()) + double(negatives.size());
}

double first_positive(std::vector<double>& positives, std::vector<double>&) {
  return positives.empty() ? std::nan("") : positives[0];
}

}  // namespace

TEST(one_vs_rest, takes_class_one_of_two) {
  const Predictions p = binary({.1, .7, .3}, {0, 1, 0});
  EXPECT_DOUBLE_EQ(one_vs_rest(p, sizes), 102);
  EXPECT_DOUBLE_EQ(one_vs_rest(p, first_positive), .7);
}

TEST(one_vs_rest, averages_over_classes_that_are_defined) {
  // Class 0: 1 and 2, class 1: 2 and 1, class 2: NaN. (102 + 201) / 2.
  const Predictions p = guesses(3, {0, 0, 0}, {0, 1, 1});
  EXPECT_DOUBLE_EQ(one_vs_rest(p, sizes), 151.5);
}

TEST(one_vs_rest, averages_over_labels) {
  // Labels 0 and 1: 2 and 1; label 2 never set. First positives: .9 and .5.
  EXPECT_DOUBLE_EQ(one_vs_rest(three_labels(), sizes), 201);
  EXPECT_DOUBLE_EQ(one_vs_rest(three_labels(), first_positive), .7);
}

TEST(one_vs_rest, is_undefined_where_every_class_is) {
  EXPECT_TRUE(std::isnan(one_vs_rest(binary({.1, .7}, {0, 0}), sizes)));
}

TEST(one_vs_rest, counts_like_a_linear_search) {
  braid::Rng rng(3);
  for (size_t size = 0; size < 40; ++size) {
    std::vector<double> sorted(size);
    for (double& x : sorted) x = double(rng.below(12));
    std::sort(sorted.begin(), sorted.end());
    for (double value = -0.5; value < 13; value += 0.5) {
      const auto below =
          std::count_if(sorted.begin(), sorted.end(), [&](double x) { return x < value; });
      const auto equal = std::count(sorted.begin(), sorted.end(), value);
      EXPECT_EQ(num_below(sorted, value), size_t(below));
      EXPECT_EQ(num_not_above(sorted, value), size_t(below + equal));
    }
  }
}
