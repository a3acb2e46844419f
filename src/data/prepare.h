// From raw values to the arrays an encoder reads: one code for training and prediction, learned on
// the training rows only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/log.h"
#include "data/dataset.h"
#include "data/fields.h"
#include "data/log_mel.h"
#include "data/modality_spec.h"
#include "data/sample.h"
#include "text/wordpiece.h"

namespace braid::data {

struct ImageConfig {
  int64_t size = 0;  // pixels, height = width; 0 = from the training files (their median longest
                     // side, at most 64)
  int64_t channels = 0;         // 1, 3; 0 = 1 when all sampled training files are grey, else 3
  std::string fit = "stretch";  // stretch, pad, crop
  template <class V>
  void visit(V& v) {
    v("size", size, between(0, 1024),
      "height and width in pixels; 0 = the median longest side of the training files, at most 64");
    v("channels", channels, between(0, 3), "1 grey, 3 RGB; 0 = as the training files are");
    v("fit", fit, one_of({"stretch", "pad", "crop"}),
      "how another aspect ratio is brought to a square");
  }
};

struct AudioConfig {
  LogMelConfig log_mel;  // rate_hz 0 = the most common rate of the training files, at most 16000
  std::string fit = "stretch";  // stretch: every spectrogram is resampled along time to `frames`;
                                // pad: cut at `frames`, shorter ones stay short and are masked
  int64_t frames =
      0;  // 0 = the median length of the training files in frames, kept within 16 and 256
  bool remove_mean = true;  // subtract each clip's own mean log-mel (level and microphone)
  AudioConfig() { log_mel.rate_hz = 0; }
  template <class V>
  void visit(V& v) {
    v("log_mel", log_mel, any(), "spectrogram");
    v("fit", fit, one_of({"stretch", "pad"}),
      "clips of uneven length: stretch to one length, or pad and mask");
    v("frames", frames, between(0, 4096),
      "length in frames; 0 = the median of the training files, within 16 and 256");
    v("remove_mean", remove_mean, any(),
      "subtract each clip's own mean, so that level does not matter");
  }
};

struct TextConfig {
  text::WordPieceConfig vocabulary;
  int64_t max_tokens = 128;
  template <class V>
  void visit(V& v) {
    v("vocabulary", vocabulary, any(), "WordPiece, learned on the training rows");
    v("max_tokens", max_tokens, between(1, 4096), "longer texts are cut");
  }
};

struct TabularConfig {
  int64_t max_categories =
      256;           // most frequent values of a category field; the rest share the unknown bucket
  double clip = 10;  // standardised numbers are clipped to +-clip
  template <class V>
  void visit(V& v) {
    v("max_categories", max_categories, between(1, 65536),
      "values kept per category field; rarer ones are 'unknown'");
    v("clip", clip, at_least(0.1), "standardised numbers are clipped to this many deviations");
  }
};

struct EmbeddingConfig {
  bool standardize = true;
  double clip = 10;
  int64_t max_tokens = 256;  // for 2-D files: rows are tokens
  template <class V>
  void visit(V& v) {
    v("standardize", standardize, any(),
      "zero mean and unit deviation per column, from the training rows");
    v("clip", clip, at_least(0.1), "standardised values are clipped to this many deviations");
    v("max_tokens", max_tokens, between(1, 4096), "rows kept of an embedding that is a sequence");
  }
};

struct SeriesConfig {
  double rate_hz = 0;  // ticks a second; 0 = the training files' own where their steps are even,
                       // lowered until the median series fits `length`; uneven steps stay as they
                       // are, each measurement with its time
  std::string method = "auto";  // of `braid list alignment`; auto: mean where the rate is lowered,
                                // linear elsewhere
  int64_t length = 0;         // most ticks; 0 = the median of the training files, within 16 and 512
  std::string crop = "head";  // what is kept of longer ones: head, centre, tail
  bool remove_mean = false;   // subtract each sample's own mean, channel by channel
  double clip = 10;
  template <class V>
  void visit(V& v) {
    v("rate_hz", rate_hz, between(0, 768000),
      "ticks a second; 0 = the training files' own, lowered until the median one fits; uneven "
      "steps "
      "stay as they are");
    v("method", method, any(), "how a tick gets its value: auto, or one of braid list alignment");
    v("length", length, between(0, 65536),
      "most ticks; 0 = the median of the training files, within 16 and 512");
    v("crop", crop, one_of({"head", "centre", "tail"}), "what is kept of longer ones");
    v("remove_mean", remove_mean, any(),
      "subtract each sample's own mean per channel, so that level does not matter");
    v("clip", clip, at_least(0.1), "standardised values are clipped to this many deviations");
  }
};

struct VideoConfig {
  int64_t frames = 16;  // most frames
  double rate_hz = 0;   // 0 = `frames` frames spread over the whole; else so many a second
  int64_t height = 0, width = 0;  // pixels; 0 = the median of the training files, the longer side
                                  // at most 64
  int64_t channels = 0;           // 1, 3; 0 = 1 when all sampled training files are grey, else 3
  std::string fit = "stretch";    // stretch, pad, crop
  std::string crop = "head";      // what is kept where there are more frames: head, centre, tail
  template <class V>
  void visit(V& v) {
    v("frames", frames, between(1, 4096), "most frames");
    v("rate_hz", rate_hz, between(0, 1000),
      "frames a second; 0 = spread `frames` frames over the whole");
    v("height", height, between(0, 1024),
      "pixels; 0 = the median of the training files, the longer side at most 64");
    v("width", width, between(0, 1024),
      "pixels; 0 = the median of the training files, the longer side at most 64");
    v("channels", channels, between(0, 3), "1 grey, 3 RGB; 0 = as the training files are");
    v("fit", fit, one_of({"stretch", "pad", "crop"}),
      "how another aspect ratio is brought to this one");
    v("crop", crop, one_of({"head", "centre", "tail"}), "what is kept where there are more frames");
  }
};

struct VolumeConfig {
  int64_t size = 0;  // voxels along each axis; 0 = the median longest side of the training files,
                     // at most 48
  std::string fit = "pad";           // pad: keeps the body's proportions, by the spacing; stretch
  std::string intensity = "volume";  // standardised by each volume's own mean and deviation (scales
                                     // of MRI mean nothing), or by those of the training files
  template <class V>
  void visit(V& v) {
    v("size", size, between(0, 512),
      "voxels along each axis; 0 = the median longest side of the training files, at most 48");
    v("fit", fit, one_of({"pad", "stretch"}),
      "keep the proportions in millimetres, or fill the cube");
    v("intensity", intensity, one_of({"volume", "training"}),
      "whose mean and deviation standardise: each volume's own, or the training files'");
  }
};

struct PrepareConfig {
  ImageConfig image;
  AudioConfig audio;
  SeriesConfig series;
  VideoConfig video;
  VolumeConfig volume;
  TextConfig text;
  TabularConfig tabular;
  EmbeddingConfig embedding;
  Json from = Json::object();  // {text: FOLDER}: a published checkpoint's own preprocessing
  double max_wave_s = 30;      // of sound whose encoder reads waves
  std::string cache;           // folder of prepared arrays on disk; "" = none
  int64_t memory_mb = 16;    // of prepared arrays in memory, over all folds; does not grow with the
                             // rows. Larger saves reading some from disk
  int64_t spill_mb = 16384;  // of a temporary file for what memory has no room for; beyond it, and
                             // at 0, samples are prepared anew each time
  template <class V>
  void visit(V& v) {
    v("image", image, any(), "pictures");
    v("audio", audio, any(), "sound");
    v("series", series, any(), "measurements over time");
    v("video", video, any(), "moving pictures");
    v("volume", volume, any(), "three-dimensional pictures");
    v("text", text, any(), "text");
    v("tabular", tabular, any(), "numeric and category columns");
    v("embedding", embedding, any(), "ready-made vectors");
    v("from", from, any(),
      "folder of a published checkpoint or a bundle per modality, whose preprocessing and "
      "tokenizer it "
      "gets: {text: FOLDER}; as encoders' from says where left out");
    v("max_wave_s", max_wave_s, between(0.01, 3600),
      "seconds of sound kept where a published checkpoint reads waves");
    v("cache", cache, any(), "folder that keeps prepared arrays between runs; empty = none");
    v("memory_mb", memory_mb, between(0, 1 << 24),
      "MiB of prepared arrays held in memory, however many rows there are");
    v("spill_mb", spill_mb, between(0, 1 << 30),
      "MiB of a temporary file for prepared media beyond memory_mb; 0 = none, prepare them anew");
  }
};

/// Everything learned from the training rows (vocabulary, statistics, sizes) and the code that
/// applies it. Copies share the learned state; const members may be called from several threads.
class Preparation {
 public:
  /// Learns from `rows` only: sizes and rates from a seeded sample of 200 media files, statistics
  /// from one of 2,000, vocabularies and numbers from all rows. Images: mean and deviation per
  /// channel; audio: per mel band; numbers and embeddings: per column. A constant column gets
  /// deviation 1.
  ///
  /// Missing  left out. With skip_bad (DatasetConfig) so are rows whose files are bad, with one
  ///          warning per modality.
  /// Errors   data or format naming row, field and file; data when no training row has a modality;
  ///          config: image.channels 2.
  /// Cost     media of the two samples are decoded on `num_threads` threads.
  static Preparation learn(const Dataset& dataset, const std::vector<int64_t>& rows,
                           const PrepareConfig& config, int num_threads, const Sinks& sinks = {});

  /// As a published checkpoint of several towers prepares what they read, without a data set: one
  /// modality a kind, named after it, of one field of the same name. Errors   as learn() with
  /// PrepareConfig::from.
  static Preparation published(const std::string& folder, const std::vector<Kind>& kinds,
                               const PrepareConfig& config);

  const std::vector<Modality>& modalities() const;
  const std::vector<Field>& fields() const;
  const std::vector<ModalitySpec>& specs() const;

  /// One entry per modality. What comes from memory goes the way of what comes from files, and
  /// gives the same bits.
  ///
  /// Missing  no value, a blank text and an empty category (as an empty cell is); a tabular
  /// modality
  ///          is present when one of its fields is.
  /// Errors   data or format, opened by sample.where and the field's name.
  std::vector<Prepared> prepare(const Sample& sample) const;
  Prepared prepare(const Sample& sample, size_t modality) const;

  /// Hash of everything that changes prepared arrays: the cache's key.
  uint64_t fingerprint() const;
  /// PrepareConfig::cache as given to learn(); "" after load(). Not part of what is saved.
  const std::string& cache() const;

  /// preparation.json (sizes, statistics, categories) and one vocab-<modality>.txt per text
  /// modality, written into / read from `folder` (made where it is not there). Numbers are read
  /// back bit for bit. Errors: io; load: format where anything is missing, unknown or does not fit
  /// together.
  void save(const std::string& folder) const;
  static Preparation load(const std::string& folder);

 private:
  struct State;
  explicit Preparation(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace braid::data
