// Raw values as they come from a manifest or from a program's memory, before any preparation.
#pragma once
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "align/series.h"
#include "formats/audio.h"
#include "formats/image.h"
#include "formats/video.h"
#include "formats/volume.h"

namespace braid::data {

/// A path to a media, series or .npy file, with what of it is meant (formats/media_path.h).
struct Path {
  std::string path;
  double late_s = 0;  // sound, video, series: what is shown comes so much late, as stress tests it:
                      // what lay before it, or silence, gaps, the first frame where nothing did
};

/// monostate = missing. string: text or a category's value; double: numeric; vector<float>: an
/// embedding.
using Value =
    std::variant<std::monostate, std::string, double, std::vector<float>, Path, formats::Image,
                 formats::Audio, formats::Video, align::Series, formats::Volume>;

/// By field name; a field that is not there is missing.
struct Sample {
  std::string where;  // "data/talks.jsonl:118", opens messages
  std::map<std::string, Value> values;
};

}  // namespace braid::data
