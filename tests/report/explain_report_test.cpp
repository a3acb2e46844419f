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

Json curves(const char* name, double low, double high) {
  const Json curve = {0.9, 0.5, 0.4}, random = {0.9, 0.8, 0.4};
  return {{"rows", 50},
          {"parts", 12.4},
          {"steps", 2},
          {"random", {{"orders", 5}, {"deletion", random}, {"insertion", random}}},
          {"orders", Json::array({{{"name", name},
                                   {"deletion", curve},
                                   {"insertion", curve},
                                   {"deletion_gain", value((low + high) / 2, low, high)},
                                   {"insertion_gain", value(0.05, 0.01, 0.1)}}})}};
}

// With attention that finds what matters, gradients that do not, and one row.
Json detailed() {
  Json e = example();
  e["task"] = "binary";
  e["attention"] = {
      {"rows", 50},
      {"groups", {"text", "sound", "class token"}},
      {"layers",
       Json::array({{{"layer", 0},
                     {"heads",
                      {{{0.25, 0.5, 0.25}, {nullptr, nullptr, nullptr}, {0.1, 0.1, 0.8}},
                       {{0.75, 0.1, 0.15}, {nullptr, nullptr, nullptr}, {0.1, 0.1, 0.8}}}}}})},
      {"flow",
       {{"from", {"text", "sound", "prediction"}},
        {"to", {"text", "sound"}},
        {"shares", {{0.9, 0.1}, {0.2, 0.8}, {0.6, 0.4}}}}},
      {"faithfulness", curves("attention", 0.08, 0.16)}};
  e["attribution"] = {
      {"rows", 50},
      {"steps", 64},
      {"gap", {{"mean", 0.001}, {"most", 0.01}}},
      {"modalities",
       Json::array({{{"name", "table"},
                     {"mean", 0.2},
                     {"moves", 0.3},
                     {"columns", Json::array({{{"name", "age"}, {"moves", 0.1}}})}}})},
      {"faithfulness", curves("gradients", -0.1, 0.1)}};
  const Json word = {
      {"name", "<storm>"}, {"gradients", 0.4}, {"occlusion", -0.2}, {"attention", 0.7}};
  e["samples"] = Json::array(
      {{{"row", 17},
        {"truth", "bad"},
        {"predicted", "good"},
        {"is_right", false},
        {"score", 0.9},
        {"base", 0.5},
        {"gradients", {{"score", 0.9}, {"baseline", 0.4}, {"gap", 0.001}, {"steps", 64}}},
        {"modalities",
         Json::array(
             {{{"name", "text"},
               {"kind", "text"},
               {"present", true},
               {"share", 0.3},
               {"parts", Json::array({word})}},
              {{"name", "eye"},
               {"kind", "image"},
               {"present", true},
               {"share", 0.1},
               {"picture", "data:image/png;base64,AAAA"},
               {"height", 2},
               {"width", 4},
               {"gradients", {{0.5, -0.25}, {0, 0.1}}},
               {"occlusion", Json::parse("[[0.5]]")}},
              {{"name", "table"},
               {"kind", "tabular"},
               {"present", true},
               {"share", -0.1},
               {"parts", Json::array({{{"name", "age"},
                                       {"value", "41"},
                                       {"gradients", -0.2},
                                       {"occlusion", 0.1}}})}},
              {{"name", "sound"}, {"kind", "audio"}, {"present", false}, {"share", 0}}})}}});
  return e;
}

TEST(explain_report, words_say_whether_attention_finds_what_matters) {
  EXPECT_THAT(explain_table(detailed(), 0),
              HasSubstr("attention finds the tokens that matter: deleting them first costs +0.120 "
                        "[+0.080, +0.160] more than random order, showing them first regains "
                        "+0.050 [+0.010, +0.100] more.\n"
                        "integrated gradients: no better than random order; deleting first the "
                        "parts of the input so named costs 0.000 [-0.100, +0.100] more.\n"));
  Json misled = detailed();
  misled["attention"]["faithfulness"] = curves("attention", -0.3, -0.1);
  EXPECT_THAT(explain_table(misled, 0), HasSubstr("attention: worse than random order"));
  misled["attention"]["faithfulness"]["orders"][0]["deletion_gain"]["interval"] =
      Json::array({nullptr, nullptr});
  EXPECT_THAT(explain_table(misled, 0), HasSubstr("of rows that allow no interval"));
}

TEST(explain_report, attention_attribution_and_rows_are_drawn) {
  const std::string page = explain_page(detailed());
  for (const char* id : {"attention", "attribution", "samples"})
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
  EXPECT_THAT(page, HasSubstr("Row 17: good (0.900), in truth bad <span class=\"chip wrong\">"));
  EXPECT_THAT(page, HasSubstr("&lt;storm&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<storm>")));
  EXPECT_THAT(page, HasSubstr("rgba(255,96,0,0.75)"));   // the gradients speak for it
  EXPECT_THAT(page, HasSubstr("rgba(0,120,255,0.75)"));  // occlusion against
  EXPECT_THAT(page, HasSubstr("src=\"data:image/png;base64,AAAA\""));
  EXPECT_THAT(page, HasSubstr("This row has none."));
  EXPECT_THAT(page, HasSubstr("class=\"against\" style=\"left:25.0%;width:25.0%\""));
  for (const char* load : {"http://", "https://", "<link", "nan"})
    EXPECT_THAT(page, Not(HasSubstr(load)));
  for (size_t at = page.find("src="); at != std::string::npos; at = page.find("src=", at + 1))
    EXPECT_EQ(page.compare(at, 20, "src=\"data:image/png;b", 0, 20), 0);
}

TEST(explain_report, a_fusion_without_attention_says_so) {
  Json without = detailed();
  without["attention"] = nullptr;
  const std::string page = explain_page(without);
  EXPECT_THAT(page, HasSubstr("The fusion concat has no attention"));
  EXPECT_THAT(explain_words(without) + explain_table(without, 0),
              Not(HasSubstr("attention finds")));
}

TEST(explain_report, what_was_not_measured_is_said) {
  Json explain = example();
  explain["contributions"][0]["shapley"] = {{"mean", nullptr}, {"interval", {nullptr, nullptr}}};
  EXPECT_THAT(explain_table(explain, 0), HasSubstr("n/a"));
  EXPECT_THAT(explain_page(explain), Not(HasSubstr("nan")));
}

}  // namespace braid::report
