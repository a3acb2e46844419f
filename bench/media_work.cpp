#include "bench/media_work.h"

#include <ATen/ATen.h>

#include <cmath>
#include <memory>

#include "bench/model_work.h"
#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"
#include "data/loader.h"
#include "data/log_mel.h"
#include "formats/image.h"
#include "model/tensors.h"
#include "ops/parallel.h"
#ifdef BRAID_BENCH_FFMPEG
#include "bench/bare.h"
#include "bench/data_cases.h"
#endif

namespace braid::bench {
namespace {

using at::Tensor;

constexpr int64_t kSampled = 101;  // every so-manieth value is compared, as the peers do

template <class Values>
void sample_values(const Values& values, int64_t size, std::vector<double>* out) {
  for (int64_t i = 0; i < size; i += kSampled) out->push_back(values[i]);
}

class Sounds {
 public:
  explicit Sounds(int64_t batch) : spectra_(static_cast<size_t>(batch)) {
    Rng rng(1);
    for (int64_t i = 0; i < batch; ++i) {
      std::vector<float> sound(static_cast<size_t>(10 * config_.rate_hz));
      for (float& sample : sound) sample = static_cast<float>(0.1 * rng.normal());
      sounds_.push_back(std::move(sound));
    }
  }
  void once() {
    ops::parallel(static_cast<int64_t>(sounds_.size()), /*grain=*/1,
                  [&](int64_t begin, int64_t end, int) {
                    int64_t num_frames = 0;
                    for (int64_t i = begin; i < end; ++i)
                      spectra_[i] = log_mel_(sounds_[i], &num_frames);
                  });
  }
  std::vector<double> values() {
    once();
    std::vector<float> all;
    for (const auto& spectrum : spectra_) all.insert(all.end(), spectrum.begin(), spectrum.end());
    std::vector<double> sampled;
    sample_values(all, static_cast<int64_t>(all.size()), &sampled);
    return sampled;
  }
  Tensor samples() const {
    std::vector<Tensor> rows;
    for (const auto& sound : sounds_) rows.push_back(at::tensor(sound));
    return at::stack(rows);  // [B, N]
  }
  /// A real FFT of F points takes 2.5 F log2 F operations; then the bands' weights that are not 0.
  double operations() const {
    const double size = static_cast<double>(log_mel_.fft_size());
    double weights = 0;
    for (const double weight : log_mel_.bands()) weights += weight > 0;
    const int64_t num_frames = log_mel_.num_frames(static_cast<int64_t>(sounds_[0].size()));
    return static_cast<double>(num_frames) * static_cast<double>(sounds_.size()) *
           (2.5 * size * std::log2(size) + 2 * weights);
  }
  const data::LogMelConfig& config() const { return config_; }
  const data::LogMel& log_mel() const { return log_mel_; }

 private:
  data::LogMelConfig config_;  // 16 kHz, 25 ms every 10 ms, 40 bands
  data::LogMel log_mel_{config_};
  std::vector<std::vector<float>> sounds_, spectra_;
};

}  // namespace

Work log_mel_work(const Request& request) {
  auto sounds = std::make_shared<Sounds>(request.batch);
  Work work;
  work.load = {{"model", request.name},
               {"inputs", request.folder + "/inputs"},
               {"fft_size", sounds->log_mel().fft_size()},
               {"window", sounds->log_mel().window_samples()},
               {"hop", sounds->log_mel().hop_samples()},
               {"rate_hz", sounds->config().rate_hz},
               {"low_hz", sounds->config().low_hz},
               {"num_mels", sounds->config().num_mels}};
  const Tensor samples = sounds->samples();
  write_tensors({{"samples", samples}}, work.load["inputs"]);
  work.values = [sounds] { return sounds->values(); };
  work.once = [sounds] { sounds->once(); };
  work.operations = sounds->operations();
  work.bytes = work.resident = static_cast<double>(samples.nbytes());
  return work;
}

#ifdef BRAID_BENCH_FFMPEG
namespace {

constexpr int64_t kSide = 224, kPicturesInBatch = 16;

class Pictures {
 public:
  Pictures(const std::string& folder, int64_t count, int threads) : threads_(threads) {
    std::vector<std::string> encoded;
    for (int64_t i = 0; i < count; ++i) {
      encoded.push_back(encode_jpeg(gradients(static_cast<uint64_t>(i), 640, 480)));
      paths_.push_back(fmt::format("{}/{}.jpg", folder, i));
      rows_.push_back(i);
    }
    dataset_ =
        std::make_unique<data::Dataset>(data::Dataset::open(write_files(folder, "jpg", encoded)));
    data::PrepareConfig config;
    config.image.size = kSide;
    // Nothing is kept: every file is read anew.
    store_ = std::make_unique<data::PreparedStore>(
        *dataset_, data::Preparation::learn(*dataset_, rows_, config, threads), /*limit_bytes=*/0);
    store_->preparation().save(folder);
    const std::string saved = read_file(folder + "/preparation.json");
    statistics_ = parse_json(saved, folder).at("modalities").at(0).at("state").at("channel");
  }
  std::vector<Tensor> once() {
    data::LoaderOptions options;
    options.batch_size = kPicturesInBatch;
    options.num_workers = threads_;
    data::Loader loader(*store_, rows_, options);
    std::vector<Tensor> batches;
    for (data::Batch batch; loader.next(&batch);)
      batches.push_back(model::to_tensors(std::move(batch), store_->preparation().specs(), at::kCPU)
                            .inputs[0]
                            .values);  // [B, C, H, W]
    return batches;
  }
  std::vector<double> values() {
    const Tensor all = at::cat(once()).contiguous();
    std::vector<double> sampled;
    sample_values(all.data_ptr<float>(), all.numel(), &sampled);
    return sampled;
  }
  const std::vector<std::string>& paths() const { return paths_; }
  /// Mean and deviation per channel, learned from the files.
  const Json& statistics() const { return statistics_; }

 private:
  int threads_;
  std::vector<std::string> paths_;
  std::vector<int64_t> rows_;
  std::unique_ptr<data::Dataset> dataset_;
  std::unique_ptr<data::PreparedStore> store_;
  Json statistics_;
};

}  // namespace

Work jpeg_work(const Request& request) {
  auto pictures = std::make_shared<Pictures>(request.folder, request.batch, request.threads);
  Work work;
  work.load = {{"model", request.name},
               {"paths", pictures->paths()},
               {"size", kSide},
               {"batch_size", kPicturesInBatch},
               {"mean", pictures->statistics().at("mean")},
               {"deviation", pictures->statistics().at("deviation")}};
  work.values = [pictures] { return pictures->values(); };
  work.once = [pictures] { pictures->once(); };
  // The inverse DCTs differ by up to 3 levels of 255, and Pillow rounds twice to whole levels.
  const auto deviation = pictures->statistics().at("deviation").at(0).get<double>();
  work.tolerance = 4.0 / 255 / deviation;
  return work;
}

std::string what_hinders_jpeg() { return ""; }
#else
Work jpeg_work(const Request&) { fail(ErrorKind::usage, "jpeg: {}", what_hinders_jpeg()); }
std::string what_hinders_jpeg() { return "built without FFmpeg"; }
#endif

}  // namespace braid::bench
