#include "report/compare_charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

TEST(compare_charts, calibration_error_is_the_weighted_gap) {
  // (|0.9 - 0.8| * 30 + |0.5 - 0.6| * 10 + |0.7 - 0.7| * 10) / 50 = (3 + 1 + 0) / 50
  EXPECT_NEAR(calibration_error({{0.8, 0.9, 30}, {0.6, 0.5, 10}, {0.7, 0.7, 10}}), 0.08, 1e-12);
  EXPECT_TRUE(std::isnan(calibration_error({})));
  EXPECT_NEAR(calibration_error({{0.8, 0.9, 30}, {kAbsent, kAbsent, 0}}), 0.1, 1e-12);
}

MethodResult method_with_difference(double low, double high) {
  MethodResult method;
  method.name = "m";
  method.has_difference = true;
  method.difference = {(low + high) / 2, low, high};
  return method;
}

TEST(compare_charts, a_difference_is_coloured_only_where_its_interval_leaves_out_zero) {
  CompareData data;
  data.methods = {method_with_difference(0.1, 0.2)};
  EXPECT_THAT(difference_chart(data), HasSubstr("dot good"));
  data.higher_is_better = false;
  EXPECT_THAT(difference_chart(data), HasSubstr("dot bad"));
  data.methods = {method_with_difference(-0.1, 0.2)};
  EXPECT_THAT(difference_chart(data), HasSubstr("dot s5"));
  data.methods = {method_with_difference(kAbsent, kAbsent)};
  EXPECT_THAT(difference_chart(data), Not(HasSubstr("dot good")));
}

TEST(compare_charts, a_confusion_matrix_has_numbers_up_to_thirty_classes) {
  CompareData data;
  MethodResult method;
  for (size_t num_classes : {2, 30, 31, 200}) {
    method.confusion.assign(num_classes, std::vector<double>(num_classes, 0));
    for (size_t i = 0; i < num_classes; ++i) method.confusion[i][i] = 7;
    const std::string svg = confusion_chart(data, method);
    if (num_classes <= 30) {
      EXPECT_THAT(svg, HasSubstr(">7</text>")) << num_classes;
    } else {
      EXPECT_THAT(svg, Not(HasSubstr(">7</text>"))) << num_classes;
    }
    EXPECT_THAT(svg, HasSubstr("truth class 1, predicted class 1: 7 (100% of the class)"));
    // The diagonal alone: a sparse matrix stays small.
    EXPECT_LT(svg.size(), num_classes <= 30 ? 250'000u : 60'000u);
  }
}

TEST(compare_charts, the_best_epoch_is_marked_on_its_own_run) {
  MethodResult method;
  method.name = "m";
  method.runs = {{1, 0, 2, 3, 0.5, 0.5}, {2, 0, 3, 3, 0.5, 0.5}};
  method.curves = {
      {1, {1, 2, 3}, {3, 2, 1}, {0.9, 0.8, 0.7}, {}}};  // of run 1, whose best epoch is 3
  const std::string svg = loss_chart(method);
  EXPECT_THAT(svg, HasSubstr("seed 2, fold 0: best epoch 3, 0.700"));
  EXPECT_THAT(svg, Not(HasSubstr("seed 1")));
}

TEST(compare_charts, parts_without_data_are_empty) {
  const CompareData data;
  const MethodResult method;
  EXPECT_EQ(metric_chart(data), "");
  EXPECT_EQ(difference_chart(data), "");
  EXPECT_EQ(loss_chart(method), "");
  EXPECT_EQ(validation_chart(data, method, Range()), "");
  EXPECT_EQ(confusion_chart(data, method), "");
  EXPECT_EQ(calibration_chart("m", {{0.5, 0.5, 0}}, "s0"), "");
  EXPECT_EQ(scatter_chart(data, method), "");
  EXPECT_EQ(subset_chart(data), "");
}

}  // namespace braid::report
