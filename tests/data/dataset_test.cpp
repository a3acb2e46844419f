#include "data/dataset.h"

#include <gtest/gtest.h>

#include <cmath>

#include "manifests.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

const char* const kSmall =
    "label,photo,age,sex,note\n"
    "0,a.png,30,M,first note of four words\n"
    "1,/abs/b.png,,F,\n"
    "1,,41.5,,\"a note, with comma and more\"\n";

TEST(dataset, raw_values_of_a_row) {
  Manifest m(kSmall);
  const Dataset dataset = m.open();
  ASSERT_EQ(dataset.size(), 3);
  const Sample first = dataset.sample(0);
  EXPECT_EQ(first.where, m.path + ":2");
  EXPECT_EQ(std::get<Path>(first.values.at("photo")).path, m.folder.path() + "/a.png");
  EXPECT_EQ(std::get<double>(first.values.at("age")), 30);
  EXPECT_EQ(std::get<std::string>(first.values.at("sex")), "M");
  EXPECT_EQ(std::get<std::string>(first.values.at("note")), "first note of four words");
  const Sample second = dataset.sample(1);
  EXPECT_EQ(std::get<Path>(second.values.at("photo")).path, "/abs/b.png");
  EXPECT_EQ(second.values.count("age"), 0u);
  EXPECT_EQ(second.values.count("note"), 0u);
  EXPECT_EQ(dataset.sample(2).values.count("photo"), 0u);
  EXPECT_EQ(dataset.fingerprint().size(), 16u);
  EXPECT_EQ(dataset.cell(2, "no such column"), "");
}

TEST(dataset, the_fingerprint_is_of_the_bytes) {
  Manifest a(kSmall), b(kSmall), c(std::string(kSmall) + "1,,40,M,\n");
  EXPECT_EQ(a.open().fingerprint(), b.open().fingerprint());
  EXPECT_NE(a.open().fingerprint(), c.open().fingerprint());
}

TEST(dataset, nan_and_text_in_a_numeric_column) {
  Manifest m("label,age\n0,30\n1,NaN\n1,31\n");
  EXPECT_FAILURE(
      m.open(), data,
      "m.csv:3: column \"age\": expected a finite number, got \"NaN\"; leave the cell empty");
  Manifest text("label,age\n0,30\n1,abc\n1,31\n");
  text.config.kinds = {{"age", "numeric"}};
  EXPECT_FAILURE(text.open(), data,
                 "m.csv:3: column \"age\": expected a number, got \"abc\"; correct the cell or set "
                 "kinds.age=category");
  text.config.skip_bad = true;
  const Dataset dataset = text.open();
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(dataset.where(1), text.path + ":4");
  EXPECT_EQ(std::get<double>(dataset.sample(1).values.at("age")), 31);
  EXPECT_EQ(dataset.targets().values, (std::vector<double>{0, 1}));
  ASSERT_EQ(dataset.skipped().size(), 1u);
  EXPECT_NE(dataset.skipped()[0].find("m.csv:3: column \"age\""), std::string::npos);
  EXPECT_TRUE(text.warned("row left out"));
}

TEST(dataset, nan_in_the_target_is_no_class) {
  Manifest m("label,age\n0,30\n1,31\nnan,32\n");
  EXPECT_FAILURE(m.open(), data,
                 "m.csv:4: column \"label\": expected a finite number, got \"nan\"");
}

TEST(dataset, broken_manifests) {
  EXPECT_FAILURE(Manifest("label,age\n").open(), data, "got the header alone");
  EXPECT_FAILURE(Manifest("label,age\n0,30\n1\n").open(), data, "m.csv:3");
  Manifest missing(kSmall);
  missing.config.manifest = missing.folder / "absent.csv";
  EXPECT_FAILURE(missing.open(), io, "absent.csv");
}

TEST(dataset, groups_are_numbered_and_an_empty_cell_is_a_group_of_its_own) {
  Manifest m("label,x,who\n0,1.5,ann\n1,2,bob\n0,3,\n1,4,ann\n0,5,\n");
  m.config.group = "who";
  EXPECT_EQ(m.open().groups(), (std::vector<int64_t>{0, 1, 2, 0, 3}));
}

TEST(dataset, other_rows_for_prediction) {
  Manifest m(kSmall);
  const Dataset train = m.open();
  Manifest other("note,age,extra\nhello there my friend,12,9\n,,1\n");
  const Dataset rows =
      Dataset::open_like(other.path, train.fields(), train.modalities(), "label",
                         train.targets().task, train.targets().labels, other.sinks);
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(std::get<double>(rows.sample(0).values.at("age")), 12);
  EXPECT_EQ(rows.sample(0).values.count("photo"), 0u);
  EXPECT_TRUE(rows.sample(1).values.empty());
  EXPECT_EQ(rows.targets().known, (std::vector<uint8_t>{0, 0}));
  EXPECT_EQ(rows.targets().labels, train.targets().labels);
  EXPECT_TRUE(other.warned("column \"photo\" is not there"));
  Manifest wrong("label,age\n7,12\n");
  EXPECT_FAILURE(Dataset::open_like(wrong.path, train.fields(), train.modalities(), "label",
                                    train.targets().task, train.targets().labels),
                 data, "m.csv:2: column \"label\": target: unknown class '7'");
  Manifest alien("a,b\n1,2\n");
  EXPECT_FAILURE(Dataset::open_like(alien.path, train.fields(), train.modalities(), "label",
                                    train.targets().task, train.targets().labels),
                 data, "expected one of the columns photo");
}

TEST(dataset, a_column_that_tells_the_target_is_warned_of) {
  std::string text = "label,code,age\n";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("{},{},{}\n", i % 2, i % 2 ? "up" : "down", (i * 7) % 13);
  Manifest m(text);
  m.open();
  ASSERT_EQ(m.warnings.size(), 1u);
  EXPECT_NE(m.warnings[0].find(
                "column \"code\" tells the target \"label\" away: it fixes it in all 40 rows"),
            std::string::npos);
}

TEST(dataset, a_line_through_a_regression_target_is_warned_of) {
  std::string text = "label,twice,noise\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{}.5,{},{}\n", i, 2 * i + 1, (i * 29) % 60 + 0.25);
  Manifest m(text);
  EXPECT_EQ(m.open().targets().task, metrics::Task::regression);
  EXPECT_TRUE(m.warned("column \"twice\" tells the target"));
  EXPECT_FALSE(m.warned("column \"noise\" tells the target"));
}

TEST(dataset, jsonl_reads_as_csv_does) {
  Manifest m("{\"label\": \"a\", \"x\": 1.5}\n{\"label\": \"b\", \"x\": null}\n", "m.jsonl");
  const Dataset dataset = m.open();
  EXPECT_EQ(std::get<double>(dataset.sample(0).values.at("x")), 1.5);
  EXPECT_TRUE(dataset.sample(1).values.empty());
}

std::string real(const std::string& name) {
  const std::string path = testing::data_folder() + "/" + name + "/manifest.csv";
  return file_exists(path) ? path : "";
}

TEST(dataset, real_avdigits) {
  DatasetConfig config;
  config.manifest = real("avdigits");
  if (config.manifest.empty()) GTEST_SKIP() << "no real data here";
  config.target = "label";
  config.fields = {"image_degraded", "audio_noisy"};
  const Dataset dataset = Dataset::open(config);
  EXPECT_EQ(dataset.size(), 1500);
  EXPECT_EQ(dataset.targets().labels.size(), 10u);
  ASSERT_EQ(dataset.modalities().size(), 2u);
  EXPECT_EQ(dataset.modalities()[0].kind, Kind::image);
  EXPECT_EQ(dataset.modalities()[1].kind, Kind::audio);
}

TEST(dataset, real_covid_cxr) {
  DatasetConfig config;
  config.manifest = real("covid_cxr");
  if (config.manifest.empty()) GTEST_SKIP() << "no real data here";
  config.target = "in_icu";
  config.fold = "fold";
  config.fields = {"image", "age", "sex", "view", "notes_masked_dx_outcome"};
  const Dataset dataset = Dataset::open(config);
  int64_t num_known = 0;
  for (const uint8_t known : dataset.targets().known) num_known += known;
  EXPECT_EQ(num_known, 171);
  EXPECT_EQ(dataset.targets().task, metrics::Task::binary);
  ASSERT_EQ(dataset.modalities().size(), 3u);
  EXPECT_EQ(dataset.modalities()[1].name, "tabular");
  EXPECT_EQ(dataset.modalities()[1].fields, (std::vector<std::string>{"sex", "age", "view"}));
}

TEST(dataset, real_mosi) {
  DatasetConfig config;
  config.manifest = real("mosi");
  if (config.manifest.empty()) GTEST_SKIP() << "no real data here";
  config.target = "label";
  config.group = "video";
  config.fields = {"text", "text_features", "audio_features", "video_features"};
  const Dataset dataset = Dataset::open(config);
  EXPECT_EQ(dataset.modalities()[0].kind, Kind::text);
  EXPECT_EQ(dataset.modalities()[3].kind, Kind::embedding);
  EXPECT_EQ(std::get<Path>(dataset.sample(5).values.at("text_features")).path,
            testing::data_folder() + "/mosi/text.npy#5");
  EXPECT_EQ(dataset.groups().back(), 92);  // 93 videos
}

TEST(dataset, real_emoji) {
  DatasetConfig config;
  config.manifest = real("emoji");
  if (config.manifest.empty()) GTEST_SKIP() << "no real data here";
  config.target = "group";
  config.fields = {"image", "caption"};
  const Dataset dataset = Dataset::open(config);
  EXPECT_EQ(dataset.targets().labels.size(), 8u);
  EXPECT_EQ(dataset.modalities()[1].kind, Kind::text);
}

}  // namespace
}  // namespace braid::data
