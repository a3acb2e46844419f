// Sound for pretrained encoders: seconds of sound a second of one core, for each extractor and
// resampling. Prints CSV.
#include "processors/audio_processor.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <vector>

#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/rng.h"
#include "processors/power_spectra.h"
#include "processors/resample.h"

namespace braid::bench {
namespace {

using processors::AudioProcessor;
using processors::PowerSpectra;

std::vector<float> noise(double seconds, int64_t rate_hz) {
  Rng random(1);
  std::vector<float> samples(static_cast<size_t>(seconds * static_cast<double>(rate_hz)));
  for (float& sample : samples) sample = static_cast<float>(random.uniform(-0.5, 0.5));
  return samples;
}

// Features are finite and the same twice, and so for a sound of a hundredth of the length.
void check_features(const AudioProcessor& processor, const std::vector<float>& samples) {
  for (const size_t size : {samples.size(), samples.size() / 100}) {
    const std::vector<float> sound(samples.begin(), samples.begin() + static_cast<int64_t>(size));
    const AudioProcessor::Features first = processor(sound), second = processor(sound);
    BRAID_CHECK(first.values == second.values, internal, "features: expected the same bits twice");
    for (const float value : first.values)
      BRAID_CHECK(std::isfinite(value), internal, "features: expected numbers, got {}", value);
  }
}

void print(const char* what, const std::string& config, double seconds, double median) {
  fmt::print("{},{},{},{:.0f},{:.2f},{}\n", what, config, seconds, seconds / median,
             1e6 * median / seconds, commit());
  std::fflush(stdout);
}

void measure_processor(const char* name, const Json& config, double seconds) {
  const AudioProcessor processor = AudioProcessor::parse(config, "bench");
  const std::vector<float> samples = noise(seconds, processor.rate_hz());
  check_features(processor, samples);
  print(name, fmt::format("{} bands", processor.features()), seconds,
        median_s([&] { return processor(samples).values.back(); }));
}

// The transforms alone, of as many frames as a second of sound at 100 frames a second has: what the
// extractors cannot do without. First against the definition, one bin.
void measure_transform(int64_t size, double seconds) {
  const PowerSpectra spectra(size);
  PowerSpectra::Workspace work = spectra.make_workspace();
  const std::vector<float> samples = noise(1, size);
  for (int64_t i = 0; i < size; ++i) work.samples[i * PowerSpectra::kStep] = samples[i];
  std::complex<double> sum = 0;
  const int64_t bin = size / 3;
  for (int64_t i = 0; i < size; ++i)
    sum += static_cast<double>(samples[i]) *
           std::polar(1.0,
                      -2 * M_PI * static_cast<double>(i * bin % size) / static_cast<double>(size));
  spectra(&work);
  const double got = work.power[bin * PowerSpectra::kFrames];
  BRAID_CHECK(std::fabs(got - std::norm(sum)) <= 1e-9 * std::norm(sum), internal,
              "transform: expected {}, got {}", std::norm(sum), got);
  const auto calls = static_cast<int64_t>(100 * seconds / PowerSpectra::kFrames) + 1;
  const double covered_s = static_cast<double>(calls * PowerSpectra::kFrames) / 100;
  std::fill(work.samples.begin(), work.samples.end(), 0.0);
  const double median = median_s([&] {
    for (int64_t call = 0; call < calls; ++call) spectra(&work);
    return work.power[0];
  });
  print("transform", fmt::format("{} points", size), covered_s, median);
}

void measure_resampling(int from_hz, int to_hz, double seconds) {
  const std::vector<float> samples = noise(seconds, from_hz);
  // A constant stays what it is, away from the ends.
  const std::vector<float> flat =
      processors::resample_sinc(std::vector<float>(samples.size(), 0.25f), from_hz, to_hz);
  BRAID_CHECK(std::fabs(flat[flat.size() / 2] - 0.25f) < 1e-3, internal,
              "resampling: expected 0.25, got {}", flat[flat.size() / 2]);
  print("resample_sinc", fmt::format("{} to {} Hz", from_hz, to_hz), seconds,
        median_s([&] { return processors::resample_sinc(samples, from_hz, to_hz).back(); }));
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  const double seconds = is_smallest ? 1 : 10;
  using namespace braid::bench;
  try {
    fmt::print("what,config,seconds,seconds_per_s,us_per_s,commit\n");
    for (const int64_t size : {400, 512, 1024}) measure_transform(size, seconds);
    measure_processor("ast", {{"feature_extractor_type", "ASTFeatureExtractor"}}, seconds);
    for (const int bands : {80, 128})
      measure_processor("whisper",
                        {{"feature_extractor_type", "WhisperFeatureExtractor"},
                         {"feature_size", bands},
                         {"chunk_length", seconds}},
                        seconds);
    measure_processor("clap",
                      {{"feature_extractor_type", "ClapFeatureExtractor"},
                       {"truncation", "rand_trunc"},
                       {"max_length_s", seconds}},
                      seconds);
    measure_processor("wav2vec2", {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"}},
                      seconds);
    for (const int from_hz : {8000, 22050, 44100, 48000})
      measure_resampling(from_hz, /*to_hz=*/16000, seconds);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
