#include "formats/hub_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "checkpoint_samples.h"
#include "core/file.h"
#include "expect_error.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

namespace fs = std::filesystem;
using braid::testing::expect_error;
using Files = std::map<std::string, std::string>;
using Names = std::vector<std::string>;

constexpr const char* kModules =
    R"([{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},)"
    R"({"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}])";

void write_files(const std::string& folder, const Files& files) {
  for (const auto& [name, bytes] : files) {
    make_folders(fs::path(folder + "/" + name).parent_path().string());
    write_file_atomically(folder + "/" + name, bytes);
  }
}

HubFolder read(const Files& files) {
  const TemporaryFolder folder;
  write_files(folder.path(), files);
  return read_hub_folder(folder.path());
}

void expect_refused(const Files& files, const std::string& part) {
  const TemporaryFolder folder;
  write_files(folder.path(), files);
  expect_error(ErrorKind::format, folder.path() + part, [&] { read_hub_folder(folder.path()); });
}

Names modes_of(const std::string& pooling) {
  return read({{"config.json", "{}"},
               {"modules.json", kModules},
               {"1_Pooling/config.json", pooling}})
      .pooling_modes;
}

TEST(hub_folder, a_folder_with_a_config_alone) {
  const HubFolder found = read({{"config.json", R"({"model_type":"bert"})"}});
  EXPECT_EQ(found.config["model_type"], "bert");
  EXPECT_EQ(found.model_path, found.path);
  EXPECT_TRUE(found.preprocessor.is_null());
  EXPECT_TRUE(found.pooling.is_null());
  EXPECT_TRUE(found.sentences.is_null());
  EXPECT_TRUE(found.modules.empty());
  EXPECT_TRUE(found.pooling_modes.empty());
  EXPECT_TRUE(found.num_values.empty());
  EXPECT_FALSE(found.has_tokenizer || found.has_weights || found.normalizes);
}

TEST(hub_folder, says_what_is_beside_the_config) {
  const HubFolder found =
      read({{"config.json", "{}"},
            {"preprocessor_config.json", R"({"size":224})"},
            {"vocab.txt", "[PAD]"},
            {"model.safetensors", braid::testing::container(
                                      "{" + braid::testing::entry("a", "[0,3]", "[3]") + "," +
                                          braid::testing::entry("b", "[3,11]", "[2,2]", "\"F16\"") +
                                          "," + braid::testing::entry("c", "[11,12]", "[]") + "}",
                                      "0123456789ab")}});
  EXPECT_EQ(found.preprocessor["size"], 224);
  EXPECT_TRUE(found.has_tokenizer);
  EXPECT_TRUE(found.has_weights);
  EXPECT_EQ(found.num_values, (std::map<std::string, int64_t>{{"U8", 4}, {"F16", 4}}));
  for (const char* name : {"tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model",
                           "sentencepiece.bpe.model"})
    EXPECT_TRUE(read({{"config.json", "{}"}, {name, ""}}).has_tokenizer) << name;
}

TEST(hub_folder, the_model_may_lie_in_a_folder_of_its_own) {
  const TemporaryFolder folder;
  write_files(folder.path(),
              {{"modules.json", R"([{"path":"0_Transformer","type":"a.Transformer"},
                                                   {"path":"","type":"Normalize"}])"},
               {"0_Transformer/config.json", R"({"hidden_size":4})"},
               {"0_Transformer/sentence_bert_config.json", R"({"max_seq_length":64})"},
               {"0_Transformer/tokenizer.json", "{}"}});
  const HubFolder found = read_hub_folder(folder.path());
  EXPECT_EQ(found.model_path, folder / "0_Transformer");
  EXPECT_EQ(found.config["hidden_size"], 4);
  EXPECT_EQ(found.sentences["max_seq_length"], 64);
  EXPECT_TRUE(found.has_tokenizer);
  EXPECT_TRUE(found.normalizes);
  EXPECT_EQ(found.modules, (Names{"Transformer", "Normalize"}));
  fs::remove(folder / "0_Transformer/config.json");
  expect_error(ErrorKind::format,
               "/0_Transformer: expected config.json, as a published model has, got "
               "sentence_bert_config.json, tokenizer.json",
               [&] { read_hub_folder(folder.path()); });
}

TEST(hub_folder, pooling_modes_of_either_spelling) {
  EXPECT_EQ(modes_of(R"({"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true})"),
            Names{"mean"});
  EXPECT_EQ(modes_of(R"({"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true,
                         "pooling_mode_cls_token":true})"),
            (Names{"cls", "max", "mean"}));
  EXPECT_EQ(modes_of(R"({"pooling_mode_mean_sqrt_len_tokens":true,"pooling_mode_lasttoken":true,
                         "pooling_mode_weightedmean_tokens":true})"),
            (Names{"mean_sqrt_len", "weightedmean", "lasttoken"}));
  EXPECT_EQ(modes_of(R"({"pooling_mode":"lasttoken"})"), Names{"lasttoken"});
  EXPECT_EQ(modes_of(R"({"pooling_mode":"mean_sqrt_len_tokens"})"), Names{"mean_sqrt_len"});
}

TEST(hub_folder, refuses_a_folder_that_is_no_model) {
  expect_refused({}, ": expected config.json, as a published model has, got nothing");
  expect_refused({{"a.txt", ""}, {"tokenizer.json", "{}"}},
                 ": expected config.json, as a published model has, got a.txt, tokenizer.json");
  expect_refused({{"config.json", "{"}}, "/config.json: byte 2: expected JSON");
  expect_refused({{"config.json", "[]"}}, "/config.json: expected an object {...}, got array");
  expect_refused({{"config.json", "{}"}, {"preprocessor_config.json", "1"}},
                 "/preprocessor_config.json: expected an object {...}, got number");
  expect_refused({{"config.json", "{}"}, {"model.safetensors", "cut"}},
                 "/model.safetensors: byte 0: header length: expected 8 bytes, got 3");
  const TemporaryFolder folder;
  expect_error(ErrorKind::io, "/none: expected a model's folder, got nothing there",
               [&] { read_hub_folder(folder / "none"); });
  write_file_atomically(folder / "file", "");
  expect_error(ErrorKind::io, "/file: cannot read the folder: Not a directory",
               [&] { read_hub_folder(folder / "file"); });
}

TEST(hub_folder, refuses_modules_that_are_none) {
  const auto refuse = [](const std::string& modules, const std::string& part) {
    expect_refused({{"config.json", "{}"}, {"modules.json", modules}}, "/modules.json: " + part);
  };
  refuse("{}", "expected a list of 1 to 100 modules, got object of 0");
  refuse("[]", "expected a list of 1 to 100 modules, got array of 0");
  refuse("[1]", "module 0: expected an object with the text 'type'");
  refuse(R"([{"type":"a"}])", "module 0: expected an object with the text 'path'");
  for (const char* path : {"../x", "/x", "a/../.."})
    refuse(R"([{"type":"a.Pooling","path":")" + std::string(path) + "\"}]",
           "module 0: path: expected a place in the folder, got \"" + std::string(path) + "\"");
  const auto refuse_pooling = [](const std::string& pooling, const std::string& part) {
    expect_refused(
        {{"config.json", "{}"}, {"modules.json", kModules}, {"1_Pooling/config.json", pooling}},
        "/1_Pooling/config.json: " + part);
  };
  refuse_pooling("{}",
                 "expected a pooling mode, such as \"pooling_mode_mean_tokens\": true, got none");
  refuse_pooling(R"({"pooling_mode":"median"})",
                 "expected a pooling mode, such as "
                 "\"pooling_mode_mean_tokens\": true, got an unknown pooling_mode");
  refuse_pooling(R"({"pooling_mode_cls_token":1})",
                 "pooling_mode_cls_token: expected true or false, got number");
}

TEST(hub_folder, sizes_and_depth_are_bounded) {
  const std::string deep(64, '['), back(64, ']');
  EXPECT_EQ(read({{"config.json", "{\"[[a\\\"[\":" + deep.substr(1) + back.substr(1) + "}"}})
                .config.size(),
            1u);
  expect_refused({{"config.json", "{\"a\":" + deep + back + "}"}},
                 "/config.json: byte 68: expected at most 64 lists and objects in each other");
  const TemporaryFolder folder;
  write_file_atomically(folder / "config.json", "{}" + std::string(16 << 20, ' '));
  expect_error(ErrorKind::io, "/config.json: expected at most 16777216 bytes, got 16777218",
               [&] { read_hub_folder(folder.path()); });
}

// The manifests say how many parameters each model has; buffers come on top in those that have
// batch normalisation (resnet, clap).
TEST(hub_folder, reads_the_goldens) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  size_t num_folders = 0, num_counted = 0;
  for (const auto& item : fs::recursive_directory_iterator(goldens)) {
    const fs::path folder = item.path().parent_path();
    if (item.path().filename() != "config.json" || folder.filename() == "1_Pooling") continue;
    SCOPED_TRACE(folder);
    ++num_folders;
    const HubFolder found = read_hub_folder(folder.string());
    EXPECT_TRUE(found.config["model_type"].is_string());
    EXPECT_EQ(found.preprocessor.is_object(), fs::exists(folder / "preprocessor_config.json"));
    EXPECT_EQ(found.has_tokenizer,
              fs::exists(folder / "tokenizer.json") || fs::exists(folder / "vocab.json"));
    EXPECT_EQ(found.has_weights, !found.num_values.empty());
    if (!found.has_weights || !fs::exists(folder / "manifest.json")) continue;
    const Json manifest = parse_json(read_file((folder / "manifest.json").string()), "manifest");
    if (!manifest.contains("parameters")) continue;
    const int64_t expected = manifest["parameters"].get<int64_t>();
    num_counted += found.num_values.at("F32") == expected ? 1 : 0;
    EXPECT_GE(found.num_values.at("F32"), expected);
  }
  EXPECT_GE(num_folders, 40u);
  EXPECT_GE(num_counted, 27u);
  const HubFolder rounded = read_hub_folder(goldens + "/variants/llama_bf16_inv_freq");
  EXPECT_EQ(rounded.num_values.at("BF16"), 81840);  // as models/llama's manifest says
}

TEST(hub_folder, reads_the_goldens_of_sentence_transformers) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const std::pair<const char*, int> folders[] = {{"pipelines/sentence_bert", 20},
                                                 {"tokenizers/all-MiniLM-L6-v2", 384}};
  for (const auto& [name, width] : folders) {
    const HubFolder found = read_hub_folder(goldens + "/" + name);
    EXPECT_EQ(found.modules, (Names{"Transformer", "Pooling", "Normalize"}));
    EXPECT_EQ(found.pooling_modes, Names{"mean"});
    EXPECT_EQ(found.pooling["word_embedding_dimension"], width);
    EXPECT_TRUE(found.sentences["max_seq_length"].is_number());
    EXPECT_TRUE(found.normalizes);
    EXPECT_TRUE(found.has_tokenizer);
    EXPECT_EQ(found.model_path, found.path);
  }
}

}  // namespace
}  // namespace braid::formats
