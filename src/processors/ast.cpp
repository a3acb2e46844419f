// AST: Kaldi's filter bank energies, normalised, filled up with frames of 0.
#include <algorithm>

#include "processors/audio_extractor.h"
#include "processors/log_spectrogram.h"

namespace braid::processors {
namespace {

// Fixed in the reference, whatever the rate.
constexpr int64_t kWindowSamples = 400, kHopSamples = 160, kFftSize = 512, kRateHz = 16000;
constexpr double kLowHz = 20, kPreemphasis = 0.97;
constexpr double kFloor = 1.192092955078125e-07;  // of a band

struct AstConfig : ExtractorConfig {
  int64_t num_mel_bins = 128;
  int64_t max_length = 1024;
  bool do_normalize = true;
  double mean = -4.2677393;
  double deviation = 4.5689974;

  template <class V>
  void visit(V& v) {
    visit_shared(v);
    v("num_mel_bins", num_mel_bins, between(1, 1024), "bands per frame");
    v("max_length", max_length, between(1, 1000000), "frames");
    v("do_normalize", do_normalize, any(), "take off the mean, divide by twice the deviation");
    v("mean", mean, any(), "of the energies the checkpoint was trained on");
    v("std", deviation, any(), "their deviation");
  }
};

LogSpectrogramConfig spectrogram_config(const AstConfig& config) {
  MelBankConfig bank;
  bank.rate_hz = kRateHz;
  bank.fft_size = kFftSize;
  bank.num_mels = config.num_mel_bins;
  bank.low_hz = kLowHz;
  bank.high_hz = kRateHz / 2.0;
  bank.scale = MelScale::kaldi;
  LogSpectrogramConfig spectrogram;
  spectrogram.window = hann_window(kWindowSamples, /*is_periodic=*/false);
  spectrogram.fft_size = kFftSize;
  spectrogram.hop_samples = kHopSamples;
  spectrogram.is_mean_removed = true;
  spectrogram.preemphasis = kPreemphasis;
  spectrogram.bank = mel_bank(bank);
  spectrogram.floor = kFloor;
  return spectrogram;
}

class Ast : public AudioExtractor {
 public:
  explicit Ast(const AstConfig& config)
      : AudioExtractor(config, dump_config(config)),
        config_(config),
        spectrogram_(spectrogram_config(config)) {}

  int64_t features() const override { return config_.num_mel_bins; }
  int64_t max_frames() const override { return config_.max_length; }

  AudioProcessor::Features extract(const std::vector<float>& samples) const override {
    const int64_t beyond = static_cast<int64_t>(samples.size()) - kWindowSamples;
    AudioProcessor::Features features;
    features.frames = config_.max_length;
    features.real_frames = beyond < 0 ? 0 : std::min(1 + beyond / kHopSamples, config_.max_length);
    features.values.resize(features.frames * config_.num_mel_bins);  // [T, F]
    spectrogram_(samples.data(), features.real_frames, features.values.data());
    if (!config_.do_normalize) return features;
    const float mean = static_cast<float>(config_.mean);
    const float deviations = static_cast<float>(2 * config_.deviation);
    for (float& value : features.values) value = (value - mean) / deviations;
    return features;
  }

 private:
  AstConfig config_;
  LogSpectrogram spectrogram_;
};

}  // namespace

std::shared_ptr<const AudioExtractor> make_ast(const Json& node) {
  const auto config = read_extractor<AstConfig>(node, /*inert=*/{});
  BRAID_CHECK(config.sampling_rate == kRateHz, config,
              "sampling_rate: expected {}, got {}; AST's windows are made for it", kRateHz,
              config.sampling_rate);
  BRAID_CHECK(config.feature_size == 1, config, "feature_size: expected 1, got {}",
              config.feature_size);
  BRAID_CHECK(config.deviation > 0, config, "std: expected above 0, got {}", config.deviation);
  check_feature_count(config.max_length, config.num_mel_bins);
  return std::make_shared<Ast>(config);
}

}  // namespace braid::processors
