// A sample's frames from where they lie: a video, part of one, an array, or memory.
#pragma once
#include <string>
#include <vector>

#include "data/sample.h"

namespace braid::data {

/// Which frames: spread by count, or so many a second, cut at `most`. Moments as
/// formats::VideoOptions has them.
struct FrameChoice {
  double rate_hz = 0;
  int64_t count = 0;          // exactly one of the two is above 0
  int64_t channels = 3;       // of what is decoded: 3 RGB, 1 grey
  int64_t most = 1000000;     // at a rate: frames kept
  std::string crop = "head";  // and which: head, centre, tail
};

/// Frames of a container (or a stretch of one), of a .npy array (T, H, W) or (T, H, W, C) of 0 to
/// 255, or a row of one with an axis more, or of memory; chosen by the same definition. An array's
/// frames count as seconds, as a series' rows do. What comes late (Path::late_s) shows the first
/// frame before there is one, and the last after the end.
///
/// Errors   data: no frame, no stretch of it, an array of another shape or of values that are no
///          pixels; else as formats::read_video. A video that ends early or is damaged gives the
///          frames it has.
/// Cost     of a container only what is needed is decoded.
std::vector<formats::Image> read_frames(const Value& value, const FrameChoice& choice);

}  // namespace braid::data
