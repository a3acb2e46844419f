// The video track of a container: its packets in order, their times, and what they say of the
// track. Internal to src/formats.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/container.h"
#include "formats/video.h"
#include "formats/video_plan.h"

namespace braid::formats {

/// Reads every packet once and keeps the first 64 MiB of them; the rest is read again on demand.
class VideoTrack {
 public:
  /// `bytes` and `name` must outlive the object. Errors: format, as decode_video.
  VideoTrack(std::string_view bytes, const std::string& name, const VideoLimits& limits);

  const VideoInfo& info() const { return info_; }
  /// Of the frames that begin in [from_s, to_s). Errors: data, where none does.
  VideoInfo info_within(double from_s, double to_s) const;
  const AVCodecParameters& codec() const { return *track_->codecpar; }
  AVRational time_base() const { return track_->time_base; }
  const std::vector<PacketTime>& times() const { return times_; }
  bool has_times() const { return has_times_; }  // every packet its presentation time
  /// A bare stream without a container, whose times FFmpeg makes up in part.
  bool is_timeless() const {
    const AVInputFormat& format = *container_->get()->iformat;
    return format.flags & AVFMT_NOTIMESTAMPS || std::string_view(format.name) == "mpegvideo";
  }
  int64_t start_ns() const { return info_.start_ns; }
  int64_t end_ns() const { return end_ns_; }
  int64_t frame_ns() const { return frame_ns_; }  // of one frame, as the file announces it

  /// A timestamp of the track on the container's clock.
  int64_t time_ns(int64_t timestamp) const { return container_->time_ns(*track_, timestamp); }

  /// Whether packet() may be called by several threads at once.
  bool is_kept() const { return kept_.size() == times_.size(); }
  /// Packet `i`; cheapest in ascending order. The next call may take it away. Errors: format.
  const AVPacket& packet(size_t i);

 private:
  void scan();
  int64_t frames_after(int64_t time_ns, int64_t num_frames) const;
  PacketTime time_of(const AVPacket& packet) const;
  void keep(const AVPacket& packet);
  void describe();
  void find_cut(int end_code);
  bool read_next(Container* container, AVPacket* packet, int* code) const;

  std::string_view bytes_;
  const std::string& name_;
  VideoLimits limits_;
  std::unique_ptr<Container> container_;
  AVStream* track_ = nullptr;
  VideoInfo info_;
  bool has_times_ = true;
  int64_t end_ns_ = 0, frame_ns_ = 0;
  std::vector<PacketTime> times_;
  std::vector<ffmpeg::Packet> kept_;
  int64_t kept_bytes_ = 0;
  std::unique_ptr<Container> again_;  // for the packets that were not kept
  ffmpeg::Packet current_;
  size_t num_read_ = 0;  // from again_
};

}  // namespace braid::formats
