// Wav2Vec2, HuBERT and their like: the samples themselves.
#include "processors/audio_extractor.h"
#include "processors/unit_variance.h"

namespace braid::processors {
namespace {

struct WavesConfig : ExtractorConfig {
  bool do_normalize = true;

  template <class V>
  void visit(V& v) {
    visit_shared(v);
    v("do_normalize", do_normalize, any(), "bring the sound to mean 0 and variance 1");
  }
};

class Waves : public AudioExtractor {
 public:
  explicit Waves(const WavesConfig& config)
      : AudioExtractor(config, dump_config(config)), is_normalized_(config.do_normalize) {}

  int64_t features() const override { return 1; }
  int64_t max_frames() const override { return 0; }

  AudioProcessor::Features extract(const std::vector<float>& samples) const override {
    AudioProcessor::Features features;
    features.frames = features.real_frames = static_cast<int64_t>(samples.size());
    features.values = is_normalized_ ? unit_variance(samples.data(), features.frames) : samples;
    return features;
  }

 private:
  bool is_normalized_;
};

}  // namespace

std::shared_ptr<const AudioExtractor> make_waves(const Json& node) {
  const auto config = read_extractor<WavesConfig>(node, /*inert=*/{});
  BRAID_CHECK(config.feature_size == 1, config, "feature_size: expected 1, got {}",
              config.feature_size);
  return std::make_shared<Waves>(config);
}

}  // namespace braid::processors
