#include "data/synthesize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "data/split.h"
#include "data/synthetic_row.h"
#include "manifests.h"

namespace braid::data {
namespace {

SynthesizeConfig rows(int64_t num, double missing = 0.08) {
  SynthesizeConfig config;
  config.rows = num;
  config.missing = missing;
  return config;
}

std::map<std::string, uint64_t> hashes(const std::string& folder) {
  std::map<std::string, uint64_t> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      found[std::filesystem::relative(entry.path(), folder).string()] =
          hash_bytes(read_file(entry.path().string()));
  return found;
}

// Energy at a frequency in 25 ms steps: the mean time, weighted by energy.
double mean_time(const formats::Audio& audio, double hz) {
  const int step = audio.rate_hz / 40;
  double sum = 0, weight = 0;
  for (size_t start = 0; start + step <= audio.samples.size(); start += step) {
    double re = 0, im = 0;
    for (int i = 0; i < step; ++i) {
      const double phase = 2 * 3.14159265358979 * hz * i / audio.rate_hz;
      re += audio.samples[start + i] * std::cos(phase);
      im += audio.samples[start + i] * std::sin(phase);
    }
    const double energy = std::pow(re * re + im * im, 2);
    sum += energy * static_cast<double>(start);
    weight += energy;
  }
  return sum / weight;
}

TEST(synthesize, same_seed_same_bytes_on_any_number_of_threads) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  TemporaryFolder one, three, other;
  synthesize(one.path(), rows(40), 1);
  synthesize(three.path(), rows(40), 3);
  EXPECT_EQ(hashes(one.path()), hashes(three.path()));
  SynthesizeConfig config = rows(40);
  config.seed = 2;
  synthesize(other.path(), config, 1);
  EXPECT_NE(hashes(one.path())["manifest.csv"], hashes(other.path())["manifest.csv"]);
}

TEST(synthesize, the_manifest_is_a_dataset_of_four_modalities) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  TemporaryFolder folder;
  synthesize(folder.path(), rows(400), 2);
  DatasetConfig config;
  config.manifest = folder / "manifest.csv";
  config.target = "label";
  std::vector<std::string> warnings;
  Sinks sinks;
  sinks.log = [&](LogLevel level, const std::string& line) {
    if (level == LogLevel::warning) warnings.push_back(line);
  };
  const Dataset dataset = Dataset::open(config, sinks);
  ASSERT_EQ(dataset.modalities().size(), 4u);
  EXPECT_EQ(dataset.modalities()[0].kind, Kind::image);
  EXPECT_EQ(dataset.modalities()[1].kind, Kind::audio);
  EXPECT_EQ(dataset.modalities()[2].kind, Kind::text);
  EXPECT_EQ(dataset.modalities()[3].fields, (std::vector<std::string>{"age", "score", "channel"}));
  EXPECT_EQ(dataset.targets().labels, (std::vector<std::string>{"alarm", "alert", "busy", "calm"}));
  const Split split = make_splits(dataset, {}, sinks)[0];
  EXPECT_EQ(split.train.size(), 240u);
  EXPECT_EQ(split.validation.size(), 60u);
  EXPECT_EQ(split.test.size(), 100u);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  std::map<std::string, int64_t> missing;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    const Sample sample = dataset.sample(row);
    EXPECT_FALSE(sample.values.empty());
    for (const char* field : {"image", "audio", "text", "age"})
      if (sample.values.count(field) == 0) ++missing[field];
    EXPECT_EQ(sample.values.count("age"), sample.values.count("channel"));
    for (const char* field : {"image", "audio"})
      if (sample.values.count(field) != 0)
        EXPECT_TRUE(file_exists(std::get<Path>(sample.values.at(field)).path));
  }
  for (const auto& [field, count] : missing)
    EXPECT_NEAR(count, 32, 22) << field;  // 8 % of 400, 4 deviations
  const std::string readme = read_file(folder / "README.md");
  EXPECT_NE(readme.find("# Synthetic demo data"), std::string::npos);
  EXPECT_NE(readme.find("| image | 0.400 |"), std::string::npos);
}

TEST(synthesize, the_truth_is_balanced_and_v_is_the_exclusive_or) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  TemporaryFolder folder;
  synthesize(folder.path(), rows(400), 2);
  const formats::Table truth = formats::read_table(folder / "truth.csv");
  const formats::Table manifest = formats::read_table(folder / "manifest.csv");
  std::map<std::string, int> with_a, with_b;
  const std::map<std::string, std::string> labels = {
      {"00", "calm"}, {"01", "alert"}, {"10", "busy"}, {"11", "alarm"}};
  for (int64_t row = 0; row < truth.num_rows(); ++row) {
    const auto cells = truth.row(row);
    const std::vector<std::string> bits(cells.begin(), cells.end());  // id, u, v, a, b
    EXPECT_EQ(bits[2] == "1", bits[3] != bits[4]);
    EXPECT_EQ(manifest.cell(row, 2), labels.at(bits[1] + bits[2]));
    ++with_a[bits[1] + bits[2] + bits[3]];
    ++with_b[bits[1] + bits[2] + bits[4]];
  }
  // All 8 combinations of (u, v) with a, and so with b, 50 times each: neither a nor b alone tells
  // anything of the label.
  ASSERT_EQ(with_a.size(), 8u);
  for (const auto& [key, count] : with_a) EXPECT_EQ(count, 50) << key;
  for (const auto& [key, count] : with_b) EXPECT_EQ(count, 50) << key;
}

TEST(synthesize, the_stripe_is_seen_and_the_chirp_is_heard) {
  int num_seen = 0, num_heard = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const bool a = i % 2 == 0, v = i % 4 < 2;
    const SyntheticRow row = draw_row(i % 8 < 4, v, a, 0, Rng(7).fork(i));
    const formats::Image image = draw_image(row);
    ASSERT_EQ(image.pixels.size(), 576u);
    int top = 0, bottom = 0;
    for (int i = 0; i < 4 * 24; ++i) {
      top += image.pixels[i];
      bottom += image.pixels[575 - i];
    }
    num_seen += (top > bottom) == a;
    const formats::Audio audio = draw_audio(row);
    EXPECT_GE(audio.samples.size(), 3200u);
    EXPECT_LE(audio.samples.size(), 7200u);
    num_heard += (mean_time(audio, 1750) > mean_time(audio, 950)) == (v != a);
  }
  EXPECT_EQ(num_seen, 200);
  EXPECT_GE(num_heard, 196);
}

TEST(synthesize, cues_come_as_often_as_said) {
  std::map<Cue, int> cues;
  int num_older = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    const SyntheticRow row = draw_row(i % 2 == 0, false, false, 0, Rng(3).fork(i));
    ++cues[row.image];
    ++cues[row.audio];
    ++cues[row.text];
    num_older += (row.age > kAgeMean) == row.u;
    const bool is_one_of_pool_1 = row.sentence.find("rapid") != std::string::npos;
    if (is_one_of_pool_1) EXPECT_TRUE(row.u == (row.text == Cue::right) && row.text != Cue::blank);
  }
  // Deviation of a share of 12000 draws: at most sqrt(0.25 / 12000) = 0.0046.
  EXPECT_NEAR(cues[Cue::right] / 12000.0, 0.63, 0.02);
  EXPECT_NEAR(cues[Cue::blank] / 12000.0, 0.34, 0.02);
  EXPECT_NEAR(num_older / 4000.0, 0.6915, 0.03);  // the normal distribution at 0.5
}

TEST(synthesize, the_best_accuracy_by_hand) {
  // One cue: u in 0.63 + 0.34 / 2 = 0.80; v by guessing.
  EXPECT_NEAR(synthetic_best_accuracy({"text"}), 0.4, 1e-12);
  // Two cues: more right than wrong 0.63^2 + 2 * 0.63 * 0.34 = 0.8253, as many 0.34^2 + 2 * 0.63 *
  // 0.03 = 0.1534.
  EXPECT_NEAR(synthetic_best_accuracy({"image", "text"}), 0.5 * (0.8253 + 0.0767), 1e-9);
  EXPECT_NEAR(synthetic_best_accuracy({"image", "audio"}), 0.8253 + 0.0767, 1e-9);
  EXPECT_NEAR(synthetic_best_accuracy({}), 0.25, 1e-12);
  EXPECT_GT(synthetic_best_accuracy({"image", "audio", "text", "tabular"}), 0.95);
  EXPECT_LT(synthetic_best_accuracy({"image", "audio", "text", "tabular"}, 0.08),
            synthetic_best_accuracy({"image", "audio", "text", "tabular"}));
  EXPECT_FAILURE(synthetic_best_accuracy({"imag"}), config, "did you mean 'image'?");
}

TEST(synthesize, the_best_accuracy_of_the_table_by_simulation) {
  // The rule that knows the generator: the sum of the three log ratios.
  int num_correct = 0;
  const int num_rows = 20000;
  for (uint64_t i = 0; i < num_rows; ++i) {
    const SyntheticRow row = draw_row(i % 2 == 0, false, false, 0, Rng(5).fork(i));
    const double z_age = (row.age - 45) / 12, z_score = (row.score - 0.5) / 0.15;
    const double channel = row.channel == "phone" ? std::log(2.5)
                           : row.channel == "web" ? -std::log(2.5)
                                                  : 0;
    num_correct += (2 * 0.5 * z_age + 2 * 0.6 * z_score + channel > 0) == row.u;
  }
  EXPECT_NEAR(synthetic_best_accuracy({"tabular"}), 0.5 * num_correct / num_rows, 0.006);
}

TEST(synthesize, a_folder_that_cannot_be_made) {
  TemporaryFolder folder;
  write_file_atomically(folder / "file", "x");
  EXPECT_FAILURE(synthesize(folder / "file/data", rows(20), 1), io, "file");
}

}  // namespace
}  // namespace braid::data
