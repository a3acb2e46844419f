// Load a bundle and predict, from files or from memory, with any subset of the modalities. Needs no
// Python and no configuration.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/error.h"

namespace braid {

/// One sample: a value for any of the model's fields; what is not set is missing.
class Sample {
 public:
  Sample();
  ~Sample();
  Sample(const Sample&);
  Sample(Sample&&) noexcept;
  Sample& operator=(const Sample&);
  Sample& operator=(Sample&&) noexcept;

  Sample& set_text(const std::string& field, const std::string& utf8);
  Sample& set_number(const std::string& field, double value);
  Sample& set_category(const std::string& field, const std::string& value);
  /// A file of a picture, sound, video, series, volume or .npy array, or a part of one
  /// ("vectors.npy#7" = its row 7, "talk.wav#t=1.5,2" = that stretch).
  Sample& set_file(const std::string& field, const std::string& path);
  /// Pixels in rows from the top left, channels interleaved: 1 grey, 3 RGB, 4 RGBA; 8 bit. Copied.
  Sample& set_image(const std::string& field, const uint8_t* pixels, int width, int height,
                    int channels);
  /// Mono samples in [-1, 1]. Copied.
  Sample& set_audio(const std::string& field, const float* samples, size_t num_samples,
                    int rate_hz);
  /// Measurements of `channels` channels, (N, C) row by row, NaN = a gap, at ascending times in
  /// seconds, which count from the first one. Copied. Channels in the order of the training files.
  Sample& set_series(const std::string& field, const double* times_s, const float* values,
                     size_t num_times, int channels);
  /// Frames of one size, one after the other, as set_image has them, with ascending times in
  /// seconds. Copied.
  Sample& set_video(const std::string& field, const uint8_t* pixels, const double* times_s,
                    size_t num_frames, int width, int height, int channels);
  /// Voxels (depth, height, width) with their spacing in mm in that order. Copied.
  Sample& set_volume(const std::string& field, const float* voxels, int depth, int height,
                     int width, const double spacing_mm[3]);
  Sample& set_embedding(const std::string& field, const std::vector<float>& values);
  /// Sets a field from text as a manifest's cell would: a path for media and embeddings, a number,
  /// a category or text; "" = missing.
  Sample& set_cell(const std::string& field, const std::string& cell);
  /// What opens error messages about this sample, as "talks.csv:118"; "sample" by default.
  Sample& set_where(const std::string& where);

 private:
  friend class Predictor;
  friend class StreamPredictor;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Prediction {
  std::string label;  // class with the largest score; labels of at least 0.5 joined by ';'; "" for
                      // regression
  double value = 0;   // regression: the value; otherwise the label's score
  std::vector<double> scores;        // one per label; regression: one value
  std::vector<std::string> missing;  // modalities this sample lacked
  std::vector<double> weights;  // how much each modality counted, where the fusion says so, in the
                                // order of modalities()

  // Only of a calibrated bundle:
  std::vector<std::string> set;  // labels that cannot be ruled out, the likeliest first: it holds
                                 // the truth in coverage() of the samples like those calibrated on
  double low = 0, high = 0;      // the same for regression; infinite where nothing is ruled out
  std::vector<std::string> masked;  // modalities unlike any calibrated on: predicted without them
  bool is_refused = false;  // all that the sample had was masked: the scores come from no modality
                            // at all, and the set holds everything
};

struct FieldInfo {
  std::string name, kind;  // kind: text, image, audio, video, series, volume, numeric,
                           // category, embedding
};

struct PredictorOptions {
  // 0 = at each call as many as the cores that other programs leave free. Scores have the same bits
  // whatever the threads.
  int num_threads = 0;
  std::string device = "cpu";  // "cpu", "cuda", "cuda:1"
  // "float32" or "bf16": bf16 rounds the factors of matrix products to 8 significant bits, which is
  // faster on processors with AVX512-BF16 or AMX and changes scores in about the third digit.
  std::string precision = "float32";
  // False: a calibrated bundle's fault gate masks nothing.
  bool has_gate = true;
};

/// A loaded model. Not thread-safe: one Predictor per thread, or a lock around it.
class Predictor {
 public:
  /// Errors: io, format, config.
  static Predictor load(const std::string& bundle_folder, const PredictorOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// Errors: data or format, naming the field; config for a field the model does not know (with the
  /// nearest name).
  Prediction predict(const Sample& sample);
  /// One batch. Cost: one forward pass over all samples; memory grows with their number.
  std::vector<Prediction> predict(const std::vector<Sample>& samples);

  const std::vector<std::string>& labels() const;      // empty for regression
  const std::vector<std::string>& modalities() const;  // that the model reads
  const std::vector<FieldInfo>& fields() const;        // that the model reads
  const std::string& target() const;
  const std::string& task() const;  // "binary", "multiclass", "multilabel", "regression"
  bool is_calibrated() const;       // by `braid calibrate`
  double coverage() const;          // asked of Prediction::set; 0 where not calibrated

 private:
  struct Impl;
  explicit Predictor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace braid
