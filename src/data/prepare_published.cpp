#include "data/prepare_published.h"

#include <algorithm>

#include "data/read_frames.h"
#include "data/read_sound.h"
#include "formats/hub_folder.h"
#include "processors/audio_processor.h"
#include "processors/image_processor.h"
#include "processors/resample.h"
#include "text/tokenizer.h"

namespace braid::data {
namespace {

// What is saved beside the tokenizer; 0 where the kind has no such thing.
struct PublishedState {
  std::string published;     // the folder it came from, for people to read
  Json processor = nullptr;  // pictures, video, sound: preprocessor_config.json, complete
  int64_t max_tokens = 0;    // text
  int64_t filled_to = 0;     // text: shorter ones get padding that counts as text
  int64_t frames = 0;        // video
  int64_t max_samples = 0;   // waves
  template <class V>
  void visit(V& v) {
    v("published", published, any(), "folder of the checkpoint");
    v("processor", processor, any(), "its preprocessing");
    v("max_tokens", max_tokens, between(0, 1 << 20), "longer texts are cut");
    v("filled_to", filled_to, between(0, 1 << 20), "shorter texts are filled up");
    v("frames", frames, between(0, 4096), "of a video");
    v("max_samples", max_samples, between(0, int64_t{1} << 40), "longer sounds are cut");
  }
};

ModalitySpec spec_of(const Modality& modality) {
  ModalitySpec spec;
  spec.name = modality.name;
  spec.kind = modality.kind;
  return spec;
}

bool has_value(const Value& value) { return !std::holds_alternative<std::monostate>(value); }

class PublishedText : public Preparer {
 public:
  PublishedText(const Modality& modality, PublishedState state, text::Tokenizer tokenizer)
      : modality_(modality), state_(std::move(state)), tokenizer_(std::move(tokenizer)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec = spec_of(modality_);
    spec.max_length = state_.max_tokens;
    spec.vocabulary = tokenizer_.vocabulary_size();
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, modality_.name);
    if (!has_value(value)) return result;
    in_field(sample, modality_.name, [&] {
      const auto* text = std::get_if<std::string>(&value);
      BRAID_CHECK(text != nullptr, data, "expected text, got {}", describe(value));
      if (is_blank(*text)) return;
      text::EncodeOptions options;
      options.max_length = state_.max_tokens;
      options.pads = false;
      text::Encoding encoding = tokenizer_.encode(*text, options);
      result.ids = std::move(encoding.ids);
      if (state_.filled_to == 0)
        for (const uint8_t is_special : encoding.special_tokens_mask)
          result.observed.push_back(is_special == 0);
      // A text that leaves no token is there, but says nothing.
      const int32_t filler = std::max(0, tokenizer_.pad_id());
      result.ids.resize(std::max<size_t>({1, result.ids.size(), size_t(state_.filled_to)}), filler);
      result.observed.resize(result.ids.size(), 0);
      result.present = true;
      result.length = static_cast<int64_t>(result.ids.size());
    });
    return result;
  }

  Json dump() const override { return dump_config(state_); }
  std::string vocabulary() const override { return tokenizer_.serialize(); }

 private:
  const Modality modality_;
  const PublishedState state_;
  const text::Tokenizer tokenizer_;
};

class PublishedPictures : public Preparer {  // images and video
 public:
  PublishedPictures(const Modality& modality, PublishedState state, const std::string& where)
      : modality_(modality),
        state_(std::move(state)),
        processor_(processors::ImageProcessor::parse(state_.processor, where)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec = spec_of(modality_);
    spec.channels = processor_.channels();
    spec.height = processor_.height();
    spec.width = processor_.width();
    if (modality_.kind == Kind::video) spec.max_length = state_.frames;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, modality_.name);
    if (!has_value(value)) return result;
    in_field(sample, modality_.name, [&] {
      if (modality_.kind == Kind::image) {
        formats::Image file;
        result.values = processor_(load_pixels(value, &file));  // (C, H, W)
        result.length = 1;
      } else {
        FrameChoice choice;
        choice.count = state_.frames;
        const std::vector<formats::Image> frames = read_frames(value, choice);
        result.values = processor_.video(frames);  // (T, C, H, W)
        result.length = static_cast<int64_t>(frames.size());
      }
    });
    result.present = true;
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  const Modality modality_;
  const PublishedState state_;
  const processors::ImageProcessor processor_;
};

class PublishedSound : public Preparer {
 public:
  PublishedSound(const Modality& modality, PublishedState state, const std::string& where)
      : modality_(modality),
        state_(std::move(state)),
        processor_(processors::AudioProcessor::parse(state_.processor, where)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec = spec_of(modality_);
    spec.features = processor_.features();
    spec.max_length = processor_.max_frames() > 0 ? processor_.max_frames() : state_.max_samples;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, modality_.name);
    if (!has_value(value)) return result;
    in_field(sample, modality_.name, [&] {
      formats::Audio audio = read_sound(value);
      if (audio.samples.empty()) return;
      std::vector<float> samples = std::move(audio.samples);
      if (audio.rate_hz != processor_.rate_hz())
        samples = processors::resample_sinc(samples, audio.rate_hz,
                                            static_cast<int>(processor_.rate_hz()));
      if (state_.max_samples > 0 && samples.size() > size_t(state_.max_samples))
        samples.resize(size_t(state_.max_samples));
      auto features = processor_(samples);
      result.values = std::move(features.values);  // (T, F)
      result.length = features.frames;
      result.present = true;
    });
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  const Modality modality_;
  const PublishedState state_;
  const processors::AudioProcessor processor_;
};

PreparerPtr make_kind(const Modality& modality, PublishedState state, const std::string& tokenizer,
                      const std::string& where) {
  switch (modality.kind) {
    case Kind::text:
      return std::make_unique<PublishedText>(modality, std::move(state),
                                             text::Tokenizer::parse(tokenizer, where));
    case Kind::image:
    case Kind::video:
      return std::make_unique<PublishedPictures>(modality, std::move(state), where);
    case Kind::audio:
      return std::make_unique<PublishedSound>(modality, std::move(state), where);
    default:
      fail(ErrorKind::config,
           "{}: expected text, image, audio or video, got {}; leave `from` out for this modality",
           where, to_string(modality.kind));
  }
}

// config.json's, or its part's for the tower that reads `kind`; 0 where it says nothing.
int64_t number_in(const Json& config, const char* part, const char* key) {
  const auto of = [&](const Json& node) -> int64_t {
    const auto found = node.find(key);
    return found != node.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
  };
  const auto tower = config.find(part);
  if (tower != config.end() && tower->is_object() && of(*tower) > 0) return of(*tower);
  return of(config);
}

bool is_model_type(const Json& config, const char* beginning) {
  const auto type = config.find("model_type");
  return type != config.end() && type->is_string() &&
         type->get<std::string>().rfind(beginning, 0) == 0;
}

// The longest text the model has positions for.
int64_t most_tokens(const formats::HubFolder& folder, int64_t asked) {
  int64_t most = asked;
  const auto limit = [&most](int64_t tokens) {
    if (tokens > 0) most = std::min(most, tokens);
  };
  const int64_t positions = number_in(folder.config, "text_config", "max_position_embeddings");
  // RoBERTa's relatives lose two places to the padding's.
  const bool counts_from_padding =
      is_model_type(folder.config, "roberta") || is_model_type(folder.config, "xlm-roberta") ||
      is_model_type(folder.config, "camembert") || is_model_type(folder.config, "mpnet") ||
      is_model_type(folder.config, "clap");
  const int64_t padding = number_in(folder.config, "text_config", "pad_token_id");
  limit(counts_from_padding && positions > 0 ? positions - (padding > 0 ? padding : 1) - 1
                                             : positions);
  if (folder.sentences.is_object()) limit(number_in(folder.sentences, "", "max_seq_length"));
  return most;
}

}  // namespace

PreparerPtr make_published(const Modality& modality, const std::string& path,
                           const PrepareConfig& config) {
  const formats::HubFolder folder = formats::read_hub_folder(path);
  PublishedState state;
  state.published = path;
  std::string tokenizer;
  if (modality.kind == Kind::text) {
    BRAID_CHECK(
        folder.has_tokenizer, config,
        "{}: expected a tokenizer (tokenizer.json, vocab.txt, vocab.json with merges.txt or "
        "spiece.model), got none; download the whole folder",
        folder.model_path);
    const text::Tokenizer read = text::Tokenizer::read(folder.model_path);
    tokenizer = read.serialize();
    state.max_tokens = most_tokens(folder, config.text.max_tokens);
    if (is_model_type(folder.config, "siglip")) state.filled_to = state.max_tokens;
  } else if (modality.kind != Kind::tabular && modality.kind != Kind::embedding) {
    BRAID_CHECK(folder.preprocessor.is_object(), config,
                "{}: expected preprocessor_config.json, got none; download the whole folder", path);
    state.processor = folder.preprocessor;
  }
  if (modality.kind == Kind::video) {
    const int64_t frames = number_in(folder.config, "", "num_frames");
    state.frames = frames > 0 ? frames : config.video.frames;
  }
  if (modality.kind == Kind::audio) {
    const auto processor = processors::AudioProcessor::parse(state.processor, path);
    if (processor.max_frames() == 0)
      state.max_samples =
          static_cast<int64_t>(config.max_wave_s * static_cast<double>(processor.rate_hz()));
    state.processor = processor.config();
  } else if (state.processor.is_object()) {
    state.processor = processors::ImageProcessor::parse(state.processor, path).config();
  }
  return make_kind(modality, std::move(state), tokenizer, path);
}

bool is_published(const Json& state) { return state.is_object() && state.contains("published"); }

PreparerPtr load_published(const Saved& saved) {
  try {
    return make_kind(saved.modality, read_saved<PublishedState>(saved.node, saved.where),
                     saved.vocabulary, saved.where);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::config) throw;
    throw Error(ErrorKind::format, e.what());
  }
}

}  // namespace braid::data
