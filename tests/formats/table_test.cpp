#include "formats/table.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include "core/file.h"
#include "expect_error.h"
#include "support/shared_folders.h"
#include "table_rows.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::lines_of;
using braid::testing::Rows;
using braid::testing::rows_of;

TEST(table, finds_columns_by_name) {
  const Table table("t.csv", {"id", "text"});
  EXPECT_EQ(table.column("id"), 0);
  EXPECT_EQ(table.column("text"), 1);
  EXPECT_EQ(table.column("Text"), -1);
}

TEST(table, rows_without_their_last_cells_have_them_empty) {
  Table table("t.jsonl", {"a"});
  table.add_row({"1"}, 3);
  table.add_column("b");
  table.add_row({}, 4);
  table.add_row({"", "x"}, 6);
  EXPECT_EQ(rows_of(table), (Rows{{"1", ""}, {"", ""}, {"", "x"}}));
  EXPECT_EQ(lines_of(table), (std::vector<int64_t>{3, 4, 6}));
  EXPECT_EQ(table.cell(2, 1), "x");
}

TEST(table, keeps_only_the_rows_asked_for) {
  Table table("t.csv", {"a", "b"});
  table.add_row({"1", "2"}, 2);
  table.add_row({"3"}, 4);
  table.add_row({"5", "6"}, 5);
  const Table kept = table.only({0, 2});
  EXPECT_EQ(kept.name(), "t.csv");
  EXPECT_EQ(kept.columns(), table.columns());
  EXPECT_EQ(rows_of(kept), (Rows{{"1", "2"}, {"5", "6"}}));
  EXPECT_EQ(lines_of(kept), (std::vector<int64_t>{2, 5}));
}

// What malloc has handed out; a sanitizer's own malloc counts nothing here.
uint64_t held_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// 50,000 rows of eight cells of 16 bytes: 6.8 MB of text, 4 bytes a cell and 24 a row make 9.6, up
// to 10.5 with the vectors' growth. With a string for every cell it would be 26.
TEST(table, holds_less_than_twice_its_text) {
  std::string csv = "a,b,c,d,e,f,g,h\n", jsonl;
  for (int row = 0; row < 50000; ++row) {
    jsonl += '{';
    for (int column = 0; column < 8; ++column) {
      const std::string cell = fmt::format("{:015}{}", row, column);
      csv += cell + (column < 7 ? "," : "\n");
      jsonl += fmt::format("\"{}\":\"{}\"{}", column, cell, column < 7 ? "," : "}\n");
    }
  }
  const uint64_t before = held_bytes();
  const Table from_csv = parse_csv(csv, ',', "t.csv");
  EXPECT_LT(held_bytes() - before, 2 * csv.size());
  const uint64_t between = held_bytes();
  const Table from_jsonl = parse_jsonl(jsonl, "t.jsonl");
  EXPECT_LT(held_bytes() - between, 2 * csv.size());
  EXPECT_EQ(from_jsonl.row(49999), from_csv.row(49999));
}

TEST(table, reads_by_extension) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> files[] = {{"a.csv", "x,y\n1,2\n"},
                                                       {"a.TSV", "x\ty\n1\t2\n"},
                                                       {"a.tab", "x\ty\n1\t2\n"},
                                                       {"a.jsonl", "{\"x\": 1, \"y\": 2}\n"},
                                                       {"a.ndjson", "{\"x\": 1, \"y\": 2}\n"}};
  for (const auto& [file, text] : files) {
    write_file_atomically(folder / file, text);
    const Table table = read_table(folder / file);
    EXPECT_EQ(table.name(), folder / file);
    EXPECT_EQ(table.columns(), (std::vector<std::string>{"x", "y"})) << file;
    EXPECT_EQ(rows_of(table), (Rows{{"1", "2"}})) << file;
  }
}

TEST(table, refuses_other_files) {
  expect_error(ErrorKind::usage,
               "a.xlsx: expected a table (.csv, .tsv, .tab, .jsonl or .ndjson), got the extension "
               "'.xlsx'; export it as CSV",
               [] { read_table("a.xlsx"); });
  expect_error(ErrorKind::usage, "got the extension ''", [] { read_table("folder.csv/a"); });
  expect_error(ErrorKind::io, "no/such.csv: cannot open", [] { read_table("no/such.csv"); });
}

TEST(table, names_the_file_and_line_of_a_fault) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.csv", "x,y\n1\n");
  expect_error(ErrorKind::data, (folder / "a.csv") + ":2: expected 2 cells, got 1",
               [&] { read_table(folder / "a.csv"); });
}

TEST(table, reads_every_real_manifest) {
  const std::string folder = braid::testing::data_folder();
  if (folder.empty()) GTEST_SKIP() << "no data folder; set BRAID_DATA";
  const std::pair<const char*, int64_t> sets[] = {
      {"mosi", 2199}, {"covid_cxr", 353}, {"emoji", 1580}, {"avdigits", 1500}};
  for (const auto& [set, num_rows] : sets)
    EXPECT_EQ(read_table(folder + "/" + set + "/manifest.csv").num_rows(), num_rows) << set;
}

}  // namespace
}  // namespace braid::formats
