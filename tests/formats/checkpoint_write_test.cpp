#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "checkpoint_samples.h"
#include "expect_error.h"
#include "formats/checkpoint.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

namespace fs = std::filesystem;
using braid::testing::every_dtype;
using braid::testing::expect_error;
using braid::testing::expect_same_tensors;
using Names = std::vector<std::string>;

Names names_in(const std::string& folder) {
  Names names;
  for (const auto& item : fs::directory_iterator(folder))
    names.push_back(item.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(checkpoint_write, reads_back_every_type_in_one_file_or_in_shards) {
  const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"note", "two\nlines"}};
  int64_t total = 0;
  for (const TensorView& tensor : every_dtype()) total += static_cast<int64_t>(tensor.bytes.size());
  for (const int64_t limit : {int64_t{1}, int64_t{16}, int64_t{50}, total - 1, total, INT64_MAX}) {
    SCOPED_TRACE(limit);
    const TemporaryFolder folder;
    write_checkpoint(folder / "new/model", every_dtype(), metadata, limit);
    const Checkpoint checkpoint = Checkpoint::open(folder / "new/model");
    expect_same_tensors(every_dtype(), checkpoint);
    EXPECT_EQ(checkpoint.metadata(), metadata);
    EXPECT_EQ(checkpoint.num_bytes(), total);
    EXPECT_EQ(checkpoint.files().size() == 1, limit >= total);
    for (const std::string& file : checkpoint.files()) {
      const Checkpoint shard = Checkpoint::open(file);
      EXPECT_EQ(shard.metadata(), metadata);
      EXPECT_TRUE(shard.num_bytes() <= limit || shard.tensors().size() <= 2) << file;
    }
  }
}

// In order of names 3 and 4 bytes make 7, 2 more would make 9.
TEST(checkpoint_write, fills_shards_in_turn) {
  const std::vector<TensorView> tensors = {{"c", "U8", {2}, "cc"},
                                           {"a", "U8", {3}, "aaa"},
                                           {"b", "U8", {4}, "bbbb"},
                                           {"d", "U8", {9}, "ddddddddd"}};
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), tensors, {}, 8);
  EXPECT_EQ(names_in(folder.path()),
            (Names{"model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                   "model-00003-of-00003.safetensors", "model.safetensors.index.json"}));
  const Checkpoint first = Checkpoint::open(folder / "model-00001-of-00003.safetensors");
  ASSERT_EQ(first.tensors().size(), 2u);
  EXPECT_EQ(first.tensors()[1].name, "b");
  EXPECT_EQ(Checkpoint::open(folder / "model-00003-of-00003.safetensors").num_bytes(), 9);
}

TEST(checkpoint_write, the_same_bytes_in_any_order_and_aligned) {
  const TemporaryFolder folder;
  std::vector<TensorView> tensors = every_dtype();
  write_checkpoint(folder / "a", tensors, {});
  std::reverse(tensors.begin(), tensors.end());
  write_checkpoint(folder / "b", tensors, {});
  EXPECT_TRUE(read_file(folder / "a/model.safetensors") ==
              read_file(folder / "b/model.safetensors"));
  const Checkpoint checkpoint = Checkpoint::open(folder / "a");
  for (const TensorView& tensor : checkpoint.tensors())
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.bytes.data()) % item_bytes(tensor.dtype), 0u)
        << tensor.name;
}

TEST(checkpoint_write, replaces_what_stood_there) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "config.json", "{}");
  write_file_atomically(folder / "model-final.safetensors", "kept");
  const Names others = {"config.json", "model-final.safetensors"};
  write_checkpoint(folder.path(), every_dtype(), {}, 100);
  // The views of the mapped files stay whole while these are replaced and removed.
  for (const int64_t limit : {int64_t{60}, INT64_MAX, int64_t{60}, int64_t{100}, INT64_MAX}) {
    const Checkpoint before = Checkpoint::open(folder.path());
    write_checkpoint(folder.path(), before.tensors(), {}, limit);
    const Checkpoint after = Checkpoint::open(folder.path());
    expect_same_tensors(every_dtype(), after);
    expect_same_tensors(every_dtype(), before);
    const size_t num_files = after.files().size() + (after.files().size() > 1 ? 1 : 0);
    EXPECT_EQ(names_in(folder.path()).size(), num_files + others.size());
  }
  EXPECT_EQ(names_in(folder.path()),
            (Names{"config.json", "model-final.safetensors", "model.safetensors"}));
}

TEST(checkpoint_write, writes_no_tensors) {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), {}, {});
  EXPECT_TRUE(Checkpoint::open(folder.path()).tensors().empty());
}

TEST(checkpoint_write, refuses_before_it_writes) {
  const TemporaryFolder folder;
  const TensorView a = {"a", "U8", {2}, "xy"};
  const auto refuse = [&](ErrorKind kind, const std::string& part, const TensorView& second,
                          int64_t limit) {
    expect_error(kind, part, [&] { write_checkpoint(folder / "m", {a, second}, {}, limit); });
    EXPECT_FALSE(file_exists(folder / "m"));
  };
  const TensorView b = {"b", "U8", {2}, "xy"};
  refuse(ErrorKind::usage, "max_shard_bytes: expected 1 at least, got 0", b, 0);
  for (const int64_t limit : {1, 100}) {
    refuse(ErrorKind::usage, "tensor 'a': expected a name that no other tensor has", a, limit);
    refuse(ErrorKind::usage, "got 'F4'", {"b", "F4", {1}, "x"}, limit);
    refuse(ErrorKind::shape, "tensor 'b': expected the bytes of U8 [3], got 1",
           {"b", "U8", {3}, "x"}, limit);
    refuse(ErrorKind::usage, "UTF-8", {"\xFF", "U8", {1}, "x"}, limit);
  }
  const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (int i = 0; i <= 10'000; ++i) made.push_back(std::to_string(i));
    return made;
  }();
  std::vector<TensorView> many;
  for (const std::string& name : names) many.push_back({name, "U8", {1}, "x"});
  expect_error(ErrorKind::usage, "leads to 10000 files at most, got 1, which leads to 10001",
               [&] { write_checkpoint(folder / "m", many, {}, 1); });
  expect_error(ErrorKind::io, "/file", [&] {
    write_file_atomically(folder / "file", "");
    write_checkpoint(folder / "file", {a}, {});
  });
}

// What PyTorch's side wrote, in shards and back.
TEST(checkpoint_write, goldens_survive) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  for (const char* name :
       {"variants/llama_bf16_inv_freq", "variants/roberta_fp16_prefixed", "models/clip"}) {
    const Checkpoint published = Checkpoint::open(goldens + "/" + name);
    const TemporaryFolder folder;
    write_checkpoint(folder.path(), published.tensors(), published.metadata(), 50'000);
    EXPECT_GT(Checkpoint::open(folder.path()).files().size(), 2u);
    expect_same_tensors(published.tensors(), Checkpoint::open(folder.path()));
  }
}

}  // namespace
}  // namespace braid::formats
