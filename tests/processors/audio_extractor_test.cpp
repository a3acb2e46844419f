#include "processors/audio_extractor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "processors/audio_support.h"

namespace braid::processors {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string error_of(const Json& config) {
  try {
    AudioProcessor::parse(config, "model/preprocessor_config.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::config) << e.what();
    EXPECT_THAT(e.what(), StartsWith("model/preprocessor_config.json: "));
    return std::string(e.what()).substr(32);
  }
  ADD_FAILURE() << "no Error was thrown for " << config.dump();
  return "";
}

// The config of one extractor with other keys in it.
std::string error_with(const char* name, const Json& keys) {
  Json config = {{"feature_extractor_type", std::string(name) + "FeatureExtractor"}};
  if (std::string(name) == "Clap") config["truncation"] = "rand_trunc";
  config.update(keys);
  return error_of(config);
}

TEST(audio_extractor, names_the_known_ones) {
  const std::string known =
      "ASTFeatureExtractor, ClapFeatureExtractor, Wav2Vec2FeatureExtractor, "
      "WhisperFeatureExtractor";
  EXPECT_EQ(error_of(Json::object()), "feature_extractor_type: expected one of " + known +
                                          ", got none; add it after the kind of the checkpoint");
  EXPECT_EQ(error_of({{"feature_extractor_type", 3}}),
            "feature_extractor_type: expected one of " + known +
                ", got 3; add it after the kind of the checkpoint");
  EXPECT_EQ(error_with("Whispr", Json::object()),
            "unknown feature extractor 'WhisprFeatureExtractor'; did you mean "
            "'WhisperFeatureExtractor'? (known: " +
                known + ")");
  EXPECT_EQ(error_of(Json::array()), "expected an object, got array");
  EXPECT_EQ(error_of(Json()), "expected an object, got null");
}

TEST(audio_extractor, names_keys_nothing_knows) {
  EXPECT_THAT(error_with("AST", {{"max_lenght", 4}}),
              HasSubstr("unknown config key 'max_lenght'; did you mean 'max_length'?"));
  EXPECT_THAT(error_with("Wav2Vec2", {{"num_mel_bins", 4}}),
              HasSubstr("unknown config key 'num_mel_bins'"));
}

TEST(audio_extractor, names_wrong_types) {
  EXPECT_EQ(error_with("AST", {{"max_length", "long"}}),
            "max_length: expected a whole number, got \"long\"");
  EXPECT_EQ(error_with("AST", {{"mean", true}}), "mean: expected a number, got true");
  EXPECT_EQ(error_with("Wav2Vec2", {{"do_normalize", 1}}),
            "do_normalize: expected true or false, got 1");
  EXPECT_EQ(error_with("Clap", {{"padding", "mirror"}}),
            "padding: expected one of repeatpad, repeat, pad, got 'mirror'");
  EXPECT_EQ(error_with("Whisper", {{"feature_size", Json::array()}}),
            "feature_size: expected a whole number, got []");
}

TEST(audio_extractor, names_sizes_out_of_bounds) {
  EXPECT_THAT(error_with("AST", {{"num_mel_bins", 0}}), StartsWith("num_mel_bins: expected"));
  EXPECT_THAT(error_with("AST", {{"max_length", -1}}), StartsWith("max_length: expected"));
  EXPECT_EQ(error_with("AST", {{"std", 0}}), "std: expected above 0, got 0");
  EXPECT_EQ(error_with("AST", {{"feature_size", 128}}), "feature_size: expected 1, got 128");
  EXPECT_EQ(error_with("Wav2Vec2", {{"feature_size", 2}}), "feature_size: expected 1, got 2");
  EXPECT_THAT(error_with("Whisper", {{"n_fft", 1000000000000}}), StartsWith("n_fft: expected"));
  EXPECT_THAT(error_with("Whisper", {{"sampling_rate", 0}}), StartsWith("sampling_rate: expected"));
  EXPECT_EQ(error_with("Whisper", {{"sampling_rate", 1000}, {"chunk_length", 1}, {"n_fft", 2000}}),
            "n_fft, hop_length: expected less than a chunk of 1000 samples, got 2000 and 160");
  EXPECT_EQ(
      error_with("Whisper", {{"hop_length", 1}, {"chunk_length", 3600}}),
      "frames of a sound: expected at most 100000000 values, got 57600000 frames of 80 bands");
  EXPECT_EQ(error_with("Clap", {{"frequency_max", 24001}}),
            "frequency_max: expected at most half of 48000 Hz, got 24001");
  EXPECT_EQ(error_with("Clap", {{"frequency_min", 14000}}),
            "frequency_min: expected 0 to below 14000, got 14000");
  EXPECT_EQ(error_with("Clap", {{"sampling_rate", 4000},
                                {"max_length_s", 1},
                                {"frequency_max", 2000},
                                {"fft_window_size", 8000}}),
            "fft_window_size, hop_length: expected less than 4000 samples, got 8000 and 480");
}

TEST(audio_extractor, refuses_what_would_change_the_result) {
  EXPECT_EQ(error_with("Whisper", {{"padding_side", "left"}}),
            "padding_side: expected one of right, got 'left'");
  EXPECT_EQ(error_with("Whisper", {{"padding_value", 0.5}}),
            "padding_value: expected 0, got 0.5; no other padding is supported");
  EXPECT_EQ(error_with("Whisper", {{"dither", 0.1}}),
            "dither: expected 0, got 0.1; random noise is unsupported");
  EXPECT_EQ(error_with("AST", {{"sampling_rate", 8000}}),
            "sampling_rate: expected 16000, got 8000; AST's windows are made for it");
  EXPECT_EQ(
      error_with("Clap", {{"truncation", "fusion"}}),
      "truncation: expected \"rand_trunc\", got \"fusion\"; its four spectrograms a sound are "
      "not supported, take a checkpoint without fusion");
  EXPECT_THAT(error_of({{"feature_extractor_type", "ClapFeatureExtractor"}}),
              HasSubstr("got \"fusion\" (the default)"));
}

// What the reference works out anew has no say, whatever it is.
TEST(audio_extractor, passes_over_derived_keys) {
  const AudioProcessor whisper =
      AudioProcessor::parse({{"feature_extractor_type", "WhisperFeatureExtractor"},
                             {"mel_filters", {{1, 2}, {3, 4}}},
                             {"n_samples", 1},
                             {"nb_max_frames", "none"}},
                            "test");
  EXPECT_EQ(whisper.max_frames(), 3000);
  const AudioProcessor clap =
      AudioProcessor::parse({{"feature_extractor_type", "ClapFeatureExtractor"},
                             {"truncation", "rand_trunc"},
                             {"top_db", nullptr},
                             {"nb_max_samples", 7}},
                            "test");
  EXPECT_EQ(clap.max_frames(), 1001);
  EXPECT_EQ(clap.rate_hz(), 48000);
}

}  // namespace
}  // namespace braid::processors
