#include "formats/video_track.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "formats/container_length.h"

namespace braid::formats {
namespace {

constexpr int64_t kKeptBytes = 64 << 20;
constexpr AVRational kNanoseconds = {1, 1000000000};

// EXIF's number for the turn and mirroring of a display matrix; 1 for all that are not by right
// angles. Columns of the matrix: where the picture's x and y axes point on the screen.
int orientation_of(const AVStream& track) {
  size_t size = 0;
  const uint8_t* data = av_stream_get_side_data(&track, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data == nullptr || size < 9 * sizeof(int32_t)) return 1;
  int32_t m[9];
  std::copy_n(data, sizeof(m), reinterpret_cast<uint8_t*>(m));
  const auto sign = [](int32_t value) { return (value > 0) - (value < 0); };
  const int xx = sign(m[0]), xy = sign(m[1]), yx = sign(m[3]), yy = sign(m[4]);
  if (xy == 0 && yx == 0 && xx != 0 && yy != 0) {
    if (xx > 0) return yy > 0 ? 1 : 4;
    return yy > 0 ? 2 : 3;
  }
  if (xx == 0 && yy == 0 && xy != 0 && yx != 0) {
    if (xy > 0) return yx > 0 ? 5 : 6;
    return yx > 0 ? 8 : 7;
  }
  return 1;
}

AVRational rate_of(const AVStream& track) {
  for (AVRational rate : {track.avg_frame_rate, track.r_frame_rate})
    if (rate.num > 0 && rate.den > 0) return rate;
  return {25, 1};
}

}  // namespace

VideoTrack::VideoTrack(std::string_view bytes, const std::string& name, const VideoLimits& limits)
    : bytes_(bytes), name_(name), limits_(limits) {
  container_ = std::make_unique<Container>(bytes, name, limits.max_pixels);
  track_ = container_->choose_video();
  const AVCodecParameters& codec = *track_->codecpar;
  BRAID_CHECK(codec.width > 0 && codec.height > 0, format,
              "{}: video track: expected a picture size, got none; is the file complete?", name);
  BRAID_CHECK(static_cast<int64_t>(codec.width) * codec.height <= limits.max_pixels, format,
              "{}: size: expected at most {} pixels, got {}x{}; make it smaller or raise "
              "max_pixels",
              name, limits.max_pixels, codec.width, codec.height);
  const AVRational rate = rate_of(*track_);
  frame_ns_ = std::max<int64_t>(1, av_rescale_q(1, av_inv_q(rate), kNanoseconds));
  scan();
  describe();
}

bool VideoTrack::read_next(Container* container, AVPacket* packet, int* code) const {
  while ((*code = av_read_frame(container->get(), packet)) >= 0) {
    if (packet->stream_index == track_->index && packet->size > 0) return true;
    av_packet_unref(packet);
  }
  return false;
}

void VideoTrack::scan() {
  const ffmpeg::Packet packet = ffmpeg::make_packet();
  int code = 0;
  while (read_next(container_.get(), packet.get(), &code)) {
    const PacketTime time = time_of(*packet);
    has_times_ &= time.has_time;
    times_.push_back(time);
    BRAID_CHECK(static_cast<int64_t>(times_.size()) <= limits_.max_frames, format,
                "{}: frames: expected at most {}, got more; cut the video or raise max_frames",
                name_, limits_.max_frames);
    keep(*packet);
    av_packet_unref(packet.get());
  }
  BRAID_CHECK(!times_.empty(), format,
              "{}: video track: expected frames, got none; is the file complete?", name_);
  find_cut(code);
}

// A time beyond what can be counted is the last that can, which no limit lets pass.
int64_t VideoTrack::frames_after(int64_t time_ns, int64_t num_frames) const {
  int64_t length_ns = 0, sum_ns = 0;
  if (__builtin_mul_overflow(num_frames, frame_ns_, &length_ns) ||
      __builtin_add_overflow(time_ns, length_ns, &sum_ns))
    return INT64_MAX;
  return sum_ns;
}

// Where the file leaves the presentation times out (AVI, program streams), those of all packets are
// still the decoding times plus the decoder's delay, though not packet by packet.
PacketTime VideoTrack::time_of(const AVPacket& packet) const {
  PacketTime time;
  time.has_time = packet.pts != AV_NOPTS_VALUE && !is_timeless();
  time.is_key = packet.flags & AV_PKT_FLAG_KEY;
  time.is_shown = !(packet.flags & AV_PKT_FLAG_DISCARD);
  if (time.has_time)
    time.time_ns = time_ns(packet.pts);
  else if (packet.dts != AV_NOPTS_VALUE && !is_timeless())
    time.time_ns = frames_after(time_ns(packet.dts), track_->codecpar->video_delay);
  else
    time.time_ns = frames_after(0, static_cast<int64_t>(times_.size()));
  const int64_t ns = av_rescale_q(packet.duration, track_->time_base, kNanoseconds);
  if (__builtin_add_overflow(time.time_ns, ns > 0 ? ns : frame_ns_, &time.end_ns))
    time.end_ns = INT64_MAX;
  return time;
}

// All packets up to some point, so that packet(i) knows where each is.
void VideoTrack::keep(const AVPacket& packet) {
  if (kept_bytes_ > kKeptBytes) return;
  kept_bytes_ += packet.size;
  kept_.push_back(ffmpeg::make_packet());
  if (av_packet_ref(kept_.back().get(), &packet) < 0) throw std::bad_alloc();
}

void VideoTrack::find_cut(int end_code) {
  info_.note = what_is_cut(bytes_);
  const bool is_mov = std::string_view(container_->get()->iformat->name).substr(0, 3) == "mov";
  const int num_announced = is_mov ? avformat_index_get_entries_count(track_) : 0;
  if (info_.note.empty() && static_cast<int64_t>(times_.size()) < num_announced)
    info_.note = fmt::format("expected {} frames, got {}", num_announced, times_.size());
  if (info_.note.empty() && end_code != AVERROR_EOF) info_.note = ffmpeg::error_text(end_code);
  info_.is_truncated = !info_.note.empty();
}

void VideoTrack::describe() {
  const AVCodecParameters& codec = *track_->codecpar;
  int64_t first = INT64_MAX, num_shown = 0;
  end_ns_ = INT64_MIN;
  for (const PacketTime& time : times_) {
    if (!time.is_shown) continue;
    first = std::min(first, time.time_ns);
    end_ns_ = std::max(end_ns_, time.end_ns);
    ++num_shown;
  }
  BRAID_CHECK(num_shown > 0, format, "{}: video track: expected frames to show, got none", name_);
  info_.start_ns = first;
  info_.num_frames = num_shown;
  info_.duration_s = (static_cast<double>(end_ns_) - static_cast<double>(first)) * 1e-9;
  const double farthest_s =
      std::max(std::abs(static_cast<double>(first)), std::abs(static_cast<double>(end_ns_))) * 1e-9;
  BRAID_CHECK(farthest_s <= limits_.max_duration_s, format,
              "{}: duration: expected at most {} s, got {:.0f}; cut it or raise max_duration_s",
              name_, limits_.max_duration_s, farthest_s);
  info_.rate_hz = info_.duration_s > 0 ? static_cast<double>(num_shown) / info_.duration_s : 0;
  info_.orientation = orientation_of(*track_);
  info_.width = codec.width;
  info_.height = codec.height;
  const AVRational aspect = av_guess_sample_aspect_ratio(container_->get(), track_, nullptr);
  if (aspect.num > 0 && aspect.den > 0) info_.pixel_aspect = av_q2d(aspect);
  if (info_.orientation >= 5) {
    std::swap(info_.width, info_.height);
    info_.pixel_aspect = 1 / info_.pixel_aspect;
  }
  info_.container = container_->get()->iformat->name;
  info_.codec = avcodec_get_name(codec.codec_id);
  if (const AVStream* audio = container_->audio()) {
    info_.has_audio = true;
    info_.audio_rate_hz = audio->codecpar->sample_rate;
    info_.audio_channels = audio->codecpar->ch_layout.nb_channels;
  }
}

VideoInfo VideoTrack::info_within(double from_s, double to_s) const {
  VideoInfo info = info_;
  info.num_frames = 0;
  int64_t first_ns = INT64_MAX, end_ns = INT64_MIN;
  const double from_ns = std::round(from_s * 1e9), to_ns = std::round(to_s * 1e9);
  for (const PacketTime& time : times_) {
    const double begins_ns = static_cast<double>(time.time_ns);
    if (!time.is_shown || begins_ns < from_ns || begins_ns >= to_ns) continue;
    first_ns = std::min(first_ns, time.time_ns);
    end_ns = std::max(end_ns, time.end_ns);
    ++info.num_frames;
  }
  BRAID_CHECK(info.num_frames > 0, data,
              "{}: range: expected a frame that begins from {} s to {} s, got none of the {} from "
              "{:.9g} s to {:.9g} s",
              name_, from_s, to_s, info_.num_frames, static_cast<double>(info_.start_ns) * 1e-9,
              static_cast<double>(end_ns_) * 1e-9);
  if (to_ns < static_cast<double>(end_ns)) end_ns = static_cast<int64_t>(to_ns);
  info.start_ns = first_ns;
  info.duration_s = (static_cast<double>(end_ns) - static_cast<double>(first_ns)) * 1e-9;
  return info;
}

const AVPacket& VideoTrack::packet(size_t i) {
  BRAID_ASSERT(i < times_.size());
  if (i < kept_.size()) return *kept_[i];
  if (again_ == nullptr || num_read_ > i + 1) {
    again_ = std::make_unique<Container>(bytes_, name_, limits_.max_pixels);
    again_->choose_video();
    current_ = ffmpeg::make_packet();
    num_read_ = 0;
  }
  while (num_read_ < i + 1) {
    av_packet_unref(current_.get());
    int code = 0;
    BRAID_CHECK(read_next(again_.get(), current_.get(), &code), internal,
                "{}: packet {}: expected it as on the first reading, got {}", name_, i,
                ffmpeg::error_text(code));
    ++num_read_;
  }
  return *current_;
}

}  // namespace braid::formats
