#include <gtest/gtest.h>

#include <cstdlib>

#include "expect_error.h"
#include "formats/table.h"
#include "table_rows.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::lines_of;
using braid::testing::Rows;
using braid::testing::rows_of;

Table parse(std::string_view text) { return parse_jsonl(text, "t.jsonl"); }

TEST(jsonl, gives_every_row_all_columns) {
  const Table table = parse("{\"b\": 1, \"a\": \"x\"}\n\n \t\n{\"c\": true, \"a\": null}\r\n{}\n");
  EXPECT_EQ(table.name(), "t.jsonl");
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(rows_of(table), (Rows{{"1", "x", ""}, {"", "", "true"}, {"", "", ""}}));
  EXPECT_EQ(lines_of(table), (std::vector<int64_t>{1, 4, 5}));
}

TEST(jsonl, writes_values_as_cells) {
  const Table table = parse(
      "\xEF\xBB\xBF{\"a\": \"caf\\u00e9 \\\"\\n;\", \"b\": -7, \"c\": 18446744073709551615, "
      "\"d\": 0.1, \"e\": 2.0, \"f\": 1e-7, \"g\": false, \"h\": [\"x\", 1.5, 2], \"i\": [], "
      "\"j\": \"\", \"k\": -0.0}");
  EXPECT_EQ(rows_of(table), (Rows{{"caf\xC3\xA9 \"\n;", "-7", "18446744073709551615", "0.1", "2",
                                   "1e-07", "false", "x;1.5;2", "", "", "-0"}}));
}

TEST(jsonl, numbers_come_back_to_the_same_double) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.125}) {
    const std::string line = fmt::format("{{\"a\": {:.17g}}}", value);
    EXPECT_EQ(std::strtod(rows_of(parse(line))[0][0].c_str(), nullptr), value) << line;
  }
}

TEST(jsonl, refuses_nested_values) {
  expect_error(ErrorKind::data,
               "t.jsonl:2: field 'm': expected text, a number, true, false, null or a list, got an "
               "object; make its members fields of their own",
               [] { parse("{\"m\": 1}\n{\"m\": {\"a\": 1}}"); });
  for (const char* list : {"[[1]]", "[{}]", "[null]", "[true]"})
    expect_error(ErrorKind::data, "t.jsonl:1: field 'm': expected a list of text or numbers",
                 [&] { parse(std::string("{\"m\": ") + list + "}"); });
}

TEST(jsonl, refuses_lines_that_are_no_object) {
  expect_error(ErrorKind::format, "t.jsonl:3: byte 8: expected JSON, got something else",
               [] { parse("{\"a\": 1}\n\n{\"a\": 1\n"); });
  expect_error(ErrorKind::data, "t.jsonl:1: expected an object {...}, got a list",
               [] { parse("[1, 2]\n"); });
  expect_error(ErrorKind::format, "t.jsonl:1: the key 'a' stands twice",
               [] { parse("{\"a\": 1, \"a\": 2}"); });
  expect_error(ErrorKind::format, "double's range", [] { parse("{\"a\": 1e999}"); });
}

TEST(jsonl, refuses_what_is_no_text) {
  expect_error(ErrorKind::format, "t.jsonl:2: expected UTF-8, got the byte 0xFF",
               [] { parse("{\"a\": 1}\n{\"a\": \"\xFF\"}"); });
  expect_error(ErrorKind::format, "t.jsonl:1: field 'a': expected text, got a NUL character",
               [] { parse("{\"a\": \"x\\u0000\"}"); });
  expect_error(ErrorKind::data, "expected a name for every field", [] { parse("{\"\": 1}"); });
  expect_error(ErrorKind::data, "a NUL in it", [] { parse("{\"a\\u0000\": 1}"); });
}

TEST(jsonl, refuses_a_file_without_fields) {
  for (const char* text : {"", "\n\n", "{}\n{}\n"})
    expect_error(ErrorKind::data, "t.jsonl:1: expected a JSON object with at least one field",
                 [&] { parse(text); });
}

TEST(jsonl, truncation_at_every_byte_is_a_table_or_an_error) {
  const std::string text =
      "{\"id\": 1, \"t\": \"caf\xC3\xA9 \\u00e9\", \"l\": [1, \"b\"]}\n{\"id\": 2}\n";
  int num_errors = 0;
  for (size_t length = 0; length < text.size(); ++length) {
    try {
      EXPECT_LE(parse(std::string_view(text).substr(0, length)).num_rows(), 2);
    } catch (const Error& e) {
      ++num_errors;
      EXPECT_EQ(std::string(e.what()).rfind("t.jsonl:", 0), 0u) << e.what();
    }
  }
  EXPECT_GT(num_errors, 30);
}

// 20,000 lines with a new field each would be 4e8 cells to look at.
TEST(jsonl, refuses_tables_that_grow_with_the_square_of_the_file) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += fmt::format("{{\"{}\": 1}}\n", i);
  expect_error(ErrorKind::data, "different fields make too sparse a table", [&] { parse(text); });
}

}  // namespace
}  // namespace braid::formats
