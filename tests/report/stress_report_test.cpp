#include "report/stress_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

namespace {

Json with(Json value, const char* key, Json of) {
  value[key] = std::move(of);
  return value;
}

Json mean_of(double mean) { return {{"mean", mean}, {"interval", {mean - 0.125, mean + 0.125}}}; }

Json curve(double first, double last) {
  Json points = Json::array();
  for (int i = 0; i < 10; ++i)
    points.push_back(with(mean_of(first + (last - first) * i / 9), "at", 0.1 * i));
  return {{"points", points}, {"relative_robustness", 0.75}};
}

// Text carries the model; sound is not looked at.
Json stress_example() {
  Json s = {{"braid", "0.1.0"},
            {"bundle", "best"},
            {"manifest", "talks & more.csv"},
            {"target", "mood"},
            {"fusion", "concat"},
            {"metric", {{"name", "accuracy"}, {"higher_is_better", true}}},
            {"rows", 50},
            {"seed", 1},
            {"modalities", {"text", "sound"}},
            {"clean", mean_of(0.75)}};
  s["subsets"] = {with(mean_of(0.25), "modalities", Json::array()),
                  with(mean_of(0.5), "modalities", Json::array({"text"})),
                  with(mean_of(0.375), "modalities", Json::array({"sound"})),
                  with(mean_of(0.75), "modalities", {"text", "sound"})};
  s["shuffled"] = {with(mean_of(0.25), "modality", "text"),
                   with(mean_of(0.75), "modality", "sound")};
  s["missing_at_random"] = {with(curve(0.75, 0.3), "modalities", Json::array({"text"})),
                            with(curve(0.75, 0.6), "modalities", Json::array({"sound"})),
                            with(curve(0.75, 0.2), "modalities", {"text", "sound"})};
  Json typos = {{"name", "typos"},
                {"modality", "text"},
                {"level", "chance <of a typo>"},
                {"points",
                 {with(mean_of(0.75), "at", nullptr), with(mean_of(0.625), "at", 0.02),
                  with(mean_of(0.25), "at", 0.3)}},
                {"relative_robustness", 0.5}};
  s["corruptions"] = Json::array({typos});
  return s;
}

}  // namespace

TEST(stress_report, table) {
  const std::string table = stress_table(stress_example(), /*width_columns=*/100);
  EXPECT_THAT(table, HasSubstr("50 rows; accuracy 0.750 [0.625, 0.875] as they are"));
  // Absent: the subset of the others; in half of the rows: the sixth point; shuffled.
  EXPECT_THAT(table, HasSubstr("text      0.375 [0.250, 0.500]  0.500 [0.375, 0.625]  0.250 "));
  EXPECT_THAT(table, HasSubstr("sound     0.500 [0.375, 0.625]"));
  EXPECT_THAT(table, HasSubstr("0.625 at 0.02  0.250 at 0.3"));
  Json none = stress_example();
  none["corruptions"] = Json::array();
  EXPECT_THAT(stress_table(none, 0), Not(HasSubstr("corruption")));
}

TEST(stress_report, says_what_the_fault_gate_makes_of_it) {
  EXPECT_THAT(stress_table(stress_example(), /*width_columns=*/100),
              Not(HasSubstr("behind the gate")));
  Json gated = stress_example();
  Json& points = gated["corruptions"][0]["points"];
  points[1]["gate"] = with(mean_of(0.625), "masked", 0.0625);
  points[2]["gate"] = with(mean_of(0.375), "masked", 0.875);
  const std::string table = stress_table(gated, /*width_columns=*/200);
  EXPECT_THAT(table, HasSubstr("behind the gate"));
  EXPECT_THAT(table, HasSubstr("88 % masked: 0.375"));
  EXPECT_THAT(stress_page(gated),
              HasSubstr("behind the fault gate 6 % masked: 0.625, 88 % masked: 0.375"));
}

TEST(stress_report, page_is_whole_and_names_are_escaped) {
  const std::string page = stress_page(stress_example());
  for (const char* id : {"random", "subsets", "shuffled", "corruptions", "measured"})
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
  EXPECT_THAT(page, HasSubstr("talks &amp; more.csv"));
  EXPECT_THAT(page, HasSubstr("chance &lt;of a typo&gt;"));
  for (const char* load : {"http://", "https://", "src=", "<link", "\"nan"})
    EXPECT_THAT(page, Not(HasSubstr(load)));
}

TEST(stress_report, what_was_not_measured_is_said) {
  Json stress = stress_example();
  stress["corruptions"][0]["relative_robustness"] = nullptr;
  stress["shuffled"][0]["mean"] = nullptr;
  stress["shuffled"][0]["interval"] = {nullptr, nullptr};
  EXPECT_THAT(stress_table(stress, 0), HasSubstr("n/a"));
  EXPECT_THAT(stress_page(stress), Not(HasSubstr("\"nan")));
}

}  // namespace braid::report
