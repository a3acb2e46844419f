#include "align/columns.h"

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using Names = std::vector<std::string>;

TEST(columns, samples_gaps_and_the_rest) {
  double value = 0;
  for (const char* gap : {"", "  ", "nan", "NaN", "-nan", "NA", "n/a", "NULL", "None"}) {
    EXPECT_TRUE(parse_sample(gap, &value)) << gap;
    EXPECT_TRUE(std::isnan(value)) << gap;
  }
  const std::pair<const char*, double> numbers[] = {
      {"1.5", 1.5}, {"+2", 2}, {" -3e2\t", -300}, {".5", 0.5}, {"0.1", 0.1}};
  for (const auto& [cell, expected] : numbers) {
    EXPECT_TRUE(parse_sample(cell, &value)) << cell;
    EXPECT_EQ(value, expected) << cell;
  }
  for (const char* bad : {"x", "1x", "inf", "-Infinity", "1e999", "1,5", "+", "+-1", "missing"})
    EXPECT_FALSE(parse_sample(bad, &value)) << bad;
}

TEST(columns, headers) {
  EXPECT_EQ(columns_of({"t", " x "}, "f", 1).names, (Names{"t", "x"}));
  EXPECT_TRUE(columns_of({"t", "1"}, "f", 1).has_header);  // a channel may be named 1
  for (const std::vector<std::string_view>& row :
       {std::vector<std::string_view>{"1", "nan"}, {"2024-03-01", "2"}, {"", "3"}}) {
    EXPECT_FALSE(columns_of(row, "f", 1).has_header);
    EXPECT_EQ(columns_of(row, "f", 1).names, (Names{"column_1", "column_2"}));
  }
  expect_error(ErrorKind::data, "f:1: the column 'x' stands twice", [] {
    columns_of({"x", " x"}, "f", 1);
  });
}

TEST(columns, names_in_messages) {
  EXPECT_EQ(list_names({"a", "b"}), "a, b");
  EXPECT_EQ(list_names(Names(14, "a")), "a, a, a, a, a, a, a, a, a, a, a, a and 2 more");
}

TEST(columns, paths) {
  EXPECT_EQ(delimiter_of("a/b.CSV"), ',');
  EXPECT_EQ(delimiter_of("a.tab"), '\t');
  EXPECT_EQ(delimiter_of("a.csv/b"), '\0');
  EXPECT_EQ(extension_of("a/b.Npy"), ".npy");
  EXPECT_EQ(stem_of("S02/EDA.csv"), "EDA");
}

}  // namespace
}  // namespace braid::align
