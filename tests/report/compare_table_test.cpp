#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "report/compare_report.h"
#include "report/text_table.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

Json fixture() { return parse_json(read_file("tests/data_files/compare.json"), "compare.json"); }

int widest_line(const std::string& text) {
  std::istringstream lines(text);
  int widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, display_width(line));
  return widest;
}

TEST(compare_table, shows_the_best_first_with_the_winner_marked) {
  const std::string text = compare_table(fixture(), 120);
  EXPECT_THAT(
      text,
      HasSubstr("accuracy (higher is better) on 300 test rows, mean of 2 seeds, [95% interval]\n"));
  EXPECT_THAT(text, HasSubstr("* gated    hybrid  0.884 [0.853, 0.912]  +0.094 [+0.060, +0.125]  "
                              "133.9k  24.9 s  1.34 ms\n"));
  EXPECT_THAT(text, HasSubstr("  audio    single  0.790 [0.759, 0.818]            (best single)   "
                              "48.3k  11.2 s  0.72 ms\n"));
  EXPECT_LT(text.find("* gated"), text.find("  concat"));
  EXPECT_THAT(text, HasSubstr("image + audio + tabular   0.865  0.885    0.844\n"));
  EXPECT_THAT(text, HasSubstr("fusion gains +9.4 points"));
}

TEST(compare_table, fits_the_terminal_and_says_what_it_left_out) {
  for (int width : {60, 70, 80, 100, 200})
    EXPECT_LE(widest_line(compare_table(fixture(), width)), width);
  EXPECT_THAT(compare_table(fixture(), 80), HasSubstr("(not shown at this width: latency)"));
  EXPECT_THAT(compare_table(fixture(), 0), Not(HasSubstr("not shown")));
}

TEST(compare_table, many_methods_spread_the_subsets_over_several_tables) {
  Json compare = fixture();
  for (Json& row : compare["subsets"]) {
    for (int i = 0; i < 12; ++i) row["methods"]["cross_attention_" + std::to_string(i)] = 0.5;
  }
  const std::string text = compare_table(compare, 80);
  EXPECT_LE(widest_line(text), 80);
  size_t tables = 0;
  for (size_t at = text.find("only these"); at != std::string::npos;
       at = text.find("only these", at + 1))
    ++tables;
  EXPECT_GE(tables, 2u);
}

TEST(compare_table, what_is_absent_reads_n_a) {
  const std::string text =
      compare_table({{"methods", {{{"name", "text"}, {"metric", {{"mean", nullptr}}}}}}}, 100);
  EXPECT_THAT(text,
              HasSubstr("  text    n/a        n/a             n/a     n/a    n/a      n/a\n"));
  EXPECT_THAT(text, Not(HasSubstr("the winner")));
  EXPECT_THAT(compare_table(Json::object(), 80), HasSubstr("no method finished"));
  EXPECT_THROW(compare_table(Json::array(), 80), Error);
}

TEST(compare_table, names_cannot_drive_the_terminal) {
  Json compare = fixture();
  compare["methods"][0]["name"] = "\x1B[2Jimage\n";
  compare["verdict"] = "gain\x1B[31m";
  const std::string text = compare_table(compare, 100);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("?[2Jimage?"));
}

}  // namespace braid::report
