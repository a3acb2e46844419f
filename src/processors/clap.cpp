// CLAP: decibels of mel bands of a sound that was repeated, filled up or cut to a fixed length.
#include <algorithm>
#include <cmath>

#include "processors/audio_extractor.h"
#include "processors/log_spectrogram.h"

namespace braid::processors {
namespace {

struct ClapConfig : ExtractorConfig {
  ClapConfig() {
    feature_size = 64;
    sampling_rate = 48000;
  }
  int64_t hop_length = 480;
  int64_t max_length_s = 10;
  int64_t fft_window_size = 1024;
  double frequency_min = 0;
  double frequency_max = 14000;
  std::string truncation = "fusion";
  std::string padding = "repeatpad";

  template <class V>
  void visit(V& v) {
    visit_shared(v);
    v("hop_length", hop_length, between(1, 65536), "samples between frames");
    v("max_length_s", max_length_s, between(1, 3600), "seconds that a sound is brought to");
    v("fft_window_size", fft_window_size, between(2, 16384), "samples of a frame");
    v("frequency_min", frequency_min, at_least(0), "Hz, where the lowest band begins");
    v("frequency_max", frequency_max, at_least(0), "Hz, where the highest band ends");
    v("truncation", truncation, one_of({"rand_trunc", "fusion"}), "how a long sound is cut");
    v("padding", padding, one_of({"repeatpad", "repeat", "pad"}), "how a short sound is filled up");
  }
};

LogSpectrogramConfig spectrogram_config(const ClapConfig& config) {
  MelBankConfig bank;
  bank.rate_hz = config.sampling_rate;
  bank.fft_size = config.fft_window_size;
  bank.num_mels = config.feature_size;
  bank.low_hz = config.frequency_min;
  bank.high_hz = config.frequency_max;
  LogSpectrogramConfig spectrogram;
  spectrogram.window = hann_window(config.fft_window_size, /*is_periodic=*/true);
  spectrogram.fft_size = config.fft_window_size;
  spectrogram.hop_samples = config.hop_length;
  spectrogram.bank = mel_bank(bank);
  spectrogram.log_scale = 10 / std::log(10.0);
  return spectrogram;
}

class Clap : public AudioExtractor {
 public:
  explicit Clap(const ClapConfig& config)
      : AudioExtractor(config, dump_config(config)),
        config_(config),
        num_samples_(config.max_length_s * config.sampling_rate),
        spectrogram_(spectrogram_config(config)) {}

  int64_t features() const override { return config_.feature_size; }
  int64_t max_frames() const override { return num_samples_ / config_.hop_length + 1; }

  AudioProcessor::Features extract(const std::vector<float>& samples) const override {
    const int64_t size = static_cast<int64_t>(samples.size());
    const float* sound = samples.data() + std::max<int64_t>(0, (size - num_samples_) / 2);
    int64_t num_given = std::min(size, num_samples_);
    std::vector<float> repeated;
    if (size < num_samples_ && config_.padding != "pad") {
      num_given = config_.padding == "repeat" ? num_samples_ : num_samples_ / size * size;
      repeated.reserve(num_given);
      while (static_cast<int64_t>(repeated.size()) < num_given)
        repeated.insert(
            repeated.end(), samples.begin(),
            samples.begin() + std::min(size, num_given - static_cast<int64_t>(repeated.size())));
      sound = repeated.data();
    }
    AudioProcessor::Features features;
    features.frames = max_frames();
    features.real_frames = num_given == num_samples_
                               ? features.frames
                               : (num_given + config_.hop_length - 1) / config_.hop_length;
    features.values.resize(features.frames * config_.feature_size);  // [T, F]
    spectrogram_.centred(sound, num_given, num_samples_, features.frames, features.values.data());
    return features;
  }

 private:
  ClapConfig config_;
  int64_t num_samples_;  // that every sound is brought to
  LogSpectrogram spectrogram_;
};

}  // namespace

std::shared_ptr<const AudioExtractor> make_clap(const Json& node) {
  const auto config = read_extractor<ClapConfig>(
      node, /*inert=*/{"top_db", "chunk_length_s", "n_fft", "nb_frequency_bins", "nb_max_frames",
                       "nb_max_samples"});
  BRAID_CHECK(
      config.truncation == "rand_trunc", config,
      "truncation: expected \"rand_trunc\", got \"{}\"{}; its four spectrograms a sound are "
      "not supported, take a checkpoint without fusion",
      config.truncation, node.contains("truncation") ? "" : " (the default)");
  const double half_rate = static_cast<double>(config.sampling_rate) / 2;
  BRAID_CHECK(config.frequency_max <= half_rate, config,
              "frequency_max: expected at most half of {} Hz, got {}", config.sampling_rate,
              config.frequency_max);
  BRAID_CHECK(config.frequency_min < config.frequency_max, config,
              "frequency_min: expected 0 to below {}, got {}", config.frequency_max,
              config.frequency_min);
  const int64_t num_samples = config.max_length_s * config.sampling_rate;
  BRAID_CHECK(config.fft_window_size / 2 < num_samples && config.hop_length <= num_samples, config,
              "fft_window_size, hop_length: expected less than {} samples, got {} and {}",
              num_samples, config.fft_window_size, config.hop_length);
  check_feature_count(num_samples / config.hop_length + 1, config.feature_size);
  return std::make_shared<Clap>(config);
}

}  // namespace braid::processors
