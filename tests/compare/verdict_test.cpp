// Every sentence the verdict can be, from intervals made by hand.
#include "compare/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::compare {
namespace {

VerdictInput accuracy(double mean, double low, double high) {
  VerdictInput in;
  in.best_single = "text";
  in.best_fusion = "concat";
  in.metric = "accuracy";
  in.fusion_gain = {mean, low, high};
  return in;
}

VerdictInput rmse(double mean, double low, double high) {
  VerdictInput in = accuracy(mean, low, high);
  in.metric = "rmse";
  in.higher_is_better = in.is_share = false;
  return in;
}

TEST(verdict, a_gain_beyond_doubt) {
  EXPECT_EQ(
      verdict(accuracy(0.0123, 0.0041, 0.02)),
      "fusion gains +1.2 points of accuracy, interval [+0.4, +2.0] over text alone: use concat");
  EXPECT_EQ(verdict(rmse(-0.5, -0.75, -0.25)),
            "fusion gains -0.5 in rmse, interval [-0.75, -0.25] over text alone: use concat");
}

TEST(verdict, a_loss_beyond_doubt) {
  EXPECT_EQ(verdict(accuracy(-0.03, -0.05, -0.01)),
            "fusion brings -3.0 points of accuracy, interval [-5.0, -1.0] against text alone: use "
            "text alone");
  EXPECT_EQ(
      verdict(rmse(0.5, 0.25, 0.75)),
      "fusion brings +0.5 in rmse, interval [+0.25, +0.75] against text alone: use text alone");
}

TEST(verdict, says_so_where_the_bundle_holds_another) {
  VerdictInput in = accuracy(0.0123, 0.0041, 0.02);
  in.winner = "concat";
  EXPECT_EQ(verdict(in).find("bundle"), std::string::npos);
  in.winner = "text";
  EXPECT_NE(
      verdict(in).find(": use concat (the validation rows chose text, which the bundle holds)"),
      std::string::npos);
  in = accuracy(0.007, -0.004, 0.018);
  in.winner = "concat";
  EXPECT_NE(verdict(in).find(": use text alone (the validation rows chose concat, which the bundle "
                             "holds)"),
            std::string::npos);
}

TEST(verdict, in_doubt_the_single_modality_is_enough) {
  EXPECT_EQ(
      verdict(accuracy(0.007, -0.004, 0.018)),
      "fusion gains +0.7 points of accuracy, interval [-0.4, +1.8] includes 0: use text alone");
  EXPECT_EQ(
      verdict(accuracy(-0.007, -0.018, 0.004)),
      "fusion brings -0.7 points of accuracy, interval [-1.8, +0.4] includes 0: use text alone");
  EXPECT_EQ(verdict(rmse(-0.5, -1.25, 0.25)),
            "fusion gains -0.5 in rmse, interval [-1.25, +0.25] includes 0: use text alone");
  EXPECT_EQ(verdict(rmse(0.5, -0.25, 1.25)),
            "fusion brings +0.5 in rmse, interval [-0.25, +1.25] includes 0: use text alone");
}

TEST(verdict, an_interval_that_touches_0_includes_it) {
  EXPECT_NE(verdict(accuracy(0.01, 0, 0.02)).find("includes 0"), std::string::npos);
  EXPECT_NE(verdict(accuracy(0, 0, 0)).find("includes 0: use text alone"), std::string::npos);
}

TEST(verdict, a_score_in_raw_units_keeps_them) {
  VerdictInput in = accuracy(0.12345, 0.05, 0.2);
  in.metric = "r2";
  in.is_share = false;
  EXPECT_EQ(verdict(in),
            "fusion gains +0.1235 in r2, interval [+0.05, +0.2] over text alone: use concat");
}

TEST(verdict, nothing_to_fuse_and_nothing_to_measure) {
  VerdictInput in = accuracy(0, 0, 0);
  in.best_fusion = "";
  EXPECT_EQ(verdict(in), "nothing was fused: use text");
  EXPECT_EQ(
      verdict(accuracy(NAN, NAN, NAN)),
      "accuracy cannot be measured on this test split: use text alone and collect more test rows");
}

}  // namespace
}  // namespace braid::compare
