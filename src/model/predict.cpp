// The public promise of include/braid/predictor.h, kept by a bundle.
#include <torch/torch.h>

#include <algorithm>

#include "braid/predictor.h"
#include "braid/version.h"
#include "core/error.h"
#include "core/free_cores.h"
#include "core/version.h"
#include "data/cells.h"
#include "model/bundle.h"
#include "model/tensors.h"

namespace braid {

const char* version() { return BRAID_VERSION; }

struct Sample::Impl {
  data::Sample sample;
  std::vector<std::pair<std::string, std::string>>
      cells;  // given as text: understood once the field's kind is known
};

Sample::Sample() : impl_(std::make_unique<Impl>()) { impl_->sample.where = "sample"; }
Sample::~Sample() = default;
Sample::Sample(const Sample& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Sample::Sample(Sample&&) noexcept = default;
Sample& Sample::operator=(const Sample& other) {
  impl_ =
      std::make_unique<Impl>(*other.impl_);  // not into the old one: a moved-from sample has none
  return *this;
}
Sample& Sample::operator=(Sample&&) noexcept = default;

namespace {

// Errors   data: no number, or beyond 146 years.
std::vector<int64_t> to_ns(const std::string& field, const double* times_s, size_t count) {
  std::vector<int64_t> times_ns;
  for (size_t i = 0; i < count; ++i) {
    BRAID_CHECK(std::abs(times_s[i]) < 4.6e9, data,
                "field \"{}\": expected times in seconds, got {}", field, times_s[i]);
    times_ns.push_back(align::nearest_whole(times_s[i] * 1e9));
  }
  return times_ns;
}

}  // namespace

Sample& Sample::set_text(const std::string& field, const std::string& utf8) {
  impl_->sample.values[field] = utf8;
  return *this;
}
Sample& Sample::set_number(const std::string& field, double value) {
  impl_->sample.values[field] = value;
  return *this;
}
Sample& Sample::set_category(const std::string& field, const std::string& value) {
  return set_text(field, value);
}
Sample& Sample::set_file(const std::string& field, const std::string& path) {
  impl_->sample.values[field] = data::Path{path};
  return *this;
}
Sample& Sample::set_image(const std::string& field, const uint8_t* pixels, int width, int height,
                          int channels) {
  BRAID_CHECK(width > 0 && height > 0 && (channels == 1 || channels == 3 || channels == 4), shape,
              "field \"{}\": expected a picture with 1, 3 or 4 channels, got {}x{}x{}", field,
              width, height, channels);
  formats::Image image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  image.pixels.assign(pixels, pixels + static_cast<size_t>(width) * static_cast<size_t>(height) *
                                           static_cast<size_t>(channels));
  impl_->sample.values[field] = std::move(image);
  return *this;
}
Sample& Sample::set_audio(const std::string& field, const float* samples, size_t num_samples,
                          int rate_hz) {
  BRAID_CHECK(num_samples > 0 && rate_hz > 0, shape,
              "field \"{}\": expected sound, got {} samples at {} Hz", field, num_samples, rate_hz);
  impl_->sample.values[field] = formats::Audio{{samples, samples + num_samples}, rate_hz};
  return *this;
}
Sample& Sample::set_series(const std::string& field, const double* times_s, const float* values,
                           size_t num_times, int channels) {
  BRAID_CHECK(num_times > 0 && channels > 0, shape,
              "field \"{}\": expected measurements, got {} times of {} channels", field, num_times,
              channels);
  align::Series series;
  series.channels = channels;
  series.times_ns = to_ns(field, times_s, num_times);
  series.values.assign(values, values + num_times * static_cast<size_t>(channels));
  impl_->sample.values[field] = std::move(series);
  return *this;
}
Sample& Sample::set_video(const std::string& field, const uint8_t* pixels, const double* times_s,
                          size_t num_frames, int width, int height, int channels) {
  BRAID_CHECK(num_frames > 0 && width > 0 && height > 0 && (channels == 1 || channels == 3), shape,
              "field \"{}\": expected frames with 1 or 3 channels, got {} of {}x{}x{}", field,
              num_frames, width, height, channels);
  const std::vector<int64_t> times_ns = to_ns(field, times_s, num_frames);
  const size_t size =
      static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels);
  formats::Video video;
  for (size_t i = 0; i < num_frames; ++i) {
    formats::Frame frame;
    frame.time_ns = times_ns[i];
    frame.image.width = width;
    frame.image.height = height;
    frame.image.channels = channels;
    frame.image.pixels.assign(pixels + i * size, pixels + (i + 1) * size);
    video.frames.push_back(std::move(frame));
  }
  impl_->sample.values[field] = std::move(video);
  return *this;
}
Sample& Sample::set_volume(const std::string& field, const float* voxels, int depth, int height,
                           int width, const double spacing_mm[3]) {
  BRAID_CHECK(depth > 0 && height > 0 && width > 0, shape,
              "field \"{}\": expected voxels, got {}x{}x{}", field, depth, height, width);
  formats::Volume volume;
  volume.depth = depth;
  volume.height = height;
  volume.width = width;
  volume.spacing_mm = {spacing_mm[0], spacing_mm[1], spacing_mm[2]};
  volume.values.assign(voxels, voxels + static_cast<size_t>(depth) * static_cast<size_t>(height) *
                                            static_cast<size_t>(width));
  impl_->sample.values[field] = std::move(volume);
  return *this;
}
Sample& Sample::set_embedding(const std::string& field, const std::vector<float>& values) {
  impl_->sample.values[field] = values;
  return *this;
}
Sample& Sample::set_cell(const std::string& field, const std::string& cell) {
  impl_->cells.emplace_back(field, cell);
  return *this;
}

Sample& Sample::set_where(const std::string& where) {
  impl_->sample.where = where;
  return *this;
}

struct Predictor::Impl {
  explicit Impl(model::Bundle b) : bundle(std::move(b)) {}
  model::Bundle bundle;
  int num_threads = 0;  // 0 = as many as are free
  ops::Precision precision = ops::Precision::float32;
  std::vector<std::string> modalities;
  std::vector<FieldInfo> fields;
  std::string task;

  data::Kind kind_of(const std::string& field) const {
    for (const FieldInfo& info : fields)
      if (info.name == field) return data::parse_kind(info.kind);
    for (const data::Field& other : bundle.preparation.fields())
      if (other.name == field) return other.kind;  // known to the data set, not read by this model
    for (const data::Modality& modality : bundle.preparation.modalities())
      if (std::count(modality.fields.begin(), modality.fields.end(), field) > 0)
        return data::Kind::numeric;  // a column of an embedding
    std::vector<std::string> known;
    for (const FieldInfo& info : fields) known.push_back(info.name);
    throw Error(ErrorKind::config, unknown_name("field", field, known));
  }

  static data::Value parse_cell(const std::string& where, const std::string& field, data::Kind kind,
                                const std::string& cell) {
    const std::string core(data::trimmed(cell));
    if (core.empty()) return std::monostate{};
    switch (kind) {
      case data::Kind::numeric: {
        double value = 0;
        BRAID_CHECK(data::read_number(core, &value) == data::NumberCell::number, data,
                    "{}: field \"{}\": expected a number, got \"{}\"; correct it, or leave it "
                    "empty where it is not known",
                    where, field, cell);
        return value;
      }
      case data::Kind::image:
      case data::Kind::audio:
      case data::Kind::video:
      case data::Kind::series:
      case data::Kind::volume:
      case data::Kind::embedding:
        return data::Path{core};
      case data::Kind::category:
        return core;
      default:
        return cell;
    }
  }

  data::Sample resolve(const Sample& given) const {
    data::Sample sample = given.impl_->sample;
    for (const auto& [field, cell] : given.impl_->cells)
      sample.values[field] = parse_cell(sample.where, field, kind_of(field), cell);
    for (const auto& value : sample.values) kind_of(value.first);
    for (size_t m : bundle.modalities) join_columns(bundle.preparation.modalities()[m], &sample);
    return sample;
  }

  // An embedding made of several numeric columns: all of them make the vector, as in a manifest.
  static void join_columns(const data::Modality& modality, data::Sample* sample) {
    if (!is_joined(modality)) return;
    std::vector<float> vector;
    for (const std::string& column : modality.fields) {
      const auto found = sample->values.find(column);
      if (found == sample->values.end()) continue;
      if (const double* number = std::get_if<double>(&found->second))
        vector.push_back(static_cast<float>(*number));
      sample->values.erase(found);
    }
    if (vector.size() == modality.fields.size()) sample->values[modality.name] = std::move(vector);
  }
  static bool is_joined(const data::Modality& modality) {
    return modality.kind == data::Kind::embedding && modality.fields[0] != modality.name;
  }

  // What a calibration adds.
  void add_set(const model::Scores& scores, size_t i, Prediction* prediction) const {
    const calibration::Calibration* known = bundle.calibration.get();
    if (known == nullptr) return;
    calibration::Conformal conformal = known->conformal;
    if (!scores.masked.empty()) {
      for (size_t m = 0; m < modalities.size(); ++m)
        if (scores.masked[i][m]) prediction->masked.push_back(modalities[m]);
      prediction->is_refused = model::is_refused(scores.present[i], scores.masked[i]);
    }
    if (prediction->is_refused) conformal.threshold = std::numeric_limits<double>::infinity();
    if (task == "regression") {
      prediction->low = prediction->scores[0] - conformal.threshold;
      prediction->high = prediction->scores[0] + conformal.threshold;
      return;
    }
    for (int64_t k :
         calibration::label_set(conformal, metrics::parse_task(task), prediction->scores))
      prediction->set.push_back(bundle.labels[static_cast<size_t>(k)]);
  }

  Prediction describe(const model::Scores& scores, size_t i) const {
    Prediction prediction;
    prediction.scores = scores.scores[i];
    if (!scores.weights.empty()) prediction.weights = scores.weights[i];
    for (size_t m = 0; m < modalities.size(); ++m)
      if (!scores.present[i][m]) prediction.missing.push_back(modalities[m]);
    if (task == "regression") {
      prediction.value = prediction.scores[0];
    } else if (task == "multilabel") {
      for (size_t k = 0; k < prediction.scores.size(); ++k) {
        if (prediction.scores[k] < 0.5) continue;
        prediction.label += (prediction.label.empty() ? "" : ";") + bundle.labels[k];
        prediction.value = std::max(prediction.value, prediction.scores[k]);
      }
    } else {
      const auto best = std::max_element(prediction.scores.begin(), prediction.scores.end());
      prediction.label = bundle.labels[static_cast<size_t>(best - prediction.scores.begin())];
      prediction.value = *best;
    }
    add_set(scores, i, &prediction);
    return prediction;
  }
};

Predictor::Predictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor Predictor::load(const std::string& bundle_folder, const PredictorOptions& options) {
  const ops::Precision precision =
      ops::parse_precision(options.precision, "PredictorOptions::precision");
  auto impl = std::make_unique<Impl>(model::load_bundle(bundle_folder));
  impl->precision = precision;
  impl->num_threads = options.num_threads;
  if (impl->bundle.calibration && !options.has_gate)
    impl->bundle.calibration = calibration::without_gate(*impl->bundle.calibration);
  impl->bundle.model->to(model::parse_device(options.device));
  impl->task = metrics::to_string(impl->bundle.model->head_context().task);
  for (size_t m : impl->bundle.modalities) {
    const data::Modality& modality = impl->bundle.preparation.modalities()[m];
    impl->modalities.push_back(modality.name);
    // An embedding made of several numeric columns can be set as one vector under its name, or
    // column by column.
    const bool is_joined = Impl::is_joined(modality);
    if (is_joined) impl->fields.push_back({modality.name, data::to_string(data::Kind::embedding)});
    for (const std::string& name : modality.fields) {
      if (is_joined) {
        impl->fields.push_back({name, data::to_string(data::Kind::numeric)});
        continue;
      }
      for (const data::Field& field : impl->bundle.preparation.fields())
        if (field.name == name) impl->fields.push_back({name, data::to_string(field.kind)});
    }
  }
  return Predictor(std::move(impl));
}

Prediction Predictor::predict(const Sample& sample) {
  return std::move(predict(std::vector<Sample>{sample})[0]);
}

std::vector<Prediction> Predictor::predict(const std::vector<Sample>& samples) {
  std::vector<Prediction> predictions;
  if (samples.empty()) return predictions;
  std::vector<data::Sample> resolved;
  for (const Sample& sample : samples) resolved.push_back(impl_->resolve(sample));
  const int num_threads = impl_->num_threads > 0 ? impl_->num_threads : free_cores();
  const model::Scores scores = model::score(impl_->bundle, resolved, num_threads, impl_->precision);
  for (size_t i = 0; i < samples.size(); ++i) predictions.push_back(impl_->describe(scores, i));
  return predictions;
}

const std::vector<std::string>& Predictor::labels() const { return impl_->bundle.labels; }
const std::vector<std::string>& Predictor::modalities() const { return impl_->modalities; }
const std::vector<FieldInfo>& Predictor::fields() const { return impl_->fields; }
const std::string& Predictor::target() const { return impl_->bundle.target; }
const std::string& Predictor::task() const { return impl_->task; }
bool Predictor::is_calibrated() const { return impl_->bundle.calibration != nullptr; }
double Predictor::coverage() const {
  return is_calibrated() ? impl_->bundle.calibration->conformal.coverage : 0;
}

}  // namespace braid
