// A sample's frames from where they lie: a video, part of one, an array, or memory.
#pragma once
#include <vector>

#include "data/sample.h"

namespace braid::data {

/// Which frames, as formats::VideoOptions has them: at a rate, or spread by count.
struct FrameChoice {
  double rate_hz = 0;
  int64_t count = 0;     // exactly one of the two is above 0
  int64_t channels = 3;  // of what is decoded: 3 RGB, 1 grey
};

/// Frames of a container (or a stretch of one), of a .npy array (T, H, W) or (T, H, W, C) of 0 to
/// 255, or a row of one with an axis more, or of memory; chosen by the same definition. An array's
/// frames count as seconds, as a series' rows do.
///
/// Errors   data: no frame, an array of another shape or of values that are no pixels; else as
///          formats::read_video. A video that ends early or is damaged gives the frames it has.
std::vector<formats::Image> read_frames(const Value& value, const FrameChoice& choice);

}  // namespace braid::data
