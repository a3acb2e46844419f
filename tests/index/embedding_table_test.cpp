#include "index/embedding_table.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "formats/expect_error.h"
#include "formats/npy.h"

using namespace braid;
using namespace braid::index;
using braid::testing::expect_error;

namespace {

EmbeddingTable example() {
  return {2,
          {1, -2, .5f, 3e30f, 0, 7},
          {"id", "modality", "path"},
          {{"a", "image", "img/1.png"}, {"b", "text", "Says \"no\", twice\nover"}, {"", "", " "}}};
}

}  // namespace

TEST(embedding_table, reads_what_it_wrote) {
  const TemporaryFolder temporary;
  const std::string folder = temporary / "table";
  const EmbeddingTable table = example();
  write_embedding_table(folder, table);
  write_embedding_table(folder, table);  // over its own
  const EmbeddingTable read = read_embedding_table(folder);
  EXPECT_EQ(read.width, 2);
  EXPECT_EQ(read.size(), 3);
  EXPECT_EQ(read.vectors, table.vectors);
  EXPECT_EQ(read.columns, table.columns);
  EXPECT_EQ(read.rows, table.rows);
}

TEST(embedding_table, is_a_manifest_of_embeddings) {
  const TemporaryFolder temporary;
  write_embedding_table(temporary / "t", {1, {1, 2}, {"id", "modality"}, {{"a", "x"}, {"b", "y"}}});
  EXPECT_EQ(read_file(temporary / "t/manifest.csv"),
            "id,modality,embedding\na,x,embeddings.npy#0\nb,y,embeddings.npy#1\n");
  EXPECT_EQ(formats::read_npy_row(temporary / "t/embeddings.npy", 1).values,
            (std::vector<double>{2}));
}

TEST(embedding_table, follows_the_manifest) {
  // Someone left a row out, repeated one and moved the column.
  const TemporaryFolder temporary;
  write_embedding_table(temporary / "t", {1, {5, 6, 7}, {"id"}, {{"a"}, {"b"}, {"c"}}});
  write_file_atomically(temporary / "t/manifest.csv",
                        "embedding,id\nembeddings.npy#2,c\nembeddings.npy#0,a\n"
                        "embeddings.npy#2,c again\n");
  const EmbeddingTable read = read_embedding_table(temporary / "t");
  EXPECT_EQ(read.vectors, (std::vector<float>{7, 5, 7}));
  EXPECT_EQ(read.columns, (std::vector<std::string>{"id"}));
  EXPECT_EQ(read.rows, (std::vector<std::vector<std::string>>{{"c"}, {"a"}, {"c again"}}));
}

TEST(embedding_table, refuses_what_a_manifest_cannot_hold) {
  const TemporaryFolder temporary;
  const std::string folder = temporary / "t";
  const auto refuses = [&](ErrorKind kind, const char* part, EmbeddingTable table) {
    expect_error(kind, part, [&] { write_embedding_table(folder, table); });
    EXPECT_FALSE(file_exists(folder));
  };
  refuses(ErrorKind::data, "expected at least one embedding, got none", {2, {}, {"id"}, {}});
  refuses(ErrorKind::shape, "vectors: expected 1 rows of 2 values, got 3 values",
          {2, {1, 2, 3}, {"id"}, {{"a"}}});
  refuses(ErrorKind::shape, "row 0: expected 2 cells, got 1", {1, {1}, {"id", "path"}, {{"a"}}});
  refuses(ErrorKind::data, "any name but 'embedding'", {1, {1}, {"embedding"}, {{"a"}}});
  refuses(ErrorKind::data, "stands twice", {1, {1}, {"id", "id"}, {{"a", "b"}}});
  refuses(ErrorKind::data, "a manifest cannot hold it", {1, {1}, {"id"}, {{"\xff"}}});
  refuses(ErrorKind::data, "a manifest cannot hold it",
          {1, {1}, {"id"}, {{std::string("a\0b", 3)}}});
}

TEST(embedding_table, leaves_other_folders_alone) {
  const TemporaryFolder temporary;
  write_file_atomically(temporary / "manifest.csv", "id,label\n1,yes\n");
  expect_error(ErrorKind::usage, "got files of another origin",
               [&] { write_embedding_table(temporary.path(), example()); });
  EXPECT_EQ(read_file(temporary / "manifest.csv"), "id,label\n1,yes\n");
}

TEST(embedding_table, refuses_broken_files) {
  const TemporaryFolder temporary;
  const std::string folder = temporary / "t";
  write_embedding_table(folder, example());
  const std::string array = read_file(folder + "/embeddings.npy");
  const auto refuses = [&](ErrorKind kind, const std::string& part) {
    expect_error(kind, part, [&] { read_embedding_table(folder); });
  };
  for (size_t size = 0; size < array.size(); ++size) {
    write_file_atomically(folder + "/embeddings.npy", array.substr(0, size));
    refuses(ErrorKind::format, "embeddings.npy");
  }
  write_file_atomically(folder + "/embeddings.npy", array + "x");
  refuses(ErrorKind::format, "data: expected 24 bytes, got 25; is the file complete?");
  write_file_atomically(folder + "/embeddings.npy", formats::serialize_npy({3}, {1, 2, 3}));
  refuses(ErrorKind::format, "expected an array [N, D] of float32 in C order, got <f4 of [3]");
  write_file_atomically(folder + "/embeddings.npy", array);
  for (const char* cell : {"embeddings.npy#3", "embeddings.npy#-1", "embeddings.npy#",
                           "embeddings.npy#1x", "other.npy#0", ""}) {
    write_file_atomically(folder + "/manifest.csv", std::string("id,embedding\na,") + cell + "\n");
    refuses(ErrorKind::data, std::string("manifest.csv:2: column 'embedding': expected "
                                         "embeddings.npy#ROW with a row under 3, got '") +
                                 cell + "'");
  }
  write_file_atomically(folder + "/manifest.csv", "id,vector\na,embeddings.npy#0\n");
  refuses(ErrorKind::data, "expected a column 'embedding', got id, vector");
}
