// Reads, prepares, augments and collates batches on worker threads, ahead of the training step and
// in a fixed order.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/log.h"
#include "data/augment.h"
#include "data/batch.h"
#include "data/dataset.h"
#include "data/prepare.h"

namespace braid::data {

/// Where prepared samples came from so far.
struct StoreCounts {
  uint64_t memory_bytes = 0;  // held now
  int64_t memory_hits = 0;
  uint64_t spilled_bytes = 0;  // in the temporary file
  int64_t disk_hits = 0;       // from the cache folder or the temporary file
  int64_t prepared = 0;        // made anew from the sample
  int64_t encoded = 0;         // made anew by a frozen encoder
  int64_t corrupt_files = 0;   // found in the cache folder, ignored and written again
  int64_t failed_writes = 0;   // cache files that could not be written: slower, never wrong
};

/// Prepared samples of a dataset, shared by all epochs and runs: kept in memory until `limit_bytes`
/// is full (what is kept stays: over whole epochs replacing gains nothing). Of the rest, what was
/// made from files is kept on disk: in the folder PrepareConfig::cache where it is set, otherwise
/// in a temporary file of at most `spill_bytes` (spill.h); all else is prepared anew. Each modality
/// is kept by itself, so that one modality's training decodes nothing of the others. Thread-safe.
///
/// A cache file belongs to one fingerprint of the preparation, one manifest, row and modality, and
/// to the size and time of the media file. `dataset` must outlive the store. Errors (constructor):
/// io, when the cache folder cannot be made.
class PreparedStore {
 public:
  PreparedStore(const Dataset& dataset, Preparation preparation, uint64_t limit_bytes,
                uint64_t spill_bytes = 0);
  ~PreparedStore();
  const Dataset& dataset() const;
  const Preparation& preparation() const;
  /// One modality of one row. Errors: as Preparation::prepare; shape, when there is no such row.
  std::shared_ptr<const Prepared> get(int64_t row, size_t modality);
  /// One entry per modality of the preparation. Cost: one copy of every value.
  std::shared_ptr<const std::vector<Prepared>> get(int64_t row);
  /// Lets get_encoded() hold what a frozen encoder, `key`, makes of a modality's prepared samples:
  /// (1 + T, D) values, the pooled vector and then the tokens. `encode` is called once for each
  /// row, by any thread. The first of two with the same key counts.
  void add_encoding(size_t modality, uint64_t key, int64_t width,
                    std::function<Prepared(const Prepared&)> encode);
  bool has_encoding(size_t modality, uint64_t key) const;
  bool has_encodings(size_t modality) const;
  /// As get(), kept in memory, in the temporary file (for one encoding of a modality) or in the
  /// cache folder, under the encoder's key too; a row that is there is neither decoded nor encoded
  /// again. Errors   as get(); shape: no such encoding.
  std::shared_ptr<const Prepared> get_encoded(int64_t row, size_t modality, uint64_t key);
  /// D of an encoding. Errors   shape: no such encoding.
  int64_t encoding_width(size_t modality, uint64_t key) const;
  StoreCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct LoaderOptions {
  int64_t batch_size = 32;
  bool keep_last = true;                   // a last, smaller batch is kept
  const AugmentConfig* augment = nullptr;  // null = none
  uint64_t seed = 1;     // of augmentation: each sample's changes depend on (seed, row, modality)
                         // alone, not on threads or order; give each epoch its own
  int num_workers = 1;   // 0 = prepare in the caller's thread
  int64_t prefetch = 4;  // batches ready or in work at most; bounds the memory
  std::vector<size_t> modalities;   // which modalities to load, as indices; empty = all.
                                    // Batch::modalities holds these, in this order
  std::vector<uint64_t> encodings;  // of each of these, the frozen encoder whose work is loaded
                                    // in the samples' place, unaugmented; 0 or empty = none
};

/// Batches of `rows` in the order given, the same whatever the number of workers. One thread calls
/// next(). Targets of rows that are not `known` are as Targets::values has them. Errors
/// (constructor): config, for a batch size or prefetch below 1; shape, for a modality that is not
/// there.
class Loader {
 public:
  Loader(PreparedStore& store, std::vector<int64_t> rows, LoaderOptions options);
  ~Loader();  // stops the workers, whatever is left
  /// The next batch; false at the end. Errors: as PreparedStore::get; of one batch the first in row
  /// order is thrown where the batch would come, and the call after it goes on behind it.
  bool next(Batch* batch);
  int64_t num_batches() const;
  double waited_s() const;  // time next() spent waiting for data (with no workers: preparing it)

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A row that cannot be prepared, and why ("m.csv:12: field ...").
struct BadRow {
  int64_t row;
  std::string message;
};
/// Decodes every row once on `num_threads` threads; rows that fail with data, format or io are
/// returned with their first message, in the order of `rows`. Errors: others (a build without
/// FFmpeg, a bug) are thrown.
std::vector<BadRow> find_bad_rows(PreparedStore& store, const std::vector<int64_t>& rows,
                                  int num_threads, const Sinks& sinks = {});

}  // namespace braid::data
