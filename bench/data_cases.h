// The steps from files to prepared arrays, each beside the bare library calls it cannot do without.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "formats/image.h"

namespace braid::bench {

/// One line of the CSV: work beside its yardstick.
struct Measured {
  std::string what, format, bare;  // bare: what the yardstick is
  int64_t size = 0;
  double samples_per_s = 0, bare_per_s = 0, share_of_bare = 0;
  double bytes = 0;  // of a sample: pixels as RGB bytes, 16-bit sound, text
};

/// `smallest`: few items once, to see that everything still works.
std::vector<Measured> measure_pictures(bool smallest);
std::vector<Measured> measure_sound(bool smallest);
std::vector<Measured> measure_text(bool smallest);

/// Soft gradients with some noise: neither the easiest nor the hardest of pictures.
formats::Image gradients(uint64_t seed, int width, int height);
/// A tone with some noise, 16-bit WAV.
std::string tone(uint64_t seed, int rate_hz, double duration_s);

/// Writes `files` as 0.<extension>, 1.<extension> ... and a manifest whose one input is the column
/// "media", row r the file r.
data::DatasetConfig write_files(const std::string& folder, const std::string& extension,
                                const std::vector<std::string>& files);

}  // namespace braid::bench
