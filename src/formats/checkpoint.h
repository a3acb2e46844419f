// Checkpoints as the community publishes them: safetensors files, in shards or not.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/tensor_view.h"

namespace braid::formats {

/// The tensors of one safetensors file, or of a folder with model.safetensors, or with
/// model.safetensors.index.json and its shards; where both are there, the first counts. Files are
/// mapped into memory: opening reads their headers alone. Copies share the mapping.
///
/// A file that is cut shorter while a Checkpoint holds it ends the process (SIGBUS) on reading what
/// is gone; replace files by renaming, as write_checkpoint does.
class Checkpoint {
 public:
  /// path: a folder or a .safetensors file.
  ///
  /// Errors   io: a path that is not there or cannot be read. format, naming the file: one that is
  ///          cut short, a header too large, tensors that overlap or leave gaps, an unknown dtype;
  ///          a shard that is missing or outside the folder; a tensor that is not in the shard the
  ///          index names, or not in the index; weights as pickle, TensorFlow or Flax files alone;
  ///          a Git LFS pointer in the place of a file.
  /// Cost     the headers; none of the tensors' bytes is read.
  static Checkpoint open(const std::string& path);
  /// Whether a folder has the file, or the index, that open looks for.
  static bool stands_in_folder(const std::string& folder);

  /// Sorted by name. Their bytes live as long as a copy of this Checkpoint.
  const std::vector<TensorView>& tensors() const;
  /// nullptr where there is none. In log time.
  const TensorView* find(const std::string& name) const;
  /// Of all files; where two disagree on a key, the first one's value.
  const std::map<std::string, std::string>& metadata() const;
  /// The safetensors files, sorted: one, or the shards.
  const std::vector<std::string>& files() const;
  /// The bytes of all tensors.
  int64_t num_bytes() const;

 private:
  struct Content;
  explicit Checkpoint(std::shared_ptr<const Content> content);
  std::shared_ptr<const Content> content_;
};

/// Writes `folder`/model.safetensors, or, where the tensors take more than max_shard_bytes,
/// model-00001-of-0000N.safetensors and so on, of which only a tensor larger than that exceeds it,
/// and model.safetensors.index.json. The same bytes for the same tensors in any order; larger
/// types come first in a file, so that all data lie at multiples of their size. The metadata
/// stand in every file.
///
/// Each file is written beside its place and renamed, the index last; then what an earlier
/// checkpoint left in the folder under these names is removed. The views may be those of a
/// Checkpoint of the same folder. Where shards replace shards, a reader, or a stop in between, may
/// see some of both: write to a fresh folder then.
///
/// Errors   io. usage: a name twice, an unknown dtype, names not in UTF-8, max_shard_bytes below 1.
///          shape: bytes that do not fill the shape. All but io before anything is written.
void write_checkpoint(const std::string& folder, const std::vector<TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata,
                      int64_t max_shard_bytes = 5'000'000'000);

}  // namespace braid::formats
