// Sound: log-mel spectrogram, brought to one length, without the clip's own mean, standardised per
// band.
#include <algorithm>
#include <cmath>
#include <map>

#include "data/prepare_kinds.h"
#include "data/read_sound.h"

namespace braid::data {
namespace {

struct AudioState {
  LogMelConfig log_mel;
  std::string fit = "stretch";
  int64_t frames = 0;
  bool remove_mean = true;
  Standardizer band;
  template <class V>
  void visit(V& v) {
    v("log_mel", log_mel, any(), "spectrogram");
    v("fit", fit, one_of({"stretch", "pad"}), "clips of uneven length");
    v("frames", frames, between(1, 4096), "length in frames");
    v("remove_mean", remove_mean, any(), "subtract each clip's own mean");
    v("band", band, any(), "statistics per mel band");
  }
};

// (T, F) -> (frames, F), linear between neighbouring frames, first on first and last on last.
std::vector<float> stretch(const std::vector<float>& in, int64_t length, int64_t bands,
                           int64_t frames) {
  std::vector<float> out(static_cast<size_t>(frames * bands));
  for (int64_t t = 0; t < frames; ++t) {
    const double at = frames == 1 ? 0.5 * static_cast<double>(length - 1)
                                  : static_cast<double>(t) * static_cast<double>(length - 1) /
                                        static_cast<double>(frames - 1);
    const int64_t left = std::min(static_cast<int64_t>(at), length - 1);
    const int64_t right = std::min(left + 1, length - 1);
    const double share = at - static_cast<double>(left);
    for (int64_t f = 0; f < bands; ++f)
      out[t * bands + f] =
          static_cast<float>((1 - share) * in[left * bands + f] + share * in[right * bands + f]);
  }
  return out;
}

void remove_mean(std::vector<float>* values, int64_t bands) {
  const int64_t length = static_cast<int64_t>(values->size()) / bands;
  for (int64_t f = 0; f < bands; ++f) {
    double sum = 0;
    for (int64_t t = 0; t < length; ++t) sum += (*values)[t * bands + f];
    const double mean = sum / static_cast<double>(length);
    for (int64_t t = 0; t < length; ++t)
      (*values)[t * bands + f] = static_cast<float>((*values)[t * bands + f] - mean);
  }
}

// (T, F) before standardising.
std::vector<float> spectrogram(formats::Audio audio, const AudioState& state,
                               const LogMel& log_mel) {
  const int rate_hz = static_cast<int>(state.log_mel.rate_hz);
  if (audio.rate_hz != rate_hz)
    audio.samples = formats::resample(audio.samples, audio.rate_hz, rate_hz);
  BRAID_CHECK(!audio.samples.empty(), data, "expected sound, got less than one sample at {} Hz",
              rate_hz);
  const int64_t bands = state.log_mel.num_mels;
  int64_t length = 0;
  std::vector<float> values = log_mel(audio.samples, &length);  // (T, F)
  if (state.fit == "stretch") {
    values = stretch(values, length, bands, state.frames);  // (frames, F)
  } else if (length > state.frames) {
    values.resize(static_cast<size_t>(state.frames * bands));
  }
  if (state.remove_mean) remove_mean(&values, bands);
  return values;
}

class AudioPreparer : public Preparer {
 public:
  AudioPreparer(std::string field, AudioState state)
      : field_(std::move(field)), state_(std::move(state)), log_mel_(state_.log_mel) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::audio;
    spec.features = state_.log_mel.num_mels;
    spec.max_length = state_.frames;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    in_field(sample, field_, [&] {
      formats::Audio sound = read_sound(value);
      if (!sound.samples.empty()) result.values = spectrogram(std::move(sound), state_, log_mel_);
    });
    if (result.values.empty()) return result;
    const size_t bands = static_cast<size_t>(state_.log_mel.num_mels);
    for (size_t first = 0; first < result.values.size(); first += bands)
      for (size_t f = 0; f < bands; ++f)
        result.values[first + f] = state_.band.apply(f, result.values[first + f]);
    result.present = true;
    result.length = static_cast<int64_t>(result.values.size() / bands);
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  AudioState state_;
  LogMel log_mel_;
};

// Rate and frames that the config leaves to the files.
void learn_sizes(const Training& training, AudioState* state) {
  const std::string& field = training.modality.name;
  const std::vector<int64_t> rows = rows_with(training, field, kSizeSample);
  std::vector<int64_t> rates(rows.size()), samples(rows.size());
  const std::vector<size_t> good =
      visit_samples(training, rows, [&](const Sample& sample, size_t i) {
        in_field(sample, field, [&] {
          const formats::Audio audio = read_sound(value_of(sample, field));
          rates[i] = audio.rate_hz;
          samples[i] = static_cast<int64_t>(audio.samples.size());
        });
      });
  if (state->log_mel.rate_hz == 0) {
    std::map<int64_t, int64_t> count;  // by rate; of equally common ones the lowest
    for (const size_t i : good) ++count[rates[i]];
    const auto most =
        std::max_element(count.begin(), count.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    state->log_mel.rate_hz = std::min<int64_t>(most->first, 16000);
  }
  if (state->frames == 0) {
    const LogMel log_mel(state->log_mel);
    std::vector<int64_t> frames;
    for (const size_t i : good) {
      const double seconds = static_cast<double>(samples[i]) / static_cast<double>(rates[i]);
      frames.push_back(
          log_mel.num_frames(std::llround(seconds * static_cast<double>(state->log_mel.rate_hz))));
    }
    state->frames = std::clamp<int64_t>(median(std::move(frames)), 16, 256);
  }
}

}  // namespace

PreparerPtr learn_audio(const Training& training, const AudioConfig& config) {
  const std::string& field = training.modality.name;
  AudioState state;
  state.log_mel = config.log_mel;
  state.fit = config.fit;
  state.frames = config.frames;
  state.remove_mean = config.remove_mean;
  if (state.log_mel.rate_hz == 0 || state.frames == 0) learn_sizes(training, &state);
  const LogMel log_mel(state.log_mel);

  const std::vector<int64_t> rows = rows_with(training, field, kStatisticsSample);
  const size_t bands = static_cast<size_t>(state.log_mel.num_mels);
  state.band = learn_statistics(
      training, rows, bands, [&](const Sample& sample, std::vector<Moments>* moments) {
        const std::vector<float> values =
            spectrogram(read_sound(value_of(sample, field)), state, log_mel);
        for (size_t j = 0; j < values.size(); ++j) (*moments)[j % bands].add(values[j]);
      });
  return std::make_unique<AudioPreparer>(field, std::move(state));
}

PreparerPtr load_audio(const Saved& saved) {
  AudioState state = read_saved<AudioState>(saved.node, saved.where);
  state.band.check(static_cast<size_t>(state.log_mel.num_mels), saved.where);
  try {
    return std::make_unique<AudioPreparer>(saved.modality.name, std::move(state));
  } catch (const Error& e) {  // numbers that do not fit together, as low_hz above high_hz
    throw Error(ErrorKind::format, fmt::format("{}: {}", saved.where, e.what()));
  }
}

}  // namespace braid::data
