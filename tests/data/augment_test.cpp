#include "data/augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace braid::data {
namespace {

using ::testing::Each;

// Everything off; a test turns on what it looks at.
AugmentConfig nothing() {
  AugmentConfig config;
  config.image_shift = config.image_noise = config.audio_shift = config.audio_pitch =
      config.audio_noise = 0;
  config.audio_mask = config.text_drop = config.embedding_noise = config.tabular_noise = 0;
  return config;
}

Prepared present(std::vector<float> values, int64_t length = 1) {
  Prepared prepared;
  prepared.present = true;
  prepared.length = length;
  prepared.values = std::move(values);
  return prepared;
}

ModalitySpec image_spec(int64_t size) {
  ModalitySpec spec;
  spec.kind = Kind::image;
  spec.channels = 1;
  spec.height = spec.width = size;
  return spec;
}

ModalitySpec audio_spec(int64_t bands) {
  ModalitySpec spec;
  spec.kind = Kind::audio;
  spec.features = bands;
  spec.max_length = 100;
  return spec;
}

TEST(augment, nothing_on_changes_nothing) {
  Rng rng(1);
  Prepared image = present(std::vector<float>(16, 2.0f));
  augment(image_spec(4), nothing(), rng, &image);
  EXPECT_THAT(image.values, Each(2.0f));
  Prepared sound = present(std::vector<float>(40, 2.0f), 10);
  augment(audio_spec(4), nothing(), rng, &sound);
  EXPECT_THAT(sound.values, Each(2.0f));
}

TEST(augment, an_absent_sample_stays_absent) {
  Rng rng(1);
  Prepared absent;
  augment(image_spec(4), AugmentConfig(), rng, &absent);
  EXPECT_FALSE(absent.present);
  EXPECT_TRUE(absent.values.empty());
}

TEST(augment, a_flipped_picture_has_left_and_right_changed) {
  AugmentConfig config = nothing();
  config.image_flip = 0.5;
  int num_flipped = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    Prepared image = present({1, 2, 3, 4});
    augment(image_spec(2), config, rng, &image);
    if (image.values[0] == 2) {
      ++num_flipped;
      EXPECT_THAT(image.values, testing::ElementsAre(2, 1, 4, 3));
    } else {
      EXPECT_THAT(image.values, testing::ElementsAre(1, 2, 3, 4));
    }
  }
  EXPECT_NEAR(num_flipped, 150, 40);  // 4.6 deviations of 8.7
}

TEST(augment, a_zoomed_picture_changes_size_about_its_middle) {
  AugmentConfig config = nothing();
  config.image_zoom = 0.5;
  double smallest = 10, largest = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    std::vector<float> ramp;  // column c holds c - 4: a line through the middle, whose slope tells
    for (int i = 0; i < 81; ++i) ramp.push_back(static_cast<float>(i % 9 - 4));
    Prepared image = present(ramp);
    augment(image_spec(9), config, rng, &image);
    EXPECT_NEAR(image.values[4], 0, 1e-6);
    const double slope = image.values[5];  // 1 / factor
    for (int i = 0; i < 81; ++i)
      EXPECT_NEAR(image.values[static_cast<size_t>(i)], std::clamp(slope * (i % 9 - 4), -4.0, 4.0),
                  1e-5);
    smallest = std::min(smallest, 1 / slope);
    largest = std::max(largest, 1 / slope);
  }
  EXPECT_GE(smallest, 0.5 - 1e-6);
  EXPECT_LT(smallest, 0.55);
  EXPECT_LE(largest, 1.5 + 1e-6);
  EXPECT_GT(largest, 1.45);
}

TEST(augment, a_picture_is_shifted_whole_pixels_and_filled_with_the_mean) {
  AugmentConfig config = nothing();
  config.image_shift = 0.25;  // of 8 pixels: at most 2
  std::set<std::pair<int, int>> shifts;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    Prepared image = present(std::vector<float>(64, 0.0f));
    image.values[3 * 8 + 4] = 5;
    augment(image_spec(8), config, rng, &image);
    const auto found =
        std::find(image.values.begin(), image.values.end(), 5.0f) - image.values.begin();
    ASSERT_LT(found, 64);
    EXPECT_EQ(std::count(image.values.begin(), image.values.end(), 0.0f), 63);
    shifts.insert({int(found / 8) - 3, int(found % 8) - 4});
  }
  EXPECT_EQ(shifts.size(), 25u);  // every shift of -2 .. 2 in both directions
  EXPECT_EQ(*shifts.begin(), std::make_pair(-2, -2));
  EXPECT_EQ(*shifts.rbegin(), std::make_pair(2, 2));
}

TEST(augment, what_leaves_the_picture_is_gone) {
  AugmentConfig config = nothing();
  config.image_shift = 0.5;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    Prepared image = present({1, 1, 1, 1});  // 2 x 2, shifts of -1 .. 1
    augment(image_spec(2), config, rng, &image);
    const auto left = std::count(image.values.begin(), image.values.end(), 1.0f);
    EXPECT_TRUE(left == 4 || left == 2 || left == 1) << left;
  }
}

TEST(augment, sound_is_masked_in_one_block_of_frames_and_one_of_bands) {
  AugmentConfig config = nothing();
  config.audio_mask = 0.5;
  int64_t most_frames = 0, most_bands = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    Prepared sound = present(std::vector<float>(60, 1.0f), 10);  // 10 frames, 6 bands
    augment(audio_spec(6), config, rng, &sound);
    std::vector<int64_t> hidden_frames, hidden_bands;
    for (int64_t t = 0; t < 10; ++t) {
      bool is_hidden = true;
      for (int64_t f = 0; f < 6; ++f) is_hidden = is_hidden && sound.values[t * 6 + f] == 0;
      if (is_hidden) hidden_frames.push_back(t);
    }
    for (int64_t f = 0; f < 6; ++f) {
      bool is_hidden = true;
      for (int64_t t = 0; t < 10; ++t) is_hidden = is_hidden && sound.values[t * 6 + f] == 0;
      if (is_hidden) hidden_bands.push_back(f);
    }
    const int64_t frames = static_cast<int64_t>(hidden_frames.size()),
                  bands = static_cast<int64_t>(hidden_bands.size());
    // One block each, and nothing else is hidden: 60 - (10 - frames) (6 - bands) zeros.
    if (frames > 0) EXPECT_EQ(hidden_frames.back() - hidden_frames.front(), frames - 1);
    if (bands > 0) EXPECT_EQ(hidden_bands.back() - hidden_bands.front(), bands - 1);
    EXPECT_EQ(std::count(sound.values.begin(), sound.values.end(), 0.0f),
              60 - (10 - frames) * (6 - bands));
    most_frames = std::max(most_frames, frames);
    most_bands = std::max(most_bands, bands);
  }
  EXPECT_EQ(most_frames, 5);
  EXPECT_EQ(most_bands, 3);
}

TEST(augment, sound_is_shifted_in_time_and_pitch) {
  AugmentConfig config = nothing();
  config.audio_shift = 0.2;  // of 10 frames: 2
  config.audio_pitch = 1;
  std::set<std::pair<int, int>> shifts;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    Prepared sound = present(std::vector<float>(60, 0.0f), 10);
    sound.values[5 * 6 + 3] = 1;
    augment(audio_spec(6), config, rng, &sound);
    const auto found =
        std::find(sound.values.begin(), sound.values.end(), 1.0f) - sound.values.begin();
    ASSERT_LT(found, 60);
    shifts.insert({int(found / 6) - 5, int(found % 6) - 3});
  }
  EXPECT_EQ(shifts.size(), 15u);  // 5 shifts in time, 3 in pitch
}

TEST(augment, noise_has_the_deviation_asked_for) {
  AugmentConfig config = nothing();
  config.embedding_noise = 0.5;
  ModalitySpec spec;
  spec.kind = Kind::embedding;
  spec.features = 10000;
  Rng rng(3);
  Prepared vector = present(std::vector<float>(10000, 1.0f));
  augment(spec, config, rng, &vector);
  double sum = 0, squares = 0;
  for (const float value : vector.values) {
    sum += value - 1;
    squares += (value - 1) * (value - 1);
  }
  EXPECT_NEAR(sum / 10000, 0, 0.02);  // 4 standard errors of 0.5 / 100
  EXPECT_NEAR(std::sqrt(squares / 10000), 0.5, 0.02);
}

TEST(augment, only_observed_numbers_get_noise) {
  AugmentConfig config = nothing();
  config.tabular_noise = 1;
  ModalitySpec spec;
  spec.kind = Kind::tabular;
  spec.features = 2;
  Rng rng(1);
  Prepared row = present({1, 0});
  row.observed = {1, 0};
  row.ids = {4};
  augment(spec, config, rng, &row);
  EXPECT_NE(row.values[0], 1);
  EXPECT_EQ(row.values[1], 0);
  EXPECT_EQ(row.ids[0], 4);
}

TEST(augment, tokens_become_unknown_at_the_rate_asked_for) {
  AugmentConfig config = nothing();
  config.text_drop = 0.25;
  ModalitySpec spec;
  spec.kind = Kind::text;
  Rng rng(1);
  Prepared text;
  text.present = true;
  text.length = 10000;
  text.ids.assign(10000, 9);
  augment(spec, config, rng, &text);
  const auto dropped = std::count(text.ids.begin(), text.ids.end(), 1);
  EXPECT_NEAR(double(dropped), 2500, 175);  // 4 deviations of sqrt(10000 * 0.25 * 0.75) = 43
  EXPECT_EQ(std::count(text.ids.begin(), text.ids.end(), 9), 10000 - dropped);
}

TEST(augment, words_that_can_be_left_out_are_but_never_all) {
  AugmentConfig config = nothing();
  config.text_drop = 0.5;
  ModalitySpec spec;
  spec.kind = Kind::text;
  int64_t num_kept = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Prepared text;
    text.present = true;
    text.ids = {7, 8, 9};
    text.observed = {1, 1, 1};
    text.length = 3;
    Rng rng(seed);
    augment(spec, config, rng, &text);
    EXPECT_EQ(text.length, static_cast<int64_t>(text.ids.size()));
    EXPECT_EQ(std::count(text.ids.begin(), text.ids.end(), 1), 0);
    ASSERT_FALSE(text.ids.empty());
    num_kept += text.length;
  }
  // All three stay where all three fell: 3 * 0.5 + 3 / 8 = 1.875; deviation below 1, so 4
  // standard errors are 0.13.
  EXPECT_NEAR(static_cast<double>(num_kept) / 1000, 1.875, 0.13);
}

TEST(augment, the_same_generator_gives_the_same_bits) {
  for (const uint64_t seed : {1, 2}) {
    Prepared a = present(std::vector<float>(60, 1.0f), 10), b = a;
    Rng first(seed), second(seed), other(seed + 10);
    augment(audio_spec(6), AugmentConfig(), first, &a);
    augment(audio_spec(6), AugmentConfig(), second, &b);
    EXPECT_EQ(a.values, b.values);
    Prepared c = present(std::vector<float>(60, 1.0f), 10);
    augment(audio_spec(6), AugmentConfig(), other, &c);
    EXPECT_NE(a.values, c.values);
  }
}

}  // namespace
}  // namespace braid::data
