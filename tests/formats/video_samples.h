// Video files made on the spot: every picture tells its own number, and a tone begins with a known
// one, so that a test can see which frame it was given and when the sound starts.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "formats/image.h"

namespace braid::testing {

struct ClipPlan {
  std::string container = "mp4", codec = "mpeg4", audio_codec;  // "" for none
  int num_frames = 50, gop = 12, num_b_frames = 0;
  int width = 128, height = 64;
  int rate_hz = 25;
  std::vector<int64_t> times_ms;  // in place of a fixed rate
  int64_t video_late_ms = 0, audio_late_ms = 0;
  int tone_from_frame = 10;  // counted at the fixed rate, from the first sound
  bool is_full_range = false, is_bt709 = false;
  bool is_coloured = false;         // a flat colour (y 120, u 90, v 180) instead of the number
  bool has_table_in_front = false;  // of an MP4
  std::vector<int32_t> matrix;      // display matrix
};

/// The bytes of such a file; "" where this FFmpeg lacks the encoder.
std::string make_clip(const ClipPlan& plan);

/// The number a picture tells, of any size and of 1 or 3 channels.
int number_in(const formats::Image& image);

}  // namespace braid::testing
