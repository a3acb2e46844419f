// The demo data: four modalities of real file formats whose truth is known. Synthetic, and says so.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/log.h"

namespace braid::data {

struct SynthesizeConfig {
  int64_t rows = 1200;
  int64_t seed = 1;
  double missing = 0.08;
  template <class V>
  void visit(V& v) {
    v("rows", rows, between(20, 10000000), "samples to make");
    v("seed", seed, at_least(0), "the same seed gives the same bytes");
    v("missing", missing, between(0, 0.9),
      "chance that a modality is missing in a row (never all)");
  }
};

/// Writes `folder`/manifest.csv, image/*.png, audio/*.wav, truth.csv and README.md (which says that
/// the data is synthetic, how it was made and what accuracy can be reached). The label is two bits:
/// u is told weakly by every modality on its own, v only by picture and sound together. The same
/// seed gives the same bytes on any number of threads; the manifest is written last. Errors  io;
/// usage without FFmpeg.
void synthesize(const std::string& folder, const SynthesizeConfig& config, int num_threads,
                const Sinks& sinks = {});

/// The best accuracy on the four classes that any model can reach from these modalities (image,
/// audio, text, tabular), from the generator's parameters: pictures, sounds and words read without
/// error. `missing` as in SynthesizeConfig; 0 = complete rows. Errors  config, for an unknown
/// modality.
double synthetic_best_accuracy(const std::vector<std::string>& modalities, double missing = 0);

}  // namespace braid::data
