// Walks the folders of golden files, so that a new one is compared without an edit here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/audio.h"
#include "processors/audio_support.h"
#include "support/shared_folders.h"

namespace braid::processors {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;

// Of the features of one sound.
constexpr double kTolerance = 1e-4, kWaveTolerance = 1e-6;

std::string kind_of(const AudioProcessor& processor) {
  return processor.config()["feature_extractor_type"];
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The first sound of a batch, row-major (T, F).
std::vector<double> first_sound(const AudioProcessor& processor, const formats::NpyArray& golden) {
  const auto size = static_cast<int64_t>(golden.values.size()) / golden.shape[0];
  const std::vector<double> first(golden.values.begin(), golden.values.begin() + size);
  return kind_of(processor) == "WhisperFeatureExtractor" ? transposed(first, golden.shape[1])
                                                         : first;
}

AudioProcessor with_key(const AudioProcessor& processor, const char* key, const Json& value) {
  Json config = processor.config();
  config[key] = value;
  return AudioProcessor::parse(config, "changed");
}

// Compares one golden file of a case; false where nothing here computes it.
bool compare(const AudioProcessor& processor, const fs::path& file, const std::string& waves) {
  const std::string name = file.filename().string();
  const std::string wave = name.substr(0, name.find('.'));
  const formats::NpyArray golden = formats::read_npy(file.string());
  std::vector<float> samples = read_samples(waves + "/" + wave + ".npy");
  const bool is_wave = processor.features() == 1;
  SCOPED_TRACE(file.string());
  if (ends_with(name, ".attention_mask.npy")) {
    if (is_wave) return false;  // ones, then the padding of a batch
    int64_t num_real = 0;
    for (int64_t t = 0; t < processor.max_frames(); ++t) num_real += golden.values[t] != 0;
    EXPECT_EQ(processor(samples).real_frames, num_real);
    return true;
  }
  if (ends_with(name, ".is_longer.npy") || ends_with(name, "_torchaudio.npy")) return false;
  const AudioProcessor::Features got = ends_with(name, ".do_normalize.npy")
                                           ? with_key(processor, "do_normalize", true)(samples)
                                           : processor(samples);
  std::vector<double> expected = first_sound(processor, golden);
  if (is_wave) expected.resize(samples.size());  // beyond is the padding of a batch
  EXPECT_EQ(got.frames * processor.features(), static_cast<int64_t>(expected.size()));
  const double off = farthest(got.values, expected);
  EXPECT_LE(off, is_wave ? kWaveTolerance : kTolerance);
  return true;
}

TEST(audio_goldens, every_case_of_the_extractors) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/audio";
  int num_compared = 0;
  for (const fs::path& entry : sorted_entries(folder)) {
    const fs::path config = entry / "preprocessor_config.json";
    if (!fs::exists(config)) continue;
    if (entry.filename().string().find("fusion") != std::string::npos) {
      EXPECT_THROW(read_processor(config.string()), Error);
      continue;
    }
    const AudioProcessor processor = read_processor(config.string());
    for (const fs::path& file : sorted_entries(entry.string()))
      if (file.extension() == ".npy") num_compared += compare(processor, file, folder + "/wav");
  }
  EXPECT_GE(num_compared, 40);
}

// The reference's other path for AST, on sound without bands near silence: see AudioProcessor.
TEST(audio_goldens, ast_is_near_its_torchaudio_path) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/audio";
  int num_compared = 0;
  for (const fs::path& entry : sorted_entries(folder)) {
    const fs::path config = entry / "preprocessor_config.json";
    if (!fs::exists(config)) continue;
    for (const fs::path& file : sorted_entries(entry.string())) {
      const std::string name = file.filename().string();
      if (!ends_with(name, ".input_values_torchaudio.npy")) continue;
      SCOPED_TRACE(file.string());
      const AudioProcessor processor = read_processor(config.string());
      const std::string wave = name.substr(0, name.find('.'));
      const double off = farthest(processor(read_samples(folder + "/wav/" + wave + ".npy")).values,
                                  formats::read_npy(file.string()).values);
      EXPECT_LE(off, wave == "chirp" ? 1.5e-3 : 1e-5);
      ++num_compared;
    }
  }
  EXPECT_GE(num_compared, 6);
}

#ifdef BRAID_TEST_FFMPEG
// Files of pretrained models beside what their encoders read.
TEST(audio_goldens, models_from_wav_files) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  int num_compared = 0;
  for (const fs::path& model : sorted_entries(goldens + "/models")) {
    const fs::path config = model / "preprocessor_config.json";
    if (!fs::exists(config) || !fs::exists(model / "e2e")) continue;
    for (const fs::path& wav : sorted_entries((model / "e2e").string())) {
      if (wav.extension() != ".wav") continue;
      SCOPED_TRACE(wav.string());
      const AudioProcessor processor = read_processor(config.string());
      const formats::Audio audio = formats::read_audio(wav.string(), /*rate_hz=*/0);
      ASSERT_EQ(audio.rate_hz, processor.rate_hz());
      for (const char* kind : {"input_values", "input_features"}) {
        const fs::path golden = model / "e2e" / (wav.stem().string() + "." + kind + ".npy");
        if (!fs::exists(golden)) continue;
        const double off = farthest(processor(audio.samples).values,
                                    first_sound(processor, formats::read_npy(golden.string())));
        EXPECT_LE(off, processor.features() == 1 ? kWaveTolerance : kTolerance);
        ++num_compared;
      }
    }
  }
  EXPECT_GE(num_compared, 10);
}

// Eleven seconds of speech. Whisper's golden file leaves out the frames of silence, which are all
// -0.538741946220398.
TEST(audio_goldens, speech) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string speech = goldens + "/real/media/jfk.";
  const std::vector<float> samples = formats::read_audio(speech + "wav", /*rate_hz=*/0).samples;
  const auto features_of = [&samples](const char* type) {
    return AudioProcessor::parse({{"feature_extractor_type", type}}, "test")(samples);
  };
  const AudioProcessor::Features ast = features_of("ASTFeatureExtractor");
  EXPECT_EQ(ast.real_frames, 1024);  // of 1 + (176000 - 400) / 160 = 1098
  EXPECT_LE(farthest(ast.values, formats::read_npy(speech + "ast.npy").values), 1e-6);
  EXPECT_LE(farthest(features_of("Wav2Vec2FeatureExtractor").values,
                     formats::read_npy(speech + "wav2vec2.npy").values),
            2e-6);
  const AudioProcessor::Features whisper = features_of("WhisperFeatureExtractor");
  EXPECT_EQ(whisper.frames, 3000);
  EXPECT_EQ(whisper.real_frames, 1100);
  std::vector<double> expected = transposed(formats::read_npy(speech + "whisper80.npy").values, 80);
  ASSERT_EQ(expected.size(), 1120u * 80);
  expected.resize(whisper.values.size(), -0.538741946220398);
  EXPECT_LE(farthest(whisper.values, expected), 2e-5);
}
#endif

}  // namespace
}  // namespace braid::processors
