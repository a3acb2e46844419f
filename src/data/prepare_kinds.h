// What the kinds' preparers share: values of a sample, training rows, statistics, strict reading of
// saved state. Internal to prepare*.cpp.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "data/prepare.h"

namespace braid::data {

/// The learned state of one modality and the code that applies it. Thread-safe after construction.
class Preparer {
 public:
  virtual ~Preparer() = default;
  virtual ModalitySpec spec() const = 0;
  /// Errors: data or format, opened by sample.where and the field.
  virtual Prepared prepare(const Sample& sample) const = 0;
  /// Settings and statistics, everything but the vocabulary.
  virtual Json dump() const = 0;
  /// Text: the vocabulary, one token per line; "" for the other kinds.
  virtual std::string vocabulary() const { return ""; }
};

/// What a preparer is learned from.
struct Training {
  const Dataset& dataset;
  const std::vector<int64_t>& rows;
  const Modality& modality;
  int num_threads;
  const Sinks& sinks;
};

/// What a preparer is read back from; `where` opens messages ("preparation.json: modality
/// \"image\"").
struct Saved {
  const Json& node;
  const Modality& modality;
  const std::vector<Field>& fields;
  std::string vocabulary;  // text: the bytes of the vocabulary file
  std::string where;
};

using PreparerPtr = std::unique_ptr<const Preparer>;
PreparerPtr learn_image(const Training& training, const ImageConfig& config);
PreparerPtr learn_audio(const Training& training, const AudioConfig& config);
PreparerPtr learn_series(const Training& training, const SeriesConfig& config);
PreparerPtr learn_video(const Training& training, const VideoConfig& config);
PreparerPtr learn_volume(const Training& training, const VolumeConfig& config);
PreparerPtr learn_text(const Training& training, const TextConfig& config);
PreparerPtr learn_tabular(const Training& training, const TabularConfig& config);
PreparerPtr learn_embedding(const Training& training, const EmbeddingConfig& config);
PreparerPtr load_image(const Saved& saved);
PreparerPtr load_audio(const Saved& saved);
PreparerPtr load_series(const Saved& saved);
PreparerPtr load_video(const Saved& saved);
PreparerPtr load_volume(const Saved& saved);
PreparerPtr load_text(const Saved& saved);
PreparerPtr load_tabular(const Saved& saved);
PreparerPtr load_embedding(const Saved& saved);

/// The field's value; monostate where the sample has none.
const Value& value_of(const Sample& sample, const std::string& field);
bool is_missing(const Sample& sample, const std::string& field);
/// "text", "a number", "a file": for "expected ..., got a number".
const char* describe(const Value& value);
/// Only blanks, as an empty cell of a manifest.
bool is_blank(const std::string& text);

/// Runs `body`; an Error of it is rethrown with `m.csv:12: field "audio": ` before its message.
void in_field(const Sample& sample, const std::string& field, const std::function<void()>& body);

/// The picture itself where it is in memory; otherwise it is read into `file`. Errors: data,
/// format.
const formats::Image& load_pixels(const Value& value, formats::Image* file);

/// Errors: data, when there is no such file as `path` names, or names a part of (a manifest that
/// names nothing is bad data, not a bad disk).
void check_exists(const std::string& path);

constexpr size_t kSizeSample = 200;         // files looked at for sizes and rates
constexpr size_t kStatisticsSample = 2000;  // files the statistics come from

/// Training rows that have `field`, ascending; a seeded sample where there are more than `limit`
/// (0 = no limit). Errors: data, when there is none.
std::vector<int64_t> rows_with(const Training& training, const std::string& field, size_t limit);

/// Calls body(sample, i) for every rows[i] on the training's threads. With skip_bad, rows that fail
/// with data, format or io are left out with one warning. Returns the indices that succeeded,
/// ascending. Errors: the first in row order; data when skip_bad leaves none.
std::vector<size_t> visit_samples(const Training& training, const std::vector<int64_t>& rows,
                                  const std::function<void(const Sample&, size_t)>& body);

/// Mean and variance of a stream of numbers. Welford 1962; merging by Chan, Golub, LeVeque 1979.
struct Moments {
  int64_t count = 0;
  double mean = 0, squares = 0;  // sum of squared distances from the mean
  void add(double value) {
    ++count;
    const double delta = value - mean;
    mean += delta / static_cast<double>(count);
    squares += delta * (value - mean);
  }
  void merge(const Moments& other);
};

/// (x - mean) / deviation per column, clipped to +-clip where clip > 0.
struct Standardizer {
  std::vector<double> mean, deviation;
  /// Errors: data, opened by `where`, when a column's values overflow.
  static Standardizer from(const std::vector<Moments>& columns, const std::string& where);
  float apply(size_t column, double value, double clip = 0) const {
    double result = (value - mean[column]) / deviation[column];
    if (clip > 0) result = result < -clip ? -clip : result > clip ? clip : result;
    return static_cast<float>(result);
  }
  /// Errors: format, when there are not `columns` of each or a deviation is not positive.
  void check(size_t columns, const std::string& where) const;
  template <class V>
  void visit(V& v) {
    v("mean", mean, any(), "per column");
    v("deviation", deviation, any(), "per column");
  }
};

/// Statistics per column of the training values of one field. `add` adds a sample's to the columns'
/// moments; its errors are opened by where the sample stands. Samples are visited side by side and
/// merged in row order, so that the sums do not depend on the number of threads.
/// Errors: as visit_samples() and Standardizer::from().
Standardizer learn_statistics(const Training& training, const std::vector<int64_t>& rows,
                              size_t columns,
                              const std::function<void(const Sample&, std::vector<Moments>*)>& add);

/// Middle value; of an even number the mean of the two middle ones, rounded down. values not empty.
int64_t median(std::vector<int64_t> values);

/// Errors: format, when a key of `full` is not in `node`.
void check_complete(const Json& node, const Json& full, const std::string& where);

/// Reads a saved struct that has visit(): every key must be there. Errors: format.
template <class C>
C read_saved(const Json& node, const std::string& where) {
  C result;
  try {
    read_config(node, where, result);
  } catch (const Error& e) {
    throw Error(ErrorKind::format, e.what());
  }
  check_complete(node, dump_config(result), where);
  return result;
}

}  // namespace braid::data
