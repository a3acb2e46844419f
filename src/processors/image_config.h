// A preprocessor_config.json, understood: what stands in it, what its class adds, checked.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "core/json.h"
#include "processors/pixel_taps.h"

namespace braid::processors {

/// From the picture's size to the size it is resized to.
enum class SizeRule {
  keep,      // not resized
  exact,     // to height x width
  shortest,  // the shorter side to `shortest`, the longer in proportion, cut to a whole pixel
};

/// Where a crop begins when an odd number of pixels is cut or added. One side gets the odd one.
enum class CentreRule {
  slow,         // cut: floor; added: one more before
  fast,         // cut: floor; added: one more after
  torchvision,  // cut: half to even; added: one more after
};

struct ImageConfig {
  SizeRule size_rule = SizeRule::exact;
  int64_t height = 0, width = 0, shortest = 0;
  bool is_cropped = false;
  CentreRule centre_rule = CentreRule::slow;
  int64_t output_height = 0, output_width = 0;
  Kernel kernel = Kernel::bilinear;
  bool is_fast = false;
  bool is_rescaled = true, is_normalized = true;
  double rescale_factor = 0;
  std::array<double, 3> mean = {}, std = {};
  bool is_on_white = false;  // alpha is composited on white; otherwise dropped
  Json json;                 // complete: reads back to the same
};

/// Errors   config, opened by `where`; see ImageProcessor::parse.
ImageConfig parse_image_config(const Json& json, const std::string& where);

}  // namespace braid::processors
