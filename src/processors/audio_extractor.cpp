#include "processors/audio_extractor.h"

#include <algorithm>

namespace braid::processors {

void check_feature_count(int64_t frames, int64_t features) {
  constexpr int64_t kMaxFeatures = 100000000;
  BRAID_CHECK(frames <= kMaxFeatures / features, config,
              "frames of a sound: expected at most {} values, got {} frames of {} bands",
              kMaxFeatures, frames, features);
}

namespace detail {

Json without_keys(const Json& node, const std::vector<std::string>& inert) {
  // Which class read the file, who wrote it.
  static const std::vector<std::string> kBeside{"processor_class", "tokenizer_class", "auto_map",
                                                "transformers_version"};
  Json kept = Json::object();
  for (const auto& item : node.items()) {
    const auto is_named = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), item.key()) != names.end();
    };
    const bool is_private = !item.key().empty() && item.key().front() == '_';
    if (!is_private && !is_named(kBeside) && !is_named(inert)) kept[item.key()] = item.value();
  }
  return kept;
}

void check_padding(const ExtractorConfig& config) {
  BRAID_CHECK(config.padding_value == 0, config,
              "padding_value: expected 0, got {}; no other padding is supported",
              config.padding_value);
}

}  // namespace detail
}  // namespace braid::processors
