#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "formats/npy.h"
#include "manifests.h"
#include "media_set.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;

// Four rows of one series each; the last one is for tests alone.
struct SeriesSet : Manifest {
  explicit SeriesSet(const std::string& extension = ".csv")
      : Manifest("label,wrist\nx,0" + extension + "\ny,1" + extension + "\nx,2" + extension +
                 "\ny,3" + extension + "\n") {}
  void write(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder / name, bytes);
  }
  // Values value(i) at i / rate_hz.
  template <class F>
  void write_even(const std::string& name, int count, double rate_hz, const F& value) {
    std::string text = "time_s,x\n";
    for (int i = 0; i < count; ++i) text += fmt::format("{:.9f},{}\n", i / rate_hz, value(i));
    write(name, text);
  }
  Preparation learn(const Dataset& dataset) {
    return Preparation::learn(dataset, {0, 1, 2}, config_, 1, sinks);
  }
  PrepareConfig config_;
};

TEST(prepare_series, tables_are_series_by_their_extension) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 20, 10, [i](int t) { return i + t; });
  const Dataset dataset = set.open();
  EXPECT_EQ(dataset.fields()[0].kind, Kind::series);
  EXPECT_EQ(dataset.inferences()[1].reason, "series: extension .csv");
  const ModalitySpec spec = set.learn(dataset).specs()[0];
  EXPECT_EQ(spec.features, 1);
  EXPECT_EQ(spec.max_length, 20);
  EXPECT_EQ(spec.step_s, 0.1);
  EXPECT_THAT(spec.field_names, ElementsAre("x"));
}

TEST(prepare_series, statistics_come_from_training_rows_alone) {
  SeriesSet set;
  // Training values 0 and 2, half each: mean 1, deviation 1.
  set.write_even("0.csv", 16, 4, [](int) { return 0; });
  set.write_even("1.csv", 16, 4, [](int) { return 2; });
  set.write_even("2.csv", 16, 4, [](int t) { return t % 2 == 0 ? 0 : 2; });
  set.write_even("3.csv", 16, 4, [](int) { return 1000000; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  EXPECT_THAT(preparation.prepare(dataset.sample(0), 0).values, Each(FloatNear(-1, 1e-6)));
  EXPECT_THAT(preparation.prepare(dataset.sample(3), 0).values, Each(FloatEq(10)));  // clipped
}

TEST(prepare_series, absolute_times_do_not_reach_the_arrays) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i) {
    std::string text = "unix_time_s,x\n";
    for (int t = 0; t < 16; ++t)
      text += fmt::format("{:.3f},{}\n", 1.6e9 + 1e6 * i + 0.25 * t, t % 3);
    set.write(fmt::format("{}.csv", i), text);
  }
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared first = preparation.prepare(dataset.sample(0), 0);
  EXPECT_EQ(first, preparation.prepare(dataset.sample(2), 0));
  EXPECT_EQ(first.times[0], 0);
  EXPECT_FLOAT_EQ(first.times[15], 3.75f);
}

TEST(prepare_series, gaps_stay_gaps) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 20, 10,
                   [](int t) { return t == 3 || (t > 8 && t < 13) ? std::nan("") : 1.0 * t; });
  const Dataset dataset = set.open();
  const Prepared prepared = set.learn(dataset).prepare(dataset.sample(0), 0);
  ASSERT_EQ(prepared.length, 20);
  for (size_t t = 0; t < 20; ++t) {
    EXPECT_EQ(prepared.observed[t], t == 3 || (t > 8 && t < 13) ? 0 : 1) << t;
    if (prepared.observed[t] == 0) EXPECT_EQ(prepared.values[t], 0) << t;
  }
}

TEST(prepare_series, the_rate_is_lowered_until_the_median_fits) {
  SeriesSet set;
  set.config_.series.length = 16;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 64, 8, [](int t) { return t; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  EXPECT_EQ(preparation.specs()[0].max_length, 16);
  EXPECT_EQ(preparation.specs()[0].step_s, 0.5);
  // Means of four: 1.5, 5.5, ...; evenly spaced after standardising.
  const Prepared prepared = preparation.prepare(dataset.sample(0), 0);
  ASSERT_EQ(prepared.length, 16);
  for (size_t t = 2; t < 16; ++t)
    EXPECT_NEAR(prepared.values[t] - prepared.values[t - 1],
                prepared.values[1] - prepared.values[0], 1e-5);
}

TEST(prepare_series, uneven_steps_keep_their_times) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write(fmt::format("{}.csv", i),
              "time_s,beat\n0,0.8\n0.8,0.7\n1.5,0.9\n2.4,1.2\n3.6,0.6\n4.2,2\n6.2,1\n");
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  EXPECT_EQ(preparation.specs()[0].max_length, 7);
  EXPECT_THAT(preparation.prepare(dataset.sample(0), 0).times,
              ElementsAre(0, 0.8f, 1.5f, 2.4f, 3.6f, 4.2f, 6.2f));
  set.config_.series.rate_hz = 2;  // asked for: even ticks all the same
  set.config_.series.length = 12;
  EXPECT_EQ(set.learn(dataset).prepare(dataset.sample(0), 0).times[1], 0.5f);
}

TEST(prepare_series, longer_ones_are_cut_as_crop_says) {
  SeriesSet set;
  set.config_.series.length = 4;
  set.config_.series.rate_hz = 10;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 9, 10, [](int t) { return t * t; });
  const Dataset dataset = set.open();
  std::vector<float> firsts;
  for (const char* crop : {"head", "centre", "tail"}) {
    set.config_.series.crop = crop;
    const Prepared prepared = set.learn(dataset).prepare(dataset.sample(0), 0);
    ASSERT_EQ(prepared.length, 4);
    // How long the series is does not show in what is kept of it.
    EXPECT_THAT(prepared.times, ElementsAre(0, FloatEq(0.1f), FloatEq(0.2f), FloatEq(0.3f)));
    firsts.push_back(prepared.values[0]);
  }
  // Squares 0 to 64: what is kept starts at 0, 4 and 25, each by the statistics of what is kept.
  EXPECT_NE(firsts[0], firsts[1]);
  EXPECT_NE(firsts[1], firsts[2]);
}

TEST(prepare_series, own_means_are_removed_where_asked) {
  SeriesSet set;
  set.config_.series.remove_mean = true;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 16, 4, [i](int t) { return 100 * i + t; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared first = preparation.prepare(dataset.sample(0), 0);
  const Prepared other = preparation.prepare(dataset.sample(3), 0);
  for (size_t t = 0; t < 16; ++t) EXPECT_NEAR(first.values[t], other.values[t], 1e-5);
}

TEST(prepare_series, rows_of_arrays_and_stretches_of_files) {
  SeriesSet set;
  set.config.kinds = {{"wrist", "series"}};
  std::vector<float> values;
  for (int i = 0; i < 4 * 20 * 2; ++i) values.push_back(static_cast<float>(i % 7));
  values[1] = std::nanf("");
  set.write("all.npy", formats::serialize_npy({4, 20, 2}, values));
  set.write_even("long.csv", 200, 10, [](int t) { return t; });
  set.write("m.csv", "label,wrist\nx,all.npy#0\ny,all.npy#1\nx,all.npy#2\ny,all.npy#3\n");
  const Dataset arrays = set.open();
  const Prepared row = set.learn(arrays).prepare(arrays.sample(0), 0);
  EXPECT_EQ(row.length, 20);
  EXPECT_EQ(row.values.size(), 40u);
  EXPECT_EQ(row.observed[1], 0);
  set.write("m.csv",
            "label,wrist\nx,\"long.csv#t=0,2\"\ny,\"long.csv#t=2,4\"\nx,\"long.csv#t=4,6\"\n"
            "y,\"long.csv#t=6,8\"\n");
  const Dataset stretches = set.open();
  const Preparation preparation = set.learn(stretches);
  const Prepared last = preparation.prepare(stretches.sample(2), 0);
  EXPECT_EQ(last.length, 20);
  EXPECT_EQ(last.times[0], 0);
  // 0 to 59: mean 29.5, deviation sqrt((60^2 - 1) / 12).
  EXPECT_NEAR(last.values[0], (40 - 29.5) / std::sqrt(3599.0 / 12), 1e-5);
  set.write("m.csv", "label,wrist\nx,\"long.csv#t=0,2\"\ny,\"long.csv#t=90,91\"\n");
  const Dataset beyond = set.open();
  EXPECT_FAILURE(Preparation::learn(beyond, {0, 1}, set.config_, 1), data,
                 "expected measurements in this stretch, got none");
}

TEST(prepare_series, late_shows_what_lay_before_the_stretch) {
  SeriesSet set;
  set.write_even("long.csv", 200, 10, [](int t) { return t; });
  set.write("m.csv",
            "label,wrist\nx,\"long.csv#t=0,2\"\ny,\"long.csv#t=2,4\"\nx,\"long.csv#t=4,6\"\n"
            "y,\"long.csv#t=6,8\"\n");
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const auto late = [&](int row, double seconds) {
    Sample sample = dataset.sample(row);
    std::get<Path>(sample.values["wrist"]).late_s = seconds;
    return preparation.prepare(sample, 0);
  };
  EXPECT_EQ(late(3, 2), preparation.prepare(dataset.sample(2), 0));
  // At the file's start there is nothing before: gaps, and then what there is.
  const Prepared first = late(0, 0.5);
  ASSERT_EQ(first.length, 20);
  for (size_t t = 0; t < 20; ++t) EXPECT_EQ(first.observed[t], t < 5 ? 0 : 1) << t;
  EXPECT_EQ(first.values[5], preparation.prepare(dataset.sample(0), 0).values[0]);
  EXPECT_FALSE(late(0, 30).present);
  EXPECT_FALSE(late(0, -90).present);
}

TEST(prepare_series, memory_gives_the_bits_of_the_file) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 30, 7, [i](int t) { return std::sin(i + 0.3 * t); });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  align::Series series;
  for (int t = 0; t < 30; ++t) {
    series.times_ns.push_back(align::nearest_whole(std::round(t / 7.0 * 1e9)));
    series.values.push_back(std::stod(fmt::format("{}", std::sin(1 + 0.3 * t))));
  }
  Sample sample;
  sample.values["wrist"] = series;
  EXPECT_EQ(preparation.prepare(sample, 0), preparation.prepare(dataset.sample(1), 0));
}

TEST(prepare_series, saved_and_loaded_it_gives_the_same_bits) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 40, 9, [i](int t) { return std::cos(i * 0.7 * t); });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  preparation.save(set.folder / "saved");
  const Preparation loaded = Preparation::load(set.folder / "saved");
  EXPECT_EQ(loaded.fingerprint(), preparation.fingerprint());
  EXPECT_EQ(loaded.prepare(dataset.sample(3), 0), preparation.prepare(dataset.sample(3), 0));
  EXPECT_EQ(dump_config(loaded.specs()[0]), dump_config(preparation.specs()[0]));
}

TEST(prepare_series, bad_series_say_what_and_where) {
  SeriesSet set;
  for (int i = 0; i < 4; ++i)
    set.write_even(fmt::format("{}.csv", i), 20, 10, [](int t) { return t; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const std::pair<const char*, const char*> bad[] = {
      {"time_s,x\n", "m.csv:5: field \"wrist\": "},
      {"time_s,x\n0,nan\n1,nan\n", "gaps"},
      {"time_s,x\n0,1\n2,1\n1,1\n", "times"},
      {"time_s,y\n0,1\n1,1\n", "expected the channels x, as in the first training row, got y"},
      {"time_s,x\n0,1\n1,1e300\n", "expected values that float32 holds"}};
  Sample sample;
  sample.values["wrist"] = Path{set.folder / "0.csv#3"};
  EXPECT_FAILURE(preparation.prepare(sample, 0), data,
                 "expected a row of a .npy array alone, got one of ");
  set.write("x.parquet", "?");
  sample.values["wrist"] = Path{set.folder / "x.parquet"};
  EXPECT_FAILURE(preparation.prepare(sample, 0), data, "x.parquet");
  sample.values["wrist"] = align::Series{"", {2, 1}, 1, {1, 1}};
  EXPECT_FAILURE(preparation.prepare(sample, 0), data, "field \"wrist\": series: ");
  for (const auto& [text, message] : bad) {
    set.write("3.csv", text);
    EXPECT_FAILURE(preparation.prepare(dataset.sample(3), 0), data, message);
  }
  set.config_.series.method = "linaer";
  EXPECT_FAILURE(set.learn(dataset), config, "did you mean 'linear'?");
}

}  // namespace
}  // namespace braid::data
