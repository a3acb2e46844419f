#include "processors/audio_processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "core/error.h"
#include "core/rng.h"
#include "processors/audio_support.h"

namespace braid::processors {
namespace {

using ::testing::Each;
using ::testing::FloatNear;

// A second of sound at most, where the extractor has a length.
const Json kAst = {{"feature_extractor_type", "ASTFeatureExtractor"}, {"max_length", 98}};
const Json kWhisper = {{"feature_extractor_type", "WhisperFeatureExtractor"}, {"chunk_length", 1}};
const Json kWaves = {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"}};

Json clap_config(const char* padding) {
  return {{"feature_extractor_type", "ClapFeatureExtractor"},
          {"max_length_s", 1},
          {"truncation", "rand_trunc"},
          {"padding", padding}};
}

std::vector<Json> all_configs() {
  return {
      kAst, kWhisper, kWaves, clap_config("pad"), clap_config("repeat"), clap_config("repeatpad")};
}

AudioProcessor make(const Json& config) { return AudioProcessor::parse(config, "test"); }

std::vector<float> noise(int64_t size) {
  Rng rng(4);
  std::vector<float> samples(size);
  for (float& sample : samples) sample = static_cast<float>(rng.uniform(-1, 1));
  return samples;
}

// One sample, less than a frame, a frame, a second at both rates, and much more than that.
TEST(audio_processor, takes_sound_of_any_length) {
  for (const Json& config : all_configs()) {
    const AudioProcessor processor = make(config);
    SCOPED_TRACE(processor.config().dump());
    for (const int64_t size : {1, 2, 350, 399, 400, 16000, 16001, 48000, 48001, 200000})
      for (const std::vector<float>& samples : {noise(size), std::vector<float>(size)}) {
        const AudioProcessor::Features got = processor(samples);
        const int64_t frames = processor.max_frames() == 0 ? size : processor.max_frames();
        EXPECT_EQ(got.frames, frames);
        EXPECT_EQ(static_cast<int64_t>(got.values.size()), frames * processor.features());
        EXPECT_LE(got.real_frames, frames);
        EXPECT_GE(got.real_frames, size < 400 && config == kAst ? 0 : 1);
        for (const float value : got.values) ASSERT_TRUE(std::isfinite(value)) << size;
      }
  }
}

TEST(audio_processor, silence_by_hand) {
  const std::vector<float> silence(48000);
  // (log10 1e-10 + 4) / 4
  EXPECT_THAT(make(kWhisper)(silence).values, Each(FloatNear(-1.5f, 1e-6f)));
  // 10 log10 1e-10
  EXPECT_THAT(make(clap_config("pad"))(silence).values, Each(FloatNear(-100.0f, 1e-5f)));
  // (ln 1.1920929e-7 + 4.2677393) / (2 * 4.5689974) = (-15.9423851 + 4.2677393) / 9.1379948
  EXPECT_THAT(make(kAst)(silence).values, Each(FloatNear(-1.2775942f, 1e-6f)));
  EXPECT_THAT(make(kWaves)(silence).values, Each(0.0f));
}

// AST: 1 + floor((N - 400) / 160). Whisper, CLAP: those that begin at a sample (160, 480 apart).
TEST(audio_processor, counts_the_frames_that_hold_sound) {
  const auto real_frames = [](const Json& config, int64_t size) {
    return make(config)(noise(size)).real_frames;
  };
  EXPECT_EQ(make(kAst).max_frames(), 98);
  EXPECT_EQ(real_frames(kAst, 399), 0);
  EXPECT_EQ(real_frames(kAst, 559), 1);
  EXPECT_EQ(real_frames(kAst, 560), 2);
  EXPECT_EQ(real_frames(kAst, 16000), 98);
  EXPECT_EQ(make(kWhisper).max_frames(), 100);
  EXPECT_EQ(real_frames(kWhisper, 160), 1);
  EXPECT_EQ(real_frames(kWhisper, 161), 2);
  EXPECT_EQ(make(clap_config("pad")).max_frames(), 101);
  EXPECT_EQ(real_frames(clap_config("pad"), 20000), 42);
  EXPECT_EQ(real_frames(clap_config("repeatpad"), 20000), 84);  // 40000 samples
  EXPECT_EQ(real_frames(clap_config("repeat"), 20000), 101);
  EXPECT_EQ(real_frames(clap_config("pad"), 48000), 101);
  EXPECT_EQ(real_frames(kWaves, 123), 123);
}

TEST(audio_processor, cuts_the_end_off_or_takes_the_middle) {
  const std::vector<float> samples = noise(100001);
  const auto stretch = [&samples](int64_t from, int64_t size) {
    return std::vector<float>(samples.begin() + from, samples.begin() + from + size);
  };
  for (const Json& config : {kAst, kWhisper})
    EXPECT_EQ(make(config)(samples).values, make(config)(stretch(0, 16000)).values);
  // (100001 - 48000) / 2 = 26000 and a half.
  const AudioProcessor clap = make(clap_config("pad"));
  EXPECT_EQ(clap(samples).values, clap(stretch(26000, 48000)).values);
}

TEST(audio_processor, repeats_what_is_short) {
  const std::vector<float> samples = noise(20000);
  std::vector<float> repeated;
  for (int i = 0; i < 2; ++i) repeated.insert(repeated.end(), samples.begin(), samples.end());
  const AudioProcessor pad = make(clap_config("pad"));
  EXPECT_EQ(make(clap_config("repeatpad"))(samples).values, pad(repeated).values);
  repeated.insert(repeated.end(), samples.begin(), samples.begin() + 8000);
  EXPECT_EQ(make(clap_config("repeat"))(samples).values, pad(repeated).values);
}

TEST(audio_processor, whisper_reaches_eight_decades_down) {
  // A second of which the first tenth is loud: the rest, log10 1e-10, is raised to the loudest - 8.
  const std::vector<float> got = make(kWhisper)(noise(1600)).values;
  const float loudest = *std::max_element(got.begin(), got.end());
  EXPECT_GT(4 * loudest - 4 - 8, -10);
  EXPECT_FLOAT_EQ(*std::min_element(got.begin(), got.end()), loudest - 2);  // 8 / 4
  EXPECT_FLOAT_EQ(got.back(), loudest - 2);
}

TEST(audio_processor, config_reads_back) {
  for (Json config : all_configs()) {
    config["feature_size"] = make(config).config()["feature_size"];
    config["padding_side"] = "right";
    config["processor_class"] = "Any";
    config["_name_or_path"] = "somewhere";
    const AudioProcessor first = make(config), second = make(first.config());
    EXPECT_EQ(first.config(), second.config());
    EXPECT_FALSE(first.config().contains("processor_class"));
    EXPECT_EQ(first.rate_hz(), second.rate_hz());
    EXPECT_EQ(first(noise(5000)).values, second(noise(5000)).values);
  }
}

TEST(audio_processor, many_threads_use_one) {
  for (const Json& config : all_configs()) {
    const AudioProcessor processor = make(config);
    const std::vector<float> samples = noise(30000);
    const std::vector<float> expected = processor(samples).values;
    std::vector<std::vector<float>> got(4);
    std::vector<std::thread> threads;
    for (std::vector<float>& values : got)
      threads.emplace_back([&] { values = processor(samples).values; });
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(got, Each(expected));
  }
}

TEST(audio_processor, names_missing_samples) {
  try {
    make(kWaves)({});
    ADD_FAILURE() << "no Error was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::shape);
    EXPECT_STREQ(e.what(), "audio processor: samples: expected at least 1, got 0");
  }
}

}  // namespace
}  // namespace braid::processors
