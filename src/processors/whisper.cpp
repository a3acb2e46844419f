// Whisper: log10 of mel bands of a chunk of fixed length, eight decades below the loudest at most.
#include <algorithm>
#include <cmath>

#include "processors/audio_extractor.h"
#include "processors/log_spectrogram.h"
#include "processors/unit_variance.h"

namespace braid::processors {
namespace {

constexpr double kHighHz = 8000;
constexpr float kDecades = 8;

struct WhisperConfig : ExtractorConfig {
  WhisperConfig() { feature_size = 80; }
  int64_t hop_length = 160;
  int64_t chunk_length = 30;
  int64_t n_fft = 400;
  double dither = 0;
  bool do_normalize = false;

  template <class V>
  void visit(V& v) {
    visit_shared(v);
    v("hop_length", hop_length, between(1, 65536), "samples between frames");
    v("chunk_length", chunk_length, between(1, 3600),
      "seconds that a sound is cut or filled up to");
    v("n_fft", n_fft, between(2, 16384), "samples of a frame");
    v("dither", dither, any(), "noise that is added; 0 alone is supported");
    v("do_normalize", do_normalize, any(), "bring the sound to mean 0 and variance 1 first");
  }
};

LogSpectrogramConfig spectrogram_config(const WhisperConfig& config) {
  MelBankConfig bank;
  bank.rate_hz = config.sampling_rate;
  bank.fft_size = config.n_fft;
  bank.num_mels = config.feature_size;
  bank.high_hz = kHighHz;
  LogSpectrogramConfig spectrogram;
  spectrogram.window = hann_window(config.n_fft, /*is_periodic=*/true);
  spectrogram.fft_size = config.n_fft;
  spectrogram.hop_samples = config.hop_length;
  spectrogram.bank = mel_bank(bank);
  spectrogram.log_scale = 1 / std::log(10.0);
  return spectrogram;
}

class Whisper : public AudioExtractor {
 public:
  explicit Whisper(const WhisperConfig& config)
      : AudioExtractor(config, dump_config(config)),
        config_(config),
        num_samples_(config.chunk_length * config.sampling_rate),
        spectrogram_(spectrogram_config(config)) {}

  int64_t features() const override { return config_.feature_size; }
  // The reference drops the frame centred on the chunk's end.
  int64_t max_frames() const override { return num_samples_ / config_.hop_length; }

  AudioProcessor::Features extract(const std::vector<float>& samples) const override {
    const int64_t num_given = std::min(static_cast<int64_t>(samples.size()), num_samples_);
    std::vector<float> normalized;
    if (config_.do_normalize) normalized = unit_variance(samples.data(), num_given);
    AudioProcessor::Features features;
    features.frames = max_frames();
    features.real_frames =
        std::min(features.frames, (num_given + config_.hop_length - 1) / config_.hop_length);
    features.values.resize(features.frames * config_.feature_size);  // [T, F]
    spectrogram_.centred(config_.do_normalize ? normalized.data() : samples.data(), num_given,
                         num_samples_, features.frames, features.values.data());
    const float lowest =
        *std::max_element(features.values.begin(), features.values.end()) - kDecades;
    for (float& value : features.values) value = (std::max(value, lowest) + 4.0f) / 4.0f;
    return features;
  }

 private:
  WhisperConfig config_;
  int64_t num_samples_;  // of a chunk
  LogSpectrogram spectrogram_;
};

}  // namespace

std::shared_ptr<const AudioExtractor> make_whisper(const Json& node) {
  const auto config =
      read_extractor<WhisperConfig>(node, /*inert=*/{"n_samples", "nb_max_frames", "mel_filters"});
  BRAID_CHECK(config.dither == 0, config, "dither: expected 0, got {}; random noise is unsupported",
              config.dither);
  const int64_t num_samples = config.chunk_length * config.sampling_rate;
  BRAID_CHECK(config.n_fft / 2 < num_samples && config.hop_length <= num_samples, config,
              "n_fft, hop_length: expected less than a chunk of {} samples, got {} and {}",
              num_samples, config.n_fft, config.hop_length);
  check_feature_count(num_samples / config.hop_length, config.feature_size);
  return std::make_shared<Whisper>(config);
}

}  // namespace braid::processors
