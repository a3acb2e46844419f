// Advice, search, costs and stress on the page and in the terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "report/compare_charts.h"
#include "report/compare_report.h"
#include "report/compare_sections.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

namespace {

Json stress_of(const char* name, const char* family, double last) {
  const auto points = [last] {
    Json list = Json::array();
    for (int i = 0; i < 10; ++i)
      list.push_back(
          {{"at", 0.1 * i}, {"mean", 0.9 - (0.9 - last) * i / 9}, {"interval", {0.1, 1}}});
    return list;
  };
  return {{"name", name},
          {"family", family},
          {"clean", {{"mean", 0.9}, {"interval", {0.8, 1.0}}}},
          {"shuffled",
           Json::array({Json{{"modality", "image"}, {"mean", 0.4}, {"interval", {0.3, 0.5}}}})},
          {"missing_at_random", Json::array({Json{{"modalities", Json::array({"image"})},
                                                  {"points", points()},
                                                  {"relative_robustness", 0.77},
                                                  {"effective_robustness", -0.0123}}})},
          {"corruptions", Json::array({Json{{"modality", "image"},
                                            {"name", "blur"},
                                            {"points", points()},
                                            {"relative_robustness", 0.66}}})}};
}

Json chosen() {
  Json compare = parse_json(read_file("tests/data_files/compare.json"), "compare.json");
  compare["advice"] = {
      {"family", "late"}, {"methods", {"average"}}, {"reasons", {"a < b", "few rows"}}};
  compare["search"] = Json::parse(R"({"epochs": 27, "epochs_of_all": 48, "rungs": [{"epochs": 5,
      "candidates": [{"method": "concat", "settings": {"lr": 0.02, "fusion.rank": 4}, "validation": 0.5,
                      "goes_on": true},
                     {"method": "<gmu>", "settings": {}, "validation": null, "goes_on": false}]}]})");
  compare["pareto"] = {{"front", {"gated", "audio"}}};
  compare["without"] =
      Json::parse(R"([{"modalities": ["image"], "latency_change": -0.8, "cost_change": 0,
      "difference": {"mean": -0.012, "interval": [-0.03, 0.002]}}])");
  for (Json& method : compare["methods"])
    if (method["difference_to_best_single"].is_object())
      method["difference_to_best_single"]["corrected_p"] = method["name"] == "gated" ? 0.01 : 0.4;
  compare["stress"] = {
      {"baseline", "average"},
      {"claims", {"Lost accuracy: late loses least."}},
      {"methods", {stress_of("average", "late", 0.7), stress_of("concat", "early", 0.3)}}};
  return compare;
}

}  // namespace

TEST(compare_choice, the_page_tells_all_of_it) {
  const std::string page = compare_page(chosen());
  for (const char* part :
       {"<li>a &lt; b</li>", "The family to try: <b>late</b>",
        "27 epochs were trained in place of 48", "lr=0.02, fusion.rank=4", "&lt;gmu&gt;",
        "better in one: gated, audio", "-0.012 [-0.030, +0.002]", "80% less", "the same",
        "Lost accuracy: late loses least.", "image: blur", "image missing", "0.77 (-0.012)",
        "average (late)", "p, corrected"})
    EXPECT_THAT(page, HasSubstr(part));
}

TEST(compare_choice, the_terminal_says_it_in_lines) {
  const std::string text = compare_table(chosen(), 0);
  for (const char* line :
       {"advice: late; a < b; few rows\n", "search: 27 epochs in place of 48 for all candidates\n",
        "1 method is better than the best single modality (p < 0.05)\n",
        "without image: -0.012 [-0.030, +0.002] accuracy, latency 80% less, cost the same\n",
        "Lost accuracy: late loses least.\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(compare_choice, what_was_not_measured_is_left_out) {
  const Json compare = parse_json(read_file("tests/data_files/compare.json"), "compare.json");
  const std::string page = compare_page(compare);
  for (const char* id : {"id=\"advice\"", "id=\"search\"", "id=\"costs\"", "id=\"stress\""})
    EXPECT_THAT(page, Not(HasSubstr(id)));
  EXPECT_THAT(compare_table(compare, 0), Not(HasSubstr("advice")));
}

TEST(compare_choice, rings_mark_the_front_alone) {
  CompareData data = read_compare(chosen());
  const auto count = [](const std::string& text, const std::string& part) {
    size_t n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count(cost_chart(data), "class=\"ring\""), 2u);
  EXPECT_EQ(count(cost_chart(data), "class=\"dot "), data.methods.size());
  for (MethodResult& method : data.methods) method.latency_ms = kAbsent;
  EXPECT_EQ(cost_chart(data), "");
}

}  // namespace braid::report
