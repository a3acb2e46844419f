// Video through FFmpeg's libraries: frames of any container, every one, at a rate or by count.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "formats/image.h"

namespace braid::formats {

struct VideoInfo {
  int width = 0, height = 0;  // upright: after the file's rotation
  double pixel_aspect = 1;    // width over height of one pixel; told, not applied
  double rate_hz = 0;         // average, from the first frame to the end
  int64_t num_frames = 0;     // counted in the container, not decoded
  int64_t start_ns = 0;       // of the first frame, on the container's clock
  double duration_s = 0;      // from the first frame to the end of the last
  std::string container, codec;
  int orientation = 1;  // as EXIF counts it; already applied to the frames
  bool has_audio = false;
  int audio_rate_hz = 0, audio_channels = 0;
  bool is_truncated = false;  // the file ends before what it announces
  std::string note;           // why, or ""
};

/// A frame and its presentation time as the file gives it, in nanoseconds from the container's
/// start: the earlier of the starts of its video and its audio track as it tells them (0 where it
/// tells none), so that both tracks share one zero.
struct Frame {
  Image image;  // 8 bits; 1 or 3 channels
  int64_t time_ns = 0;
  int64_t wanted_ns = 0;    // the moment asked for; time_ns where every frame was
  bool is_damaged = false;  // the decoder had to guess parts of it
};

/// Bounds on what a file may make the reader do. All are checked before the memory is taken.
struct VideoLimits {
  double max_duration_s = 4 * 3600;
  int64_t max_pixels = 64 * 1024 * 1024;  // of one frame, as stored and as handed out
  int64_t max_frames = 1000000;           // in the track, and handed out
  int64_t max_bytes = int64_t{1} << 31;   // of all frames handed out
};

struct VideoOptions {
  // Which frames, in [from_s, to_s) of the container's clock. At most one of `rate_hz` and `count`;
  // neither means every frame.
  double rate_hz = 0;  // the frames shown at from_s + k / rate_hz
  int64_t count = 0;   // the frames shown at the middles of `count` equal parts
  double from_s = 0;
  double to_s = std::numeric_limits<double>::infinity();
  // How they look. With one of height and width the other follows from the frame's aspect ratio, to
  // the nearest pixel; with both the frame is stretched to them; with neither it is as it is.
  int height = 0, width = 0;
  int channels = 3;  // 3 = RGB; 1 = grey, the file's own luma
  // Cost. Threads decode parts of the video from key frames on, so that they shorten the wait for a
  // file that has several, and never change a bit; 0 = all cores.
  int num_threads = 1;
  bool skips_unneeded = true;  // false decodes everything from the start: the slow reference
  VideoLimits limits;
};

struct Video {
  std::vector<Frame> frames;
  VideoInfo info;
  int64_t num_decoded = 0;  // frames decoded to get these
  int64_t num_damaged = 0;  // of those: with decoding errors, or lost to them
};

/// Decodes the frames asked for. The frame shown at a moment is the latest whose time is not after
/// it, with half a unit of the track's clock (at most half a millisecond) to spare, as files round
/// their times; before the first frame it is the first. Moments run to the end of the last frame;
/// the parts of `count` cut the time from the first frame, or from_s, to that end, or to_s. A
/// frame may answer several moments.
///
/// Only the frames from the key frame before a wanted one are decoded, as far as the packets' times
/// and marks allow, with the same result as decoding everything; packets in between are read and
/// dropped. num_damaged tells of decoded frames only. A file that ends early gives the frames up to
/// there.
///
/// Colours follow the file's range and matrix (BT.601 where it names none, whatever the size), its
/// rotation is applied, interlaced frames stay woven, and pixels are taken as square. Frames of a
/// track that changes its size midway keep their own size unless height or width is given. A frame
/// without a presentation time begins where the one before it ends.
///
/// Units    seconds and nanoseconds on the clock that audio tracks share (see Frame).
/// Errors   format: no container, no video track, not one frame, beyond a limit. data: nothing lies
///          in [from_s, to_s), or every frame is asked for and none begins there. usage: an option
///          out of bounds; built without FFmpeg.
/// Cost     the file and up to 64 MiB of its packets stay in memory; a longer file's packets are
///          read twice, and decoded on one thread. A file that turns out to be damaged, or its
///          frames beyond a limit, is decoded again from its start, on one thread.
Video decode_video(std::string_view bytes, const std::string& name,
                   const VideoOptions& options = {});
/// A path as parse_media_path() has it: "#t=FROM,TO" stands for from_s and to_s.
///
/// Errors   usage: both the path and the options name a stretch, or the path names the sound. io.
Video read_video(const std::string& path, const VideoOptions& options = {});

/// Reads every packet and decodes no frame but the few that tell what a stream holds.
///
/// Errors   as decode_video.
VideoInfo decode_video_info(std::string_view bytes, const std::string& name,
                            const VideoLimits& limits = {});
/// Of a path with a stretch, num_frames, start_ns and duration_s are those of the frames that begin
/// in it.
///
/// Errors   data: no frame begins in the stretch. As read_video().
VideoInfo video_info(const std::string& path, const VideoLimits& limits = {});

}  // namespace braid::formats
