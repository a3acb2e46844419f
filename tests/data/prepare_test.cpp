#include "data/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/log_mel.h"
#include "media_set.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

TEST(prepare, modalities_stand_where_the_fixture_says) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  ASSERT_EQ(preparation.specs().size(), 5u);
  EXPECT_EQ(preparation.specs()[set.kPhoto].name, "photo");
  EXPECT_EQ(preparation.specs()[set.kSound].name, "sound");
  EXPECT_EQ(preparation.specs()[set.kNote].name, "note");
  EXPECT_EQ(preparation.specs()[set.kVec].name, "vec");
  EXPECT_EQ(preparation.specs()[set.kTabular].name, "tabular");
  for (size_t m = 0; m < 5; ++m) {
    EXPECT_EQ(preparation.specs()[m].name, preparation.modalities()[m].name);
    EXPECT_EQ(preparation.specs()[m].kind, preparation.modalities()[m].kind);
  }
}

TEST(prepare, pictures_take_size_channels_and_statistics_from_training_rows) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[set.kPhoto];
  EXPECT_EQ(spec.height, 8);  // the 40 x 30 picture of the test row does not count
  EXPECT_EQ(spec.width, 8);
  EXPECT_EQ(spec.channels, 1);
  // Half the training pixels are 0, half are 1: mean 0.5, deviation 0.5.
  EXPECT_THAT(preparation.prepare(dataset.sample(0), set.kPhoto).values, Each(FloatNear(-1, 1e-6)));
  EXPECT_THAT(preparation.prepare(dataset.sample(1), set.kPhoto).values, Each(FloatNear(1, 1e-6)));
  // 51 / 255 = 0.2, (0.2 - 0.5) / 0.5 = -0.6.
  const Prepared test = preparation.prepare(dataset.sample(5), set.kPhoto);
  EXPECT_EQ(test.values.size(), 64u);
  EXPECT_THAT(test.values, Each(FloatNear(-0.6f, 1e-6)));
}

TEST(prepare, one_coloured_training_picture_makes_three_channels) {
  MediaSet set;
  set.write("1.png", formats::encode_png(flat_image(100, 20, {255, 0, 51})));
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[set.kPhoto];
  EXPECT_EQ(spec.channels, 3);
  EXPECT_EQ(spec.height, 54);  // longest sides 8 100 8 100: median (8 + 100) / 2
  const Prepared second = preparation.prepare(dataset.sample(1), set.kPhoto);
  ASSERT_EQ(second.values.size(), 3u * 54 * 54);
  // Red is 0 and 1 in turn: +1. Green is 0 throughout: a constant channel has deviation 1, so 0.
  // Blue 0 and 0.2: +1.
  EXPECT_NEAR(second.values[0], 1, 1e-5);
  EXPECT_NEAR(second.values[54 * 54], 0, 1e-6);
  EXPECT_NEAR(second.values[2 * 54 * 54], 1, 1e-5);
  set.prepare.image.channels = 2;
  EXPECT_FAILURE(set.learn(dataset), config, "image.channels: expected 1 or 3, or 0");
}

TEST(prepare, large_pictures_are_brought_to_64) {
  MediaSet set;
  set.write("0.png", formats::encode_png(flat_image(300, 200, {0})));
  set.write("1.png", formats::encode_png(flat_image(200, 300, {255})));
  const Dataset dataset = set.open();
  EXPECT_EQ(set.learn(dataset).specs()[set.kPhoto].height, 64);
  set.prepare.image.size = 100;
  EXPECT_EQ(set.learn(dataset).specs()[set.kPhoto].height, 100);
}

TEST(prepare, sound_takes_rate_and_frames_from_training_rows) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[set.kSound];
  EXPECT_EQ(spec.features, 64);
  EXPECT_EQ(spec.max_length, 51);  // 4000 samples at 8 kHz, hop 80: 1 + 50
  const Prepared first = preparation.prepare(dataset.sample(0), set.kSound);
  EXPECT_EQ(first.length, 51);
  // Each clip's own mean is gone: bands sum to what is left of the training mean, about nothing.
  for (int f = 0; f < 64; ++f) {
    double sum = 0;
    for (int t = 0; t < 51; ++t) sum += first.values[t * 64 + f];
    EXPECT_NEAR(sum / 51, 0, 1e-4) << f;
  }
  // 44.1 kHz, 0.68 s: resampled and stretched to the same shape.
  EXPECT_EQ(preparation.prepare(dataset.sample(5), set.kSound).values.size(), 51u * 64);
}

TEST(prepare, a_stretch_of_a_sound_is_that_sound) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const formats::Audio whole = tone(400, 4000, 8000);
  Sample memory, path;
  memory.values["sound"] =
      formats::Audio{{whole.samples.begin() + 800, whole.samples.begin() + 2400}, whole.rate_hz};
  path.values["sound"] = Path{set.folder / "0.wav#t=0.1,0.3"};
  const Prepared part = preparation.prepare(path, set.kSound);
  EXPECT_EQ(part, preparation.prepare(memory, set.kSound));
  EXPECT_FALSE(part == preparation.prepare(dataset.sample(0), set.kSound));
  path.values["sound"] = Path{set.folder / "0.wav#t=0.2,0.4", /*late_s=*/0.1};
  EXPECT_EQ(part, preparation.prepare(path, set.kSound));
  path.values["sound"] = Path{set.folder / "0.wav", /*late_s=*/0.6};
  EXPECT_FALSE(preparation.prepare(path, set.kSound).present);
  path.values["sound"] = Path{set.folder / "none.wav#t=0.1,0.3"};
  EXPECT_FAILURE(preparation.prepare(path, set.kSound), data,
                 "none.wav: expected a file, got none");
}

TEST(prepare, sound_is_stretched_linearly_and_standardised_per_band) {
  MediaSet set;
  set.prepare.audio.remove_mean = false;
  set.prepare.audio.frames =
      101;  // 2 T - 1: even frames are the clip's own, odd ones the mean of two
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  LogMelConfig config;
  config.rate_hz = 8000;
  config.num_mels = 64;
  std::vector<std::vector<double>> stretched;
  for (int clip = 0; clip < 4; ++clip) {
    int64_t length = 0;
    const std::vector<float> raw =
        log_mel(tone(400 + 300 * clip, 4000, 8000).samples, config, &length);
    ASSERT_EQ(length, 51);
    std::vector<double> out;
    for (int t = 0; t < 101; ++t)
      for (int f = 0; f < 64; ++f)
        out.push_back(0.5 * (double(raw[t / 2 * 64 + f]) + double(raw[(t + 1) / 2 * 64 + f])));
    stretched.push_back(out);
  }
  const Prepared prepared = preparation.prepare(dataset.sample(2), set.kSound);
  ASSERT_EQ(prepared.length, 101);
  for (int f = 0; f < 64; ++f) {
    double mean = 0, variance = 0;
    for (const auto& clip : stretched)
      for (int t = 0; t < 101; ++t) mean += clip[t * 64 + f] / 404;
    for (const auto& clip : stretched)
      for (int t = 0; t < 101; ++t) variance += std::pow(clip[t * 64 + f] - mean, 2) / 404;
    if (variance < 1e-6) continue;  // a band without a bin is constant
    for (int t = 0; t < 101; ++t)
      ASSERT_NEAR(prepared.values[t * 64 + f],
                  (stretched[2][t * 64 + f] - mean) / std::sqrt(variance), 1e-3)
          << t << " " << f;
  }
}

TEST(prepare, padded_sound_keeps_its_length_and_is_cut_at_frames) {
  MediaSet set;
  set.prepare.audio.fit = "pad";
  set.prepare.audio.frames = 40;
  set.write("1.wav", formats::encode_wav(tone(500, 800, 8000)));
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  EXPECT_EQ(preparation.prepare(dataset.sample(0), set.kSound).length, 40);
  EXPECT_EQ(preparation.prepare(dataset.sample(1), set.kSound).length, 11);  // 1 + 800 / 80
  EXPECT_EQ(preparation.specs()[set.kSound].max_length, 40);
}

TEST(prepare, numbers_by_training_mean_and_deviation) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[set.kTabular];
  EXPECT_THAT(spec.field_names, ElementsAre("age", "sex"));
  EXPECT_EQ(spec.features, 1);
  EXPECT_THAT(spec.categories, ElementsAre(5));  // missing, unknown, b, a, c
  // Ages 10, 20, 30: mean 20, variance 200 / 3; (30 - 20) / 8.16497 = 1.22474. The million of the
  // test row changes nothing, and is clipped.
  EXPECT_NEAR(preparation.prepare(dataset.sample(2), set.kTabular).values[0], 1.2247449, 1e-6);
  EXPECT_FLOAT_EQ(preparation.prepare(dataset.sample(5), set.kTabular).values[0], 10);
  const Prepared missing = preparation.prepare(dataset.sample(3), set.kTabular);
  EXPECT_THAT(missing.values, ElementsAre(0));
  EXPECT_THAT(missing.observed, ElementsAre(0));
  EXPECT_TRUE(missing.present);
}

TEST(prepare, categories_by_frequency_then_name) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  // b twice, then a and c by name: b 2, a 3, c 4; missing 0; z of the test row 1.
  const std::vector<int32_t> expected = {2, 2, 3, 4, 0, 1};
  for (int64_t row = 0; row < 6; ++row)
    EXPECT_EQ(preparation.prepare(dataset.sample(row), set.kTabular).ids[0], expected[row]) << row;
  set.prepare.tabular.max_categories = 2;
  const Preparation few = set.learn(dataset);
  EXPECT_EQ(few.specs()[set.kTabular].categories[0], 4);
  EXPECT_EQ(few.prepare(dataset.sample(3), set.kTabular).ids[0], 1);  // c is now among the rest
  Sample nothing;
  EXPECT_FALSE(few.prepare(nothing, set.kTabular).present);
  EXPECT_TRUE(few.prepare(nothing, set.kTabular).values.empty());
}

TEST(prepare, vectors_per_column) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  EXPECT_EQ(preparation.specs()[set.kVec].features, 2);
  EXPECT_EQ(preparation.specs()[set.kVec].max_length, 1);
  // Column 0 is 1 3 1 3: mean 2, deviation 1; column 1 is constant: deviation 1.
  EXPECT_THAT(preparation.prepare(dataset.sample(0), set.kVec).values, ElementsAre(-1, 0));
  EXPECT_THAT(preparation.prepare(dataset.sample(1), set.kVec).values, ElementsAre(1, 0));
  EXPECT_THAT(preparation.prepare(dataset.sample(5), set.kVec).values, ElementsAre(10, -10));
  set.prepare.embedding.standardize = false;
  EXPECT_THAT(set.learn(dataset).prepare(dataset.sample(0), set.kVec).values, ElementsAre(1, 5));
}

TEST(prepare, vectors_as_rows_of_a_file_and_as_tokens) {
  Manifest m("label,row,seq\nx,all.npy#0,a.npy\ny,all.npy#1,b.npy\n");
  write_file_atomically(m.folder / "all.npy", formats::serialize_npy({2, 3}, {0, 1, 2, 4, 5, 6}));
  write_file_atomically(m.folder / "a.npy", formats::serialize_npy({1, 2}, {1, 2}));
  write_file_atomically(m.folder / "b.npy", formats::serialize_npy({3, 2}, {3, 4, 5, 6, 7, 8}));
  PrepareConfig config;
  config.embedding.standardize = false;
  config.embedding.max_tokens = 2;
  const Dataset dataset = m.open();
  const Preparation preparation = Preparation::learn(dataset, {0, 1}, config, 1);
  EXPECT_THAT(preparation.prepare(dataset.sample(1), 0).values, ElementsAre(4, 5, 6));
  const Prepared tokens = preparation.prepare(dataset.sample(1), 1);
  EXPECT_EQ(tokens.length, 2);
  EXPECT_THAT(tokens.values, ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(preparation.specs()[1].max_length, 2);
  Sample memory;  // a flat vector of two tokens
  memory.values["seq"] = std::vector<float>{3, 4, 5, 6};
  EXPECT_EQ(preparation.prepare(memory, 1), tokens);
}

TEST(prepare, memory_and_files_give_the_same_bits) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  Sample memory;
  memory.values["photo"] = formats::read_image(set.folder / "5.png");
  memory.values["sound"] = formats::read_audio(set.folder / "5.wav", 0);
  memory.values["note"] = std::string("zyzzyva the");
  memory.values["age"] = 1000000.0;
  memory.values["sex"] = std::string(" z ");
  memory.values["vec"] = std::vector<float>{1e9f, -1e9f};
  const std::vector<Prepared> from_files = preparation.prepare(dataset.sample(5));
  const std::vector<Prepared> from_memory = preparation.prepare(memory);
  ASSERT_EQ(from_memory.size(), 5u);
  for (size_t m = 0; m < 5; ++m) {
    EXPECT_TRUE(from_memory[m].present);
    EXPECT_EQ(from_memory[m], from_files[m]) << preparation.specs()[m].name;
    EXPECT_EQ(preparation.prepare(memory, m), from_files[m]);
  }
}

TEST(prepare, errors_name_row_and_field) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  set.write("0.wav", "no sound at all, only text");
  EXPECT_FAILURE(preparation.prepare(dataset.sample(0)), format,
                 set.path + ":2: field \"sound\": " + set.folder.path() + "/0.wav: ");
  set.write("5.npy", formats::serialize_npy({3}, {1, 2, 3}));
  EXPECT_FAILURE(preparation.prepare(dataset.sample(5), set.kVec), data,
                 "m.csv:7: field \"vec\": " + set.folder.path() +
                     "/5.npy: expected 2 values per vector, as in the first training row, got 3");
  set.write("5.npy", formats::serialize_npy({2}, {1, NAN}));
  EXPECT_FAILURE(preparation.prepare(dataset.sample(5), set.kVec), data,
                 "expected finite numbers, got nan at value 1");
  std::remove((set.folder / "5.png").c_str());
  EXPECT_FAILURE(preparation.prepare(dataset.sample(5), set.kPhoto), data,
                 "5.png: expected a file, got none");
}

TEST(prepare, errors_of_values_from_memory) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const std::vector<std::tuple<std::string, Value, std::string>> cases = {
      {"photo", std::string("a.png"), "sample: field \"photo\": expected a picture, got text"},
      {"photo", formats::Image(), "expected a picture, got 0 x 0 pixels"},
      {"sound", 3.0, "field \"sound\": expected sound, got a number"},
      {"sound", formats::Audio{{}, 8000}, "expected sound, got 0 samples at 8000 Hz"},
      {"sound", formats::Audio{{0.5f, INFINITY}, 8000}, "expected finite samples, got inf"},
      {"note", 3.0, "field \"note\": expected text, got a number"},
      {"age", std::string("30"), "field \"age\": expected a number, got text"},
      {"age", static_cast<double>(NAN), "expected a finite number, got nan; leave the field out"},
      {"sex", 1.0, "field \"sex\": expected text (a category's value), got a number"},
      {"vec", std::vector<float>{}, "field \"vec\": expected a vector, got an empty one"},
      {"vec", std::vector<float>{1, 2, 3}, "expected 2 values per vector"}};
  for (const auto& [field, value, message] : cases) {
    Sample sample;
    sample.values[field] = value;
    const Failure failure = failure_of([&] { preparation.prepare(sample); });
    EXPECT_EQ(failure.kind, ErrorKind::data) << failure.message;
    EXPECT_NE(failure.message.find(message), std::string::npos) << failure.message;
  }
}

TEST(prepare, learning_stops_at_a_bad_file_or_leaves_it_out) {
  MediaSet set;
  set.write("1.wav", "not sound");
  const Dataset strict = set.open();
  EXPECT_FAILURE(set.learn(strict), format, "m.csv:3: field \"sound\": ");
  set.config.skip_bad = true;
  const Dataset dataset = set.open();
  EXPECT_NO_THROW(set.learn(dataset));
  EXPECT_TRUE(set.warned(
      "1 of 4 training rows left out of the statistics of \"sound\": " + set.path + ":3"));
}

TEST(prepare, a_modality_no_training_row_has_is_an_error) {
  MediaSet set;
  const Dataset dataset = set.open();
  EXPECT_FAILURE(set.learn(dataset, {4}), data,
                 "field \"photo\": expected a value in some training row, got none in 1; leave the "
                 "column out with exclude");
}

TEST(prepare, avdigits) {
  const std::string folder = testing::data_folder();
  if (folder.empty()) GTEST_SKIP() << "no real data";
  DatasetConfig config;
  config.manifest = folder + "/avdigits/manifest.csv";
  config.target = "label";
  config.fields = {"image", "audio"};
  const Dataset dataset = Dataset::open(config);
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < dataset.size(); row += 15) rows.push_back(row);
  const Preparation preparation = Preparation::learn(dataset, rows, {}, 2);
  EXPECT_EQ(preparation.specs()[0].height, 28);  // MNIST
  EXPECT_EQ(preparation.specs()[0].channels, 1);
  EXPECT_EQ(preparation.specs()[1].features, LogMelConfig().num_mels);
  double sum = 0, squares = 0;
  int64_t count = 0;
  for (const int64_t row : rows)
    for (const float value : preparation.prepare(dataset.sample(row), 0).values) {
      sum += value;
      squares += double(value) * value;
      ++count;
    }
  EXPECT_NEAR(sum / double(count), 0, 1e-4);
  EXPECT_NEAR(squares / double(count), 1, 1e-4);
}

}  // namespace
}  // namespace braid::data
