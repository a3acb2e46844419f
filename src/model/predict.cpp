// The public promise of include/braid/predictor.h, kept by a bundle.
#include <torch/torch.h>

#include <cmath>

#include "braid/predictor.h"
#include "braid/version.h"
#include "core/error.h"
#include "core/version.h"
#include "model/serving.h"

namespace braid {

const char* version() { return BRAID_VERSION; }

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
  model::Serving serving;
};

Predictor::Predictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor Predictor::load(const std::string& bundle_folder, const PredictorOptions& options) {
  return Predictor(std::make_unique<Impl>(Impl{model::Serving::load(bundle_folder, options)}));
}

Prediction Predictor::predict(const Sample& sample) {
  return std::move(predict(std::vector<Sample>{sample})[0]);
}

std::vector<Prediction> Predictor::predict(const std::vector<Sample>& samples) {
  std::vector<Prediction> predictions;
  if (samples.empty()) return predictions;
  model::Serving& serving = impl_->serving;
  std::vector<data::Sample> resolved;
  for (const Sample& sample : samples) {
    resolved.push_back(serving.understand(sample.impl_->sample, sample.impl_->cells));
    serving.join_columns(&resolved.back());
  }
  const model::Scores scores =
      model::score(serving.bundle, resolved, serving.threads(), serving.precision);
  for (size_t i = 0; i < samples.size(); ++i) predictions.push_back(serving.describe(scores, i));
  return predictions;
}

const std::vector<std::string>& Predictor::labels() const { return impl_->serving.bundle.labels; }
const std::vector<std::string>& Predictor::modalities() const { return impl_->serving.modalities; }
const std::vector<FieldInfo>& Predictor::fields() const { return impl_->serving.fields; }
const std::string& Predictor::target() const { return impl_->serving.bundle.target; }
const std::string& Predictor::task() const { return impl_->serving.task; }
bool Predictor::is_calibrated() const { return impl_->serving.bundle.calibration != nullptr; }
double Predictor::coverage() const { return impl_->serving.coverage(); }

}  // namespace braid
