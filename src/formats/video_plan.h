// Which frames of a video answer which moments, and which packets must be decoded to get them.
// Arithmetic alone: nothing here knows FFmpeg. Internal to src/formats.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/video.h"

namespace braid::formats {

/// One packet of the video track, in the order in which the file holds them and decoders want them.
struct PacketTime {
  int64_t time_ns = 0;   // of the frame in it
  int64_t end_ns = 0;    // when that frame's time is over
  bool is_key = false;   // decoding can start here
  bool is_shown = true;  // false for what is decoded and never shown
  bool has_time = true;  // false where the file gives none
};

/// The moments asked for, ascending, or every frame of a range.
struct Moments {
  bool is_every_frame = false;
  std::vector<int64_t> wanted_ns;  // empty where every frame is asked for
  int64_t from_ns = 0, to_ns = 0;  // the range, cut to where there are frames
  int64_t tolerance_ns = 0;        // how far after a moment a frame may begin and answer it
};

/// `first_ns` and `end_ns` are the track's. Errors: as decode_video (data, usage, format).
Moments choose_moments(const VideoOptions& options, int64_t first_ns, int64_t end_ns,
                       int64_t tolerance_ns, const std::string& name);

/// The same moments in at most `num_parts` parts, one after the other; a range of frames is cut
/// at the key frames nearest to equal parts.
std::vector<Moments> split(const Moments& moments, const std::vector<PacketTime>& packets,
                           int num_parts);

/// Packets [first, last] go to the decoder, which is then emptied and starts anew.
struct Segment {
  size_t first = 0, last = 0;
};

struct Plan {
  std::vector<Segment> segments;
  std::vector<size_t> wanted;  // the packet whose frame answers each moment, or lies in the range
};

/// nullopt where the packets do not tell enough: two with one time, or one without. Every wanted
/// frame's segment starts at the last key frame that is neither behind it in the file nor after it
/// in time (what is shown before a key frame and stored behind it leans on older frames).
/// `num_ahead` more packets follow each wanted one: the second field of a frame may be among them.
std::optional<Plan> make_plan(const std::vector<PacketTime>& packets, const Moments& moments,
                              size_t num_ahead);

}  // namespace braid::formats
