#include "processors/audio_processor.h"

#include "core/error.h"
#include "processors/audio_extractor.h"

namespace braid::processors {
namespace {

struct Kind {
  const char* name;
  MakeExtractor make;
};

constexpr Kind kKinds[] = {{"ASTFeatureExtractor", make_ast},
                           {"ClapFeatureExtractor", make_clap},
                           {"Wav2Vec2FeatureExtractor", make_waves},
                           {"WhisperFeatureExtractor", make_whisper}};

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::shared_ptr<const AudioExtractor> make(const Json& node) {
  BRAID_CHECK(node.is_object(), config, "expected an object, got {}", node.type_name());
  const auto found = node.find("feature_extractor_type");
  BRAID_CHECK(found != node.end() && found->is_string(), config,
              "feature_extractor_type: expected one of {}, got {}; add it after the kind of the "
              "checkpoint",
              fmt::join(kind_names(), ", "), found == node.end() ? "none" : found->dump());
  const std::string name = found->get<std::string>();
  for (const Kind& kind : kKinds)
    if (name == kind.name) return kind.make(node);
  throw Error(ErrorKind::config, unknown_name("feature extractor", name, kind_names()));
}

}  // namespace

AudioProcessor::AudioProcessor(std::shared_ptr<const AudioExtractor> extractor)
    : extractor_(std::move(extractor)) {}

AudioProcessor AudioProcessor::parse(const Json& preprocessor_config, const std::string& where) {
  try {
    return AudioProcessor(make(preprocessor_config));
  } catch (const Error& e) {
    rethrow_with(e, where);
  }
}

int64_t AudioProcessor::rate_hz() const { return extractor_->rate_hz(); }
int64_t AudioProcessor::features() const { return extractor_->features(); }
int64_t AudioProcessor::max_frames() const { return extractor_->max_frames(); }
const Json& AudioProcessor::config() const { return extractor_->config(); }

AudioProcessor::Features AudioProcessor::operator()(const std::vector<float>& samples) const {
  BRAID_CHECK(!samples.empty(), shape, "audio processor: samples: expected at least 1, got 0");
  return extractor_->extract(samples);
}

}  // namespace braid::processors
