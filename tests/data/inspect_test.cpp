#include "data/inspect.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "data/synthesize.h"
#include "formats/npy.h"
#include "manifests.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

// The finding of a kind, or null.
Json finding_of(const Json& result, const std::string& kind) {
  for (const Json& finding : result["findings"])
    if (finding["kind"] == kind) return finding;
  return nullptr;
}

std::string message_of(const Json& result, const std::string& kind) {
  const Json finding = finding_of(result, kind);
  return finding.is_null() ? "" : finding["message"].get<std::string>();
}

// Demo data with its own manifest, so that a test can spoil it.
struct Demo {
  explicit Demo(int64_t rows, double missing) {
    SynthesizeConfig config;
    config.rows = rows;
    config.missing = missing;
    synthesize(folder.path(), config, 1);
    dataset.manifest = folder / "manifest.csv";
    dataset.target = "label";
  }
  Json look(int num_threads = 2) { return inspect(Dataset::open(dataset), {}, num_threads); }
  void copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(folder / from, folder / to,
                               std::filesystem::copy_options::overwrite_existing);
  }
  void edit(const std::string& from, const std::string& to) {
    std::string text = read_file(dataset.manifest);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file_atomically(dataset.manifest, text.replace(at, from.size(), to));
  }
  TemporaryFolder folder;
  DatasetConfig dataset;
};

TEST(inspect, sound_data_has_no_findings) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  Demo demo(200, 0.1);
  const Json result = demo.look();
  EXPECT_FALSE(result["has_findings"].get<bool>()) << result["findings"].dump(1);
  EXPECT_EQ(result["rows"], 200);
  const Json& image = result["modalities"][0];
  EXPECT_EQ(image["name"], "image");
  EXPECT_EQ(image["width"], Json({{"min", 24.0}, {"median", 24.0}, {"max", 24.0}}));
  EXPECT_EQ(image["present"].get<int>() + image["missing"].get<int>(), 200);
  EXPECT_EQ(image["channels"].size(), 1u);
  const Json& audio = result["modalities"][1];
  EXPECT_EQ(audio["rate_hz"]["8000"], audio["present"]);
  EXPECT_GE(audio["duration_s"]["min"].get<double>(), 0.39);
  EXPECT_LE(audio["duration_s"]["max"].get<double>(), 0.91);
  int64_t num_rows = 0;
  for (const Json& combination : result["combinations"])
    num_rows += combination["rows"].get<int64_t>();
  EXPECT_EQ(num_rows, 200);
  EXPECT_EQ(result["combinations"][0]["modalities"].size(), 4u);
  EXPECT_EQ(result["target"]["classes"],
            Json({{"alarm", 50}, {"alert", 50}, {"busy", 50}, {"calm", 50}}));
  EXPECT_EQ(result["splits"][0]["train"]["rows"], 120);
  EXPECT_EQ(result["columns"][0]["use"], "id");
  EXPECT_EQ(demo.look(1), result);  // whatever the number of threads
}

TEST(inspect, broken_absent_and_silent_files_are_named) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  Demo demo(40, 0);
  write_file_atomically(demo.folder / "image/s00003.png", "not a picture");
  write_file_atomically(demo.folder / "audio/s00004.wav", "");
  std::filesystem::remove(demo.folder / "image/s00005.png");
  formats::Audio silence;
  silence.rate_hz = 8000;
  silence.samples.assign(4000, 0.0f);
  write_file_atomically(demo.folder / "audio/s00006.wav", formats::encode_wav(silence));
  const Json result = demo.look();
  EXPECT_EQ(message_of(result, "unreadable"), "2 of 40 files of 'image' cannot be read");
  const Json where = finding_of(result, "unreadable")["where"];
  EXPECT_NE(where[0].get<std::string>().find("manifest.csv:5: image: "), std::string::npos)
      << where;
  EXPECT_NE(where[0].get<std::string>().find("s00003.png"), std::string::npos) << where;
  EXPECT_NE(where[1].get<std::string>().find("s00005.png"), std::string::npos) << where;
  EXPECT_EQ(result["modalities"][0]["unreadable"], 2);
  EXPECT_EQ(result["modalities"][1]["unreadable"], 1);
  EXPECT_EQ(message_of(result, "silent"), "1 file of 'audio' holding silence alone");
  EXPECT_TRUE(result["has_findings"].get<bool>());
}

TEST(inspect, the_same_picture_on_both_sides_under_another_name) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  Demo demo(40, 0);
  const Dataset dataset = Dataset::open(demo.dataset);
  const Split split = make_splits(dataset, {})[0];
  const std::string train(dataset.cell(split.train[0], "image")),
      test(dataset.cell(split.test[0], "image"));
  demo.copy(train, test);
  const Json result = demo.look();
  EXPECT_EQ(message_of(result, "duplicate"), "1 file of 'image' found in more than one row");
  EXPECT_EQ(message_of(result, "leak"),
            "1 file of 'image' found on more than one side of the split");
  const std::string place = finding_of(result, "leak")["where"][0];
  EXPECT_NE(place.find("(train, "), std::string::npos) << place;
  EXPECT_NE(place.find("(test, "), std::string::npos) << place;
  const bool same = dataset.cell(split.train[0], "label") == dataset.cell(split.test[0], "label");
  EXPECT_EQ(finding_of(result, "conflict").is_null(), same);
}

TEST(inspect, the_same_picture_twice_on_one_side_is_no_leak) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  Demo demo(40, 0);
  const Dataset dataset = Dataset::open(demo.dataset);
  const Split split = make_splits(dataset, {})[0];
  demo.copy(std::string(dataset.cell(split.train[0], "image")),
            std::string(dataset.cell(split.train[1], "image")));
  const Json result = demo.look();
  EXPECT_FALSE(finding_of(result, "duplicate").is_null());
  EXPECT_TRUE(finding_of(result, "leak").is_null());
}

TEST(inspect, findings_of_the_table) {
  std::string text = "label,x,same,tell,who\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{},{},7,{},p{}\n",
                        i == 0  ? "Yes"
                        : i % 2 ? "yes"
                                : "no",
                        (i * 7) % 11 + 0.5,
                        i == 0  ? ""
                        : i % 2 ? "a"
                                : "b",
                        i % 20);
  text += "no,,,,\nno,oops,7,b,p1\n";
  Manifest m(text);
  m.config.exclude = {"who"};
  m.config.kinds = {{"x", "numeric"}};
  m.config.skip_bad = true;
  const Json result = inspect(m.open(), {}, 1);
  EXPECT_EQ(message_of(result, "constant"), "column \"same\" is \"7\" in every row that has it");
  EXPECT_EQ(message_of(result, "telltale"), "column \"tell\" tells the target away");
  EXPECT_EQ(message_of(result, "rare_class"), "class 'Yes' has 1 row");
  EXPECT_EQ(message_of(result, "label_case"),
            "classes 'Yes' and 'yes' differ in upper and lower case alone");
  EXPECT_EQ(message_of(result, "empty_row"), "1 row without any input");
  EXPECT_EQ(message_of(result, "row_left_out"), "1 row left out by skip_bad");
  EXPECT_EQ(result["rows_left_out"], 1);
}

TEST(inspect, a_parted_group_and_an_impossible_split_are_findings) {
  std::string text = "label,x,who,split\n";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("{},{}.5,p{},{}\n", i % 2, (i * 7) % 11, i % 10,
                        i < 20   ? "train"
                        : i < 30 ? "val"
                                 : "test");
  Manifest m(text);
  m.config.group = "who";
  EXPECT_NE(message_of(inspect(m.open(), {}, 1), "split")
                .find("10 of 10 groups of \"who\" stand on more than one side"),
            std::string::npos);
  m.config.split = "";
  m.config.group = "";
  SplitConfig config;
  config.folds = 50;
  const Json result = inspect(m.open(), config, 1);
  EXPECT_NE(message_of(result, "split").find("expected at least 50 rows, got 40"),
            std::string::npos);
  EXPECT_TRUE(result["splits"].empty());
}

TEST(inspect, embeddings_and_repeated_text) {
  Manifest m(
      "label,vector,note,split\n"
      "a,v.npy#0,one two three four five,train\nb,v.npy#1,six seven eight nine ten,train\n"
      "a,v.npy#2,one two three four five,test\nb,v.npy#3,ok,test\na,v.npy#9,ok,val\n");
  write_file_atomically(m.folder / "v.npy",
                        formats::serialize_npy({4, 2}, {1, 2, 3, 4, 1, 2, NAN, 0}));
  m.config.kinds = {{"note", "text"}};
  const Json result = inspect(m.open(), {}, 1);
  EXPECT_EQ(message_of(result, "unreadable"), "2 of 5 files of 'vector' cannot be read");
  EXPECT_NE(finding_of(result, "unreadable")["where"][0].get<std::string>().find(
                "expected finite values, got nan"),
            std::string::npos);
  EXPECT_EQ(result["modalities"][0]["values"], Json({{"2", 3}}));
  EXPECT_EQ(result["modalities"][1]["words"], Json({{"min", 1.0}, {"median", 5.0}, {"max", 5.0}}));
  std::vector<std::string> leaks;
  for (const Json& finding : result["findings"])
    if (finding["kind"] == "leak") leaks.push_back(finding["message"]);
  EXPECT_EQ(leaks, (std::vector<std::string>{
                       "1 file of 'vector' found on more than one side of the split",
                       "1 text of 'note' found on more than one side of the split"}));
}

TEST(inspect, the_report_counts_its_findings_and_lines_up) {
  Manifest m("label,x,same\na,1.5,7\nb,2.5,7\na,3,7\nb,,7\na,5,7\nb,6,7\n");
  const std::string text = inspect_text(inspect(m.open(), {}, 1));
  EXPECT_NE(text.find("m.csv: 6 rows\n\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" findings\n  1. "), std::string::npos) << text;
  EXPECT_NE(text.find("constant: column \"same\" is \"7\" in every row that has it\n     -> add it "
                      "to exclude\n"),
            std::string::npos)
      << text;
  // x: 1.5 2.5 3 5 6, one of six missing.
  EXPECT_NE(text.find("  column  missing  values\n"
                      "  x         16.7%  1.5 to 6 (median 3)\n"
                      "  same       0.0%  7\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("Target \"label\": binary, known in 6 rows, unknown in 0 rows\n  'a'  3  50.0%\n"),
      std::string::npos)
      << text;
}

TEST(inspect, real_sets) {
  DatasetConfig config;
  config.manifest = testing::data_folder() + "/emoji/manifest.csv";
  if (!file_exists(config.manifest) || !formats::has_ffmpeg()) GTEST_SKIP() << "no real data here";
  config.target = "group";
  config.fields = {"image", "caption"};
  const Json result = inspect(Dataset::open(config), {}, 2);
  EXPECT_EQ(result["modalities"][0]["unreadable"], 0);
  EXPECT_EQ(result["modalities"][0]["present"], 1580);
  EXPECT_FALSE(inspect_text(result).empty());
}

}  // namespace
}  // namespace braid::data
