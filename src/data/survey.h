// Opens every media file of a dataset once: can it be read, what is in it, and is it the same as
// another?
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/log.h"
#include "data/dataset.h"

namespace braid::data {

/// One cell of a modality that is no table.
struct Surveyed {
  bool is_present = false;
  bool is_readable = false;
  std::string file;     // as in the manifest's folder; "" for text
  std::string problem;  // why it cannot be read
  std::string note;     // what is wrong with one that can be read: it ends early
  uint64_t hash = 0;    // of the file's bytes, the values of a part or an array, or the text
  // Image: pixels. Audio: rate, duration and channels of the file. Video: pixels, rate, duration.
  // Series: channels, height = measurements, rate (of the median step), duration. Volume: width,
  // height, channels = slices. Embedding: width = values per token, height = tokens. Text: width =
  // words.
  double width = 0, height = 0, channels = 0, rate_hz = 0, duration_s = 0;
  bool is_silent = false;
};

/// [modality][row]; empty for the tabular modality and for embeddings made of columns. Ticks once
/// per hundred rows.
std::vector<std::vector<Surveyed>> survey(const Dataset& dataset, int num_threads,
                                          const Sinks& sinks);

}  // namespace braid::data
