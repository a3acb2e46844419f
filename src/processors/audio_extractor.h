// One kind of feature extractor: a file makes one from its config. Internal to src/processors.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "processors/audio_processor.h"

namespace braid::processors {

/// Keys that every extractor has.
struct ExtractorConfig {
  std::string feature_extractor_type;
  int64_t feature_size = 1;
  int64_t sampling_rate = 16000;
  std::string padding_side = "right";
  double padding_value = 0;
  bool return_attention_mask = false;

  template <class V>
  void visit_shared(V& v) {
    v("feature_extractor_type", feature_extractor_type, any(), "which extractor this configures");
    v("feature_size", feature_size, between(1, 1024), "mel bands; 1 for waves and AST");
    v("sampling_rate", sampling_rate, between(1000, 768000), "samples per second");
    v("padding_side", padding_side, one_of({"right"}), "where padding goes");
    v("padding_value", padding_value, any(), "what padding is; 0 alone is supported");
    v("return_attention_mask", return_attention_mask, any(),
      "whether the reference tells frames from padding; real_frames always does");
  }
};

class AudioExtractor {
 public:
  AudioExtractor(const ExtractorConfig& shared, Json config)
      : rate_hz_(shared.sampling_rate), config_(std::move(config)) {}
  virtual ~AudioExtractor() = default;
  int64_t rate_hz() const { return rate_hz_; }
  const Json& config() const { return config_; }
  virtual int64_t features() const = 0;
  virtual int64_t max_frames() const = 0;
  /// `samples` holds at least one.
  virtual AudioProcessor::Features extract(const std::vector<float>& samples) const = 0;

 private:
  int64_t rate_hz_;
  Json config_;
};

/// Reads the object without the keys that have no say: `inert` and what any file may hold beside.
/// Errors: config, as braid::read_config(), and for a padding other than 0.
template <class C>
C read_extractor(const Json& node, const std::vector<std::string>& inert);

/// config: frames times features are more than any encoder reads.
void check_feature_count(int64_t frames, int64_t features);

using MakeExtractor = std::shared_ptr<const AudioExtractor> (*)(const Json& node);
std::shared_ptr<const AudioExtractor> make_ast(const Json& node);
std::shared_ptr<const AudioExtractor> make_clap(const Json& node);
std::shared_ptr<const AudioExtractor> make_waves(const Json& node);
std::shared_ptr<const AudioExtractor> make_whisper(const Json& node);

namespace detail {
Json without_keys(const Json& node, const std::vector<std::string>& inert);
void check_padding(const ExtractorConfig& config);
}  // namespace detail

template <class C>
C read_extractor(const Json& node, const std::vector<std::string>& inert) {
  C config;
  read_config(detail::without_keys(node, inert), "", config);
  detail::check_padding(config);
  return config;
}

}  // namespace braid::processors
