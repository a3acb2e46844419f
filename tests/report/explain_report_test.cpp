#include "report/explain_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

Json value(double mean, double low, double high) {
  return {{"mean", mean}, {"interval", {low, high}}};
}

// Sound helps and text makes up for it; the clock is noise; text and sound say much the same.
Json example() {
  Json e = {{"braid", "0.1.0"},
            {"bundle", "best"},
            {"manifest", "talks & more.csv"},
            {"target", "mood <3"},
            {"fusion", "concat"},
            {"metric", {{"name", "accuracy"}, {"higher_is_better", true}}},
            {"rows", 50},
            {"modalities", {"text", "sound", "clock"}}};
  const auto contribution = [](const char* name, Json shapley, Json lost) {
    return Json{{"name", name},          {"shapley", shapley}, {"alone", value(0.2, 0.1, 0.3)},
                {"leave_one_out", lost}, {"leads", 0.5},       {"moves", 0.1}};
  };
  e["contributions"] = {contribution("text", value(0.3, 0.2, 0.4), value(0.2, 0.1, 0.3)),
                        contribution("sound", value(0.1, 0.05, 0.2), value(0, -0.1, 0.1)),
                        contribution("clock", value(0, -0.02, 0.02), value(0, -0.01, 0.01))};
  e["pairs"] = {
      {{"modalities", {"text", "sound"}},
       {"interaction", value(-0.2, -0.3, -0.1)},
       {"information", {{"redundant", 0.4}, {"unique", {0.3, 0.01}}, {"synergistic", 0.05}}}},
      {{"modalities", {"text", "clock"}},
       {"interaction", value(0, -0.1, 0.1)},
       {"information", {{"redundant", 0}, {"unique", {0.7, 0}}, {"synergistic", 0}}}}};
  Json none = value(0.5, 0.4, 0.6), all = value(0.9, 0.8, 1);
  none["modalities"] = Json::array();
  all["modalities"] = e["modalities"];
  e["subsets"] = {none, all};
  return e;
}

TEST(explain_report, words_say_what_can_be_told_from_chance) {
  EXPECT_EQ(explain_words(example()),
            "text contributes +0.300 of accuracy.\n"
            "sound contributes +0.100 of accuracy, but the others make up for it where it is "
            "missing.\n"
            "clock contributes nothing that can be told from chance.\n"
            "text + sound say much the same (-0.200).\n");
  Json lower = example();
  lower["metric"] = {{"name", "rmse"}, {"higher_is_better", false}};
  EXPECT_THAT(explain_words(lower), HasSubstr("text contributes +0.300 of less rmse."));
  Json lone = example();
  lone["contributions"][0]["shapley"]["interval"] = Json::array({nullptr, nullptr});
  EXPECT_THAT(explain_words(lone),
              HasSubstr("text contributes +0.300 of accuracy, of rows that allow no interval."));
  Json harmful = example();
  harmful["contributions"][2]["shapley"] = value(-0.05, -0.1, -0.01);
  EXPECT_THAT(explain_words(harmful), HasSubstr("clock makes accuracy worse (-0.050)."));
}

TEST(explain_report, table) {
  const std::string table = explain_table(example(), /*width_columns=*/100);
  EXPECT_THAT(table, HasSubstr("text      +0.300 [+0.200, +0.400]"));
  EXPECT_THAT(table, HasSubstr("text + sound  -0.200 [-0.300, -0.100]"));
  Json values = example();
  for (Json& pair : values["pairs"]) pair.erase("information");
  EXPECT_THAT(explain_table(values, 0), Not(HasSubstr("bits")));
}

TEST(explain_report, page_is_whole_and_names_are_escaped) {
  const std::string page = explain_page(example());
  EXPECT_THAT(page, HasSubstr("mood &lt;3"));
  EXPECT_THAT(page, Not(HasSubstr("mood <3")));
  EXPECT_THAT(page, HasSubstr("talks &amp; more.csv"));
  for (const char* id : {"contributions", "pairs", "rows", "subsets", "measured"})
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
  for (const char* load : {"http://", "https://", "src=", "<link", "nan"})
    EXPECT_THAT(page, Not(HasSubstr(load)));
}

TEST(explain_report, what_was_not_measured_is_said) {
  Json explain = example();
  explain["contributions"][0]["shapley"] = {{"mean", nullptr}, {"interval", {nullptr, nullptr}}};
  EXPECT_THAT(explain_table(explain, 0), HasSubstr("n/a"));
  EXPECT_THAT(explain_page(explain), Not(HasSubstr("nan")));
}

}  // namespace braid::report
