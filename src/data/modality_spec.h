// What prepared samples of one modality look like: all that encoders have to know of data.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "data/fields.h"

namespace braid::data {

/// One modality of one sample, ready for an encoder. Absent: present = false and every vector
/// empty.
struct Prepared {
  bool present = false;
  // Tokens T: text ids, frames of sound and video, ticks of a series, rows of a 2-D embedding; 1
  // otherwise.
  int64_t length = 0;
  // image (C, H, W); audio (T, F); series (T, C); video (T, C, H, W); volume (D, H, W); embedding
  // (T, D); tabular (numeric fields). 0 where missing.
  std::vector<float> values;
  std::vector<int32_t>
      ids;  // text (T); tabular (category fields): 0 missing, 1 unknown, 2.. known values
  std::vector<uint8_t> observed;  // tabular (numeric fields), series (T, C): 0 where missing
  std::vector<float> times;       // series (T): seconds from the first tick
};

/// What an encoder has to know of its modality; part of every bundle.
struct ModalitySpec {
  std::string name;
  Kind kind = Kind::text;
  int64_t channels = 0, height = 0, width = 0;  // image, video, volume
  int64_t depth = 0;                            // volume
  double step_s = 0;                            // series: the median step between its ticks
  int64_t features = 0;    // audio: mel bands; series: C; embedding: D; tabular: numeric fields
  int64_t max_length = 1;  // T never exceeds it
  int64_t vocabulary = 0;  // text
  std::vector<int64_t> categories;       // tabular: ids per category field (known values + 2)
  std::vector<std::string> field_names;  // tabular: numeric, then category fields; series: channels
  template <class V>
  void visit(V& v) {
    v("name", name, any(), "the modality's name");
    std::string kind_name = to_string(kind);
    v("kind", kind_name,
      one_of({"text", "image", "audio", "video", "series", "volume", "embedding", "tabular"}),
      "its kind");
    kind = parse_kind(kind_name);
    v("channels", channels, at_least(0), "image, video: 1 grey, 3 RGB");
    v("height", height, at_least(0), "image, video, volume: pixels");
    v("width", width, at_least(0), "image, video, volume: pixels");
    v("depth", depth, at_least(0), "volume: slices");
    v("step_s", step_s, at_least(0), "series: seconds between its ticks, the median");
    v("features", features, at_least(0),
      "audio: mel bands; series: C; embedding: D; tabular: numeric fields");
    v("max_length", max_length, at_least(1), "most tokens T");
    v("vocabulary", vocabulary, at_least(0), "text: ids");
    v("categories", categories, at_least(0), "tabular: ids per category field");
    v("field_names", field_names, any(),
      "tabular: numeric fields, then category fields; series: channels");
  }
};

}  // namespace braid::data
