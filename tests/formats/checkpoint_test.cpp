#include "formats/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "checkpoint_samples.h"
#include "expect_error.h"
#include "formats/safetensors.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

namespace fs = std::filesystem;
using braid::testing::container;
using braid::testing::entry;
using braid::testing::expect_error;
using braid::testing::index_of;
using braid::testing::one_tensor_file;
using Files = std::map<std::string, std::string>;

void write_files(const TemporaryFolder& folder, const Files& files) {
  for (const auto& [name, bytes] : files) write_file_atomically(folder / name, bytes);
}

// A folder of these files does not open.
void expect_refused(const Files& files, const std::string& part) {
  const TemporaryFolder folder;
  write_files(folder, files);
  expect_error(ErrorKind::format, folder.path() + part, [&] { Checkpoint::open(folder.path()); });
}

TEST(checkpoint, opens_a_file_and_a_folder) {
  const TemporaryFolder folder;
  write_files(folder, {{"model.safetensors", container("{" + entry("b", "[0,2]", "[2]") + "," +
                                                           entry("a", "[2,3]", "[]") +
                                                           ",\"__metadata__\":{\"format\":\"pt\"}}",
                                                       "xyz")},
                       {"other.safetensors", one_tensor_file("c")}});
  for (const std::string& path : {folder.path(), folder / "model.safetensors"}) {
    const Checkpoint checkpoint = Checkpoint::open(path);
    ASSERT_EQ(checkpoint.tensors().size(), 2u);
    EXPECT_EQ(checkpoint.tensors()[0].name, "a");
    EXPECT_EQ(checkpoint.tensors()[1].name, "b");
    ASSERT_NE(checkpoint.find("b"), nullptr);
    EXPECT_EQ(checkpoint.find("b")->bytes, "xy");
    EXPECT_EQ(checkpoint.find("c"), nullptr);
    EXPECT_EQ(checkpoint.find(""), nullptr);
    EXPECT_EQ(checkpoint.metadata(), (Files{{"format", "pt"}}));
    EXPECT_EQ(checkpoint.files(), std::vector<std::string>{folder / "model.safetensors"});
    EXPECT_EQ(checkpoint.num_bytes(), 3);
  }
}

TEST(checkpoint, copies_keep_the_bytes) {
  const TemporaryFolder folder;
  write_files(folder, {{"m.safetensors", one_tensor_file("a")}});
  auto first = std::make_unique<Checkpoint>(Checkpoint::open(folder / "m.safetensors"));
  const Checkpoint copy = *first;
  EXPECT_EQ(copy.find("a"), first->find("a"));
  first.reset();
  fs::remove(folder / "m.safetensors");
  EXPECT_EQ(copy.find("a")->bytes, "xy");
}

TEST(checkpoint, opens_shards) {
  const TemporaryFolder folder;
  make_folders(folder / "part");
  write_files(folder,
              {{"model.safetensors.index.json",
                index_of(R"("a":"1.safetensors","b":"part/2.safetensors")")},
               {"1.safetensors", one_tensor_file("a")},
               {"part/2.safetensors", container("{" + entry("b", "[0,2]", "[2]") +
                                                    ",\"__metadata__\":{\"format\":\"pt\"}}",
                                                "zw")}});
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  EXPECT_EQ(checkpoint.files(),
            (std::vector<std::string>{folder / "1.safetensors", folder / "part/2.safetensors"}));
  EXPECT_EQ(checkpoint.find("a")->bytes, "xy");
  EXPECT_EQ(checkpoint.find("b")->bytes, "zw");
  EXPECT_EQ(checkpoint.num_bytes(), 4);
  EXPECT_EQ(checkpoint.metadata(), (Files{{"format", "pt"}}));
  write_files(folder, {{"model.safetensors", one_tensor_file("whole")}});
  EXPECT_NE(Checkpoint::open(folder.path()).find("whole"), nullptr);  // the first counts
}

TEST(checkpoint, refuses_shards_that_do_not_fit_the_index) {
  const std::string index = "model.safetensors.index.json";
  const std::string a = one_tensor_file("a"), b = one_tensor_file("b");
  const std::string both = index_of(R"("a":"1.safetensors","b":"2.safetensors")");
  expect_refused({{index, both}, {"1.safetensors", a}},
                 "/2.safetensors: expected the file, as model.safetensors.index.json says, got "
                 "none; is the download complete?");
  expect_refused({{index, both}, {"1.safetensors", a}, {"2.safetensors", a}},
                 "/2.safetensors: tensor 'a': expected in 1.safetensors alone, as "
                 "model.safetensors.index.json says");
  expect_refused({{index, both}, {"1.safetensors", container("{}", "")}, {"2.safetensors", b}},
                 "/1.safetensors: expected the tensor 'a', as model.safetensors.index.json says, "
                 "got none of that name");
  expect_refused({{index, index_of(R"("a":"1.safetensors")")},
                  {"1.safetensors", container("{" + entry("a", "[0,1]", "[1]") + "," +
                                                  entry("b", "[1,2]", "[1]") + "}",
                                              "xy")}},
                 "/1.safetensors: tensor 'b': expected in model.safetensors.index.json as well, "
                 "got no line there");
  expect_refused(
      {{index, both}, {"1.safetensors", a}, {"2.safetensors", b.substr(0, b.size() - 1)}},
      "/2.safetensors: tensor 'b': data_offsets: expected an end within the 1 bytes");
  expect_refused({{index, index_of(R"("a":"../1.safetensors")")}},
                 "/model.safetensors.index.json: weight_map: tensor 'a': expected the path of a "
                 "file in the folder of the index, got \"../1.safetensors\"");
}

TEST(checkpoint, says_what_a_folder_without_weights_holds) {
  expect_refused({}, ": expected model.safetensors or model.safetensors.index.json, got nothing");
  expect_refused({{"config.json", "{}"}, {"a.txt", ""}},
                 ": expected model.safetensors or model.safetensors.index.json, got a.txt, "
                 "config.json");
  for (const char* name : {"pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5",
                           "flax_model.msgpack", "model.ckpt", "weights.pth"})
    expect_refused({{name, "x"}, {"config.json", "{}"}},
                   ": expected model.safetensors or model.safetensors.index.json, got " +
                       std::string(name) + "; convert the weights to safetensors");
  expect_refused({{"model-00001-of-00002.safetensors", ""}, {"pytorch_model.bin", ""}},
                 ": expected model.safetensors or model.safetensors.index.json, got "
                 "model-00001-of-00002.safetensors; name the file that is meant");
  Files many;
  for (char name = 'a'; name < 'k'; ++name) many[std::string(1, name)] = "";
  expect_refused(many,
                 ": expected model.safetensors or model.safetensors.index.json, got a, b, c, "
                 "d, e, f, g, h and 2 more");
}

TEST(checkpoint, refuses_what_stands_in_the_place_of_weights) {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 268435456\n";
  expect_refused({{"model.safetensors", pointer}},
                 "/model.safetensors: expected the file itself, got a Git LFS pointer to it; fetch "
                 "it with `git lfs pull`");
  expect_refused({{"model.safetensors.index.json", pointer}},
                 "/model.safetensors.index.json: expected the file itself, got a Git LFS pointer");
  const TemporaryFolder folder;
  write_files(folder, {{"pytorch_model.bin", "PK\3\4........"}});
  expect_error(ErrorKind::format, "/pytorch_model.bin: expected a safetensors file; convert",
               [&] { Checkpoint::open(folder / "pytorch_model.bin"); });
  expect_error(ErrorKind::io, "/none: cannot open", [&] { Checkpoint::open(folder / "none"); });
  fs::create_symlink("nowhere", folder / "model.safetensors");
  expect_error(ErrorKind::io, "/model.safetensors: cannot open: No such file",
               [&] { Checkpoint::open(folder.path()); });
}

TEST(checkpoint, truncation_at_every_byte_is_an_error) {
  const TemporaryFolder folder;
  const std::string path = folder / "m.safetensors";
  const std::string bytes = container(
      "{" + entry("a", "[0,4]", "[1]", "\"F32\"") + "," + entry("b", "[4,6]", "[2]") + "}",
      "abcdef");
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::ofstream(path, std::ios::binary) << bytes.substr(0, length);
    expect_error(ErrorKind::format, path + ": ", [&] { Checkpoint::open(path); });
  }
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(Checkpoint::open(path).tensors().size(), 2u);
}

// Every published file that the goldens hold.
TEST(checkpoint, opens_the_goldens) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  size_t num_files = 0;
  for (const auto& item : fs::recursive_directory_iterator(goldens)) {
    if (item.path().filename() != "model.safetensors") continue;
    SCOPED_TRACE(item.path());
    ++num_files;
    const Checkpoint checkpoint = Checkpoint::open(item.path().parent_path());
    const SafeTensors copied = read_safetensors(item.path());
    EXPECT_EQ(checkpoint.metadata(), copied.metadata);
    ASSERT_EQ(checkpoint.tensors().size(), copied.tensors.size());
    EXPECT_GT(checkpoint.num_bytes(), 0);
    for (const TensorView& tensor : checkpoint.tensors()) {
      const SafeTensor* other = copied.find(tensor.name);
      ASSERT_NE(other, nullptr) << tensor.name;
      EXPECT_TRUE(tensor.bytes == other->bytes) << tensor.name;
      for (const float value : to_floats(tensor)) ASSERT_TRUE(std::isfinite(value)) << tensor.name;
    }
  }
  EXPECT_GE(num_files, 30u);
}

// "same values as models/qwen2 in several shards", says the manifest.
TEST(checkpoint, shards_hold_what_one_file_holds) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const Checkpoint sharded = Checkpoint::open(goldens + "/variants/qwen2_sharded");
  const Checkpoint whole = Checkpoint::open(goldens + "/models/qwen2");
  EXPECT_EQ(sharded.files().size(), 3u);
  EXPECT_EQ(sharded.num_bytes(), 293568);  // as its index says
  EXPECT_EQ(whole.num_bytes(), 293568);
  braid::testing::expect_same_tensors(whole.tensors(), sharded);
}

// The variants are the models' weights rounded: bfloat16 keeps 8 bits, float16 keeps 11 and nothing
// finer than 2^-24, so a value is off by half of that at most.
TEST(checkpoint, half_precision_is_the_model_rounded) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  struct Variant {
    const char *name, *model, *dtype, *prefix;
    float relative, absolute;
    size_t num_tensors;  // all of the file but inv_freq in F32 and the head's bias
  };
  for (const Variant& variant :
       {Variant{"llama_bf16_inv_freq", "llama", "BF16", "", 0x1p-8f, 0, 30},
        Variant{"roberta_fp16_prefixed", "roberta", "F16", "roberta.", 0x1p-11f, 0x1p-25f, 53}}) {
    const Checkpoint rounded = Checkpoint::open(goldens + "/variants/" + variant.name);
    const Checkpoint model = Checkpoint::open(goldens + "/models/" + variant.model);
    size_t num_compared = 0;
    for (const TensorView& tensor : model.tensors()) {
      const TensorView* other = rounded.find(variant.prefix + tensor.name);
      if (other == nullptr || other->dtype != variant.dtype) continue;
      ++num_compared;
      const std::vector<float> got = to_floats(*other), expected = to_floats(tensor);
      ASSERT_EQ(got.size(), expected.size());
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_LE(std::fabs(got[i] - expected[i]),
                  std::max(variant.relative * std::fabs(expected[i]), variant.absolute))
            << tensor.name << " " << i;
    }
    EXPECT_EQ(num_compared, variant.num_tensors) << variant.name;
  }
}

}  // namespace
}  // namespace braid::formats
