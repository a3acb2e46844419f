#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.h"
#include "core/rng.h"
#include "expect_error.h"
#include "formats/csv_rows.h"
#include "formats/table.h"
#include "support/shared_folders.h"
#include "table_rows.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::lines_of;
using braid::testing::Rows;
using braid::testing::rows_of;
using Lines = std::vector<int64_t>;

Table parse(std::string_view text) { return parse_csv(text, ',', "t.csv"); }

TEST(csv, reads_rows_and_their_lines) {
  const Table table = parse("id,text\n1,a\n\n2,\n , b \n");
  EXPECT_EQ(table.name(), "t.csv");
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"id", "text"}));
  EXPECT_EQ(rows_of(table), (Rows{{"1", "a"}, {"2", ""}, {" ", " b "}}));
  EXPECT_EQ(lines_of(table), (Lines{2, 4, 5}));
}

TEST(csv, takes_every_line_end_and_no_last_one) {
  for (const char* text :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\n3,4",
        "\xEF\xBB\xBF"
        "a,b\r\n1,2\r\n3,4"}) {
    const Table table = parse(text);
    EXPECT_EQ(table.columns(), (std::vector<std::string>{"a", "b"})) << text;
    EXPECT_EQ(rows_of(table), (Rows{{"1", "2"}, {"3", "4"}})) << text;
    EXPECT_EQ(lines_of(table), (Lines{2, 3})) << text;
  }
}

TEST(csv, reads_quoted_cells) {
  const Table table =
      parse("a,b\n\"x,\"\"y\"\"\",\"\"\n\"one\ntwo\r\nthree\",4\n5,\"6\"\n7\" tall,8");
  EXPECT_EQ(rows_of(table),
            (Rows{{"x,\"y\"", ""}, {"one\ntwo\r\nthree", "4"}, {"5", "6"}, {"7\" tall", "8"}}));
  EXPECT_EQ(lines_of(table), (Lines{2, 3, 6, 7}));  // the row at line 3 takes three lines
}

TEST(csv, reads_tabs) {
  const Table table = parse_csv("a\tb\n1,5\t\"x\ty\"\n\t\n", '\t', "t.tsv");
  EXPECT_EQ(rows_of(table), (Rows{{"1,5", "x\ty"}, {"", ""}}));
}

TEST(csv, rows_without_a_header) {
  const std::string text =
      "\xEF\xBB\xBF"
      "1,\"a\"\"b\"\n\n2\n";
  CsvRows rows(text, ',', "t.csv");
  std::vector<std::string_view> cells, others;
  int64_t line = 0;
  ASSERT_TRUE(rows.next_row(&cells, &line));
  EXPECT_EQ(line, 1);
  CsvRows copy = rows;  // goes on by itself
  for (CsvRows* each : {&copy, &rows}) {
    ASSERT_TRUE(each->next_row(&others, &line));
    EXPECT_EQ(others, (std::vector<std::string_view>{"2"}));
    EXPECT_EQ(line, 3);
    if (each == &copy) {
      EXPECT_EQ(cells, (std::vector<std::string_view>{"1", "a\"b"}));
    }
    EXPECT_FALSE(each->next_row(&others, &line));
  }
  expect_error(ErrorKind::data, "t.csv:3: expected 2 cells, got 1",
               [&] { rows.check_num_cells(1, 2, 3); });
}

TEST(csv, a_header_alone_is_an_empty_table) {
  EXPECT_EQ(parse("a,b\n").num_rows(), 0);
  EXPECT_EQ(lines_of(parse("\n\na\n1\n")), (Lines{4}));
}

TEST(csv, says_which_line_is_ragged) {
  expect_error(ErrorKind::data,
               "t.csv:4: expected 2 cells, got 3; put cells that hold ',' or a quote in quotes",
               [] { parse("a,b\n\"1\n\",2\n1,2,3\n"); });
  expect_error(ErrorKind::data, "t.csv:2: expected 2 cells, got 1", [] { parse("a,b\n1\n"); });
  expect_error(ErrorKind::data, "cells that hold '\\t'",
               [] { parse_csv("a\tb\n1\n", '\t', "t.tsv"); });
}

TEST(csv, refuses_headers_without_sense) {
  for (const char* text : {"", "\n\r\n", "\xEF\xBB\xBF"})
    expect_error(ErrorKind::data, "t.csv:1: expected a line of column names, got an empty file",
                 [&] { parse(text); });
  expect_error(ErrorKind::data, "t.csv:1: expected a name for column 2, got an empty cell",
               [] { parse("a,,b\n"); });
  expect_error(ErrorKind::data, "t.csv:2: the column 'a' stands twice", [] { parse("\na,b,a\n"); });
}

TEST(csv, refuses_broken_quotes) {
  expect_error(ErrorKind::format, "t.csv:3: a quote opens here and never closes",
               [] { parse("a,b\n1,2\n3,\"x\n\n\n"); });
  expect_error(ErrorKind::format, "t.csv:2: a quote opens here", [] { parse("a\n\""); });
  expect_error(ErrorKind::format,
               "t.csv:3: expected ',' or the end of the line after a closing quote, got 'd'",
               [] { parse("a\n\"b\nc\"d\n"); });
  expect_error(ErrorKind::format, "got '\xC3\xA9'", [] { parse("a\n\"b\"\xC3\xA9\n"); });
}

TEST(csv, refuses_bytes_that_are_no_text) {
  expect_error(ErrorKind::format, "t.csv:3: expected UTF-8, got the byte 0xE9",
               [] { parse("a\nb\ncaf\xE9\n"); });
  expect_error(ErrorKind::format, "t.csv:2: expected text, got a NUL byte",
               [] { parse(std::string_view("a\nb\0\n", 5)); });
}

TEST(csv, truncation_at_every_byte_is_a_table_or_an_error) {
  const std::string text = "id,text\r\n1,\"a \"\"b\"\"\nc\"\r\n2,caf\xC3\xA9\n";
  int num_errors = 0;
  for (size_t length = 0; length < text.size(); ++length) {
    try {
      EXPECT_LE(parse(std::string_view(text).substr(0, length)).num_rows(), 2);
    } catch (const Error& e) {
      ++num_errors;
      EXPECT_EQ(std::string(e.what()).rfind("t.csv:", 0), 0u) << e.what();
    }
  }
  EXPECT_GT(num_errors, 10);
}

TEST(csv, quotes_only_where_needed) {
  EXPECT_EQ(format_csv_row({"a", "b c", "1.5"}), "a,b c,1.5");
  EXPECT_EQ(format_csv_row({"a,b", "say \"x\"", "two\nlines", "\r"}),
            "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"\r\"");
  EXPECT_EQ(format_csv_row({"", ""}), ",");
  EXPECT_EQ(format_csv_row({""}), "\"\"");
}

TEST(csv, reads_back_what_it_writes) {
  const char* const pieces[] = {"a", ",", "\"", "\n", "\r", " ", "\t", "\xC3\xA9", "\xEF\xBB\xBF"};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const size_t num_columns = 1 + rng.below(3);
    Rows rows(1 + rng.below(4), std::vector<std::string>(num_columns));
    for (auto& row : rows)
      for (std::string& cell : row)
        for (uint64_t i = rng.below(4); i > 0; --i) cell += pieces[rng.below(std::size(pieces))];
    for (size_t i = 0; i < num_columns; ++i) rows[0][i] += std::to_string(i);  // distinct names
    std::string text;
    for (const auto& row : rows) text += format_csv_row(row) + "\n";
    const Table table = parse(text);
    EXPECT_EQ(table.columns(), rows[0]) << text;
    EXPECT_EQ(rows_of(table), Rows(rows.begin() + 1, rows.end())) << text;
  }
}

// Row counts and columns as the folders' READMEs give them.
TEST(csv, reads_real_manifests) {
  const std::string folder = braid::testing::data_folder();
  if (folder.empty()) GTEST_SKIP() << "no data folder; set BRAID_DATA";
  const auto read = [&](const char* path) {
    return parse_csv(read_file(folder + path), ',', path);
  };
  const Table mosi = read("/mosi/manifest.csv");
  EXPECT_EQ(mosi.num_rows(), 2199);
  EXPECT_EQ(mosi.cell(0, mosi.column("text")), "ANYHOW IT WAS REALLY GOOD");
  EXPECT_EQ(mosi.cell(4, mosi.column("video_features")), "video.npy#4");
  const Table covid = read("/covid_cxr/manifest.csv");
  EXPECT_EQ(covid.num_rows(), 353);
  const Table emoji = read("/emoji/manifest.csv");
  EXPECT_EQ(emoji.num_rows(), 1580);
  EXPECT_EQ(emoji.cell(0, emoji.column("character")), "\xF0\x9F\x98\x80");  // U+1F600
  EXPECT_EQ(emoji.cell(0, emoji.column("caption")),
            "grinning face. face, smile, happy, joy, grin, smiley");
  for (const Table* table : {&mosi, &covid, &emoji}) {
    EXPECT_GE(table->column("id"), 0);
    const Lines lines = lines_of(*table);
    EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
  }
}

}  // namespace
}  // namespace braid::formats
