#include "formats/table.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "expect_error.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(table, finds_columns_by_name) {
  Table table;
  table.columns = {"id", "text"};
  EXPECT_EQ(table.column("id"), 0);
  EXPECT_EQ(table.column("text"), 1);
  EXPECT_EQ(table.column("Text"), -1);
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
    EXPECT_EQ(table.name, folder / file);
    EXPECT_EQ(table.columns, (std::vector<std::string>{"x", "y"})) << file;
    EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "2"}})) << file;
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
  const std::pair<const char*, size_t> sets[] = {
      {"mosi", 2199}, {"covid_cxr", 353}, {"emoji", 1580}, {"avdigits", 1500}};
  for (const auto& [set, num_rows] : sets)
    EXPECT_EQ(read_table(folder + "/" + set + "/manifest.csv").rows.size(), num_rows) << set;
}

}  // namespace
}  // namespace braid::formats
