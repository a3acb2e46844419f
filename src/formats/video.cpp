#include "formats/video.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <map>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "formats/media_path.h"
#include "formats/video_pixels.h"
#include "formats/video_plan.h"
#include "formats/video_track.h"

namespace braid::formats {
namespace {

constexpr int kMaxThreads = 64;

// One run of the decoder over a track, from packets to frames in the order of their times.
class Decoder {
 public:
  Decoder(const VideoTrack& track, const VideoOptions& options, const std::string& name)
      : track_(track), frame_(ffmpeg::make_frame()) {
    codec_ = ffmpeg::make_decoder(track.codec().codec_id, name);
    const int code = avcodec_parameters_to_context(codec_.get(), &track.codec());
    BRAID_CHECK(code >= 0, format, "{}: {}", name, ffmpeg::error_text(code));
    codec_->pkt_timebase = track.time_base();
    codec_->max_pixels = options.limits.max_pixels;
    codec_->err_recognition = AV_EF_CRCCHECK;  // damaged parts are guessed and the frame is marked
    codec_->flags |= AV_CODEC_FLAG_BITEXACT;
    // The same bits on every machine; MPEG-4's decoder knows better which one its encoder had.
    if (codec_->codec_id != AV_CODEC_ID_MPEG4) codec_->idct_algo = FF_IDCT_SIMPLE;
    ffmpeg::open(codec_.get(), name);
  }

  /// Hands packet `packet`, or the end, to the decoder, and every frame that comes out to
  /// `take(frame, time_ns)`, which returns false when it wants no more.
  template <class Take>
  bool decode(const AVPacket* packet, Take take) {
    ffmpeg::forget_message();
    const int sent = avcodec_send_packet(codec_.get(), packet);
    if (sent < 0 && sent != AVERROR_EOF) note_error(sent);
    const bool wants_more = receive(take);
    is_clean_ &= num_damaged_ == 0 && ffmpeg::last_message().empty();
    return wants_more;
  }

  void start_anew() { avcodec_flush_buffers(codec_.get()); }
  int64_t num_damaged() const { return num_damaged_; }
  /// Whether the decoder had no word to say, not even about what it could mend.
  bool is_clean() const { return is_clean_; }
  int64_t num_decoded() const { return num_decoded_; }
  const std::string& last_error() const { return last_error_; }

 private:
  template <class Take>
  bool receive(Take take) {
    for (int num_errors = 0; num_errors <= kMaxThreads;) {
      const int code = avcodec_receive_frame(codec_.get(), frame_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return true;
      if (code < 0) {
        note_error(code);
        ++num_errors;
        continue;
      }
      const bool is_damaged =
          frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT);
      num_damaged_ += is_damaged;
      const int64_t time_ns = time_of(*frame_);
      ++num_decoded_;
      if (!take(*frame_, time_ns, is_damaged)) return false;
    }
    return true;
  }

  void note_error(int code) {
    if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
    ++num_damaged_;
    last_error_ = fmt::format("{}: {}", codec_->codec->name, ffmpeg::error_text(code));
  }

  // A frame without a time of its own follows the one before it.
  int64_t time_of(const AVFrame& frame) {
    int64_t follows_ns = track_.start_ns();
    if (num_decoded_ > 0 && __builtin_add_overflow(last_ns_, last_length_ns_, &follows_ns))
      follows_ns = INT64_MAX;
    const bool has_time = frame.pts != AV_NOPTS_VALUE && !track_.is_timeless();
    last_ns_ = has_time ? track_.time_ns(frame.pts) : follows_ns;
    const int64_t ns = av_rescale_q(frame.pkt_duration, track_.time_base(), {1, 1000000000});
    last_length_ns_ = ns > 0 ? ns : track_.frame_ns();
    return last_ns_;
  }

  const VideoTrack& track_;
  ffmpeg::Frame frame_;
  ffmpeg::CodecContext codec_;
  int64_t num_damaged_ = 0, num_decoded_ = 0, last_ns_ = 0, last_length_ns_ = 0;
  bool is_clean_ = true;
  std::string last_error_;
};

// The frames handed out, within the limits. `num_bytes` counts those of all threads.
class Frames {
 public:
  Frames(const VideoOptions& options, int orientation, const std::string& name,
         std::atomic<int64_t>* num_bytes)
      : options_(options),
        name_(name),
        orientation_(orientation),
        pixels_(options, orientation, name),
        num_bytes_(*num_bytes) {}

  Frame make(const AVFrame& frame, int64_t time_ns, bool is_damaged) {
    int width = frame.width, height = frame.height;
    scaled_size(options_, orientation_, name_, &width, &height);
    count(static_cast<int64_t>(width) * height * options_.channels);
    Frame made;
    made.image = pixels_.convert(frame);
    made.time_ns = made.wanted_ns = time_ns;
    made.is_damaged = is_damaged;
    return made;
  }

  Frame copy(const Frame& frame) {
    count(static_cast<int64_t>(frame.image.pixels.size()));
    return frame;
  }

  static void check_bytes(int64_t num_bytes, const VideoOptions& options, const std::string& name) {
    BRAID_CHECK(num_bytes <= options.limits.max_bytes, format,
                "{}: frames: expected at most {} bytes of pixels, got more; ask for fewer or "
                "smaller frames or raise max_bytes",
                name, options.limits.max_bytes);
  }

 private:
  void count(int64_t num_bytes) { check_bytes(num_bytes_ += num_bytes, options_, name_); }

  const VideoOptions& options_;
  const std::string& name_;
  int orientation_;
  VideoPixels pixels_;
  std::atomic<int64_t>& num_bytes_;
};

class Reading {
 public:
  Reading(std::string_view bytes, const std::string& name, const VideoOptions& options)
      : name_(name), options_(options), track_(bytes, name, options.limits) {
    // Half a unit of the track's clock, by which a time may have been rounded up.
    const int64_t half_unit_ns = av_rescale_q(1, track_.time_base(), {1, 2000000000}) / 4;
    const int64_t tolerance_ns = std::clamp<int64_t>(half_unit_ns, 1, 500000);
    moments_ = choose_moments(options, track_.start_ns(), track_.end_ns(), tolerance_ns, name);
    check_size();
  }

  Video run() {
    int num_threads = options_.num_threads;
    if (num_threads == 0) num_threads = static_cast<int>(std::thread::hardware_concurrency());
    num_threads = std::clamp(num_threads, 1, kMaxThreads);
    Video video;
    const bool is_whole = moments_.is_every_frame && moments_.from_ns <= track_.start_ns() &&
                          moments_.to_ns >= track_.end_ns();
    const bool gains = num_threads > 1 || !is_whole;
    if (!options_.skips_unneeded || !gains || !run_parts(num_threads, &video)) run_all(&video);
    BRAID_CHECK(!video.frames.empty(), format,
                "{}: {}: expected frames, got none of {} decoded ({}); is the file complete?",
                name_, track_.info().codec, track_.info().num_frames, last_error_);
    video.info = track_.info();
    return video;
  }

 private:
  void check_size() const {
    int width = track_.codec().width, height = track_.codec().height;
    scaled_size(options_, track_.info().orientation, name_, &width, &height);
    int64_t num_frames = static_cast<int64_t>(moments_.wanted_ns.size());
    if (moments_.is_every_frame)
      for (const PacketTime& time : track_.times())
        num_frames +=
            time.is_shown && time.time_ns >= moments_.from_ns && time.time_ns < moments_.to_ns;
    BRAID_CHECK(num_frames > 0 || !track_.has_times(), data,
                "{}: range: expected a frame that begins from {} s to {} s, got none of the {} "
                "from {:.9g} s to {:.9g} s; take a longer range, or a rate or count of frames",
                name_, options_.from_s, options_.to_s, track_.info().num_frames,
                static_cast<double>(track_.start_ns()) * 1e-9,
                static_cast<double>(track_.end_ns()) * 1e-9);
    const double num_bytes = static_cast<double>(num_frames) * width * height * options_.channels;
    Frames::check_bytes(static_cast<int64_t>(std::min(num_bytes, 9e18)), options_, name_);
  }

  // What one thread decodes.
  struct Part {
    std::vector<Frame> frames;
    int64_t num_decoded = 0;
    bool is_done = false;
  };

  // Decodes no more than wanted, in as many parts as threads, each by a decoder of its own: unlike
  // FFmpeg's own threads this tells of damage as one thread does. False where a wanted frame did
  // not come out undamaged or a part met an Error, so that only decoding everything can tell what
  // was shown, and that it was too much, in the same way for any number of threads.
  bool run_parts(int num_threads, Video* video) {
    if (!track_.has_times()) return false;
    if (!track_.is_kept()) num_threads = 1;
    const std::vector<Moments> moments = split(moments_, track_.times(), num_threads);
    std::vector<Part> parts(moments.size());
    std::vector<std::thread> threads;
    threads.reserve(parts.size());
    size_t next = 1;
    try {
      for (; next < parts.size(); ++next)
        threads.emplace_back(
            [this, &moment = moments[next], &part = parts[next]] { run_part(moment, &part); });
    } catch (const std::exception&) {  // no more threads to be had: this one does the rest
    }
    run_part(moments[0], &parts[0]);
    for (; next < parts.size(); ++next) run_part(moments[next], &parts[next]);
    for (std::thread& thread : threads) thread.join();
    for (const Part& part : parts)
      if (!part.is_done) return false;
    for (Part& part : parts) {
      video->num_decoded += part.num_decoded;
      std::move(part.frames.begin(), part.frames.end(), std::back_inserter(video->frames));
    }
    return true;
  }

  void run_part(const Moments& moments, Part* part) {
    try {
      part->is_done = run_plan(moments, part);
    } catch (...) {  // decoding everything meets it again
    }
  }

  bool run_plan(const Moments& moments, Part* part) {
    const AVCodecDescriptor* codec = avcodec_descriptor_get(track_.codec().codec_id);
    const bool is_intra = codec != nullptr && (codec->props & AV_CODEC_PROP_INTRA_ONLY);
    const std::optional<Plan> plan = make_plan(track_.times(), moments, is_intra ? 0 : 1);
    if (!plan) return false;
    std::multimap<int64_t, size_t> places;  // of each wanted frame, by its time
    for (size_t i = 0; i < plan->wanted.size(); ++i)
      places.emplace(track_.times()[plan->wanted[i]].time_ns, i);
    part->frames.resize(plan->wanted.size());
    Frames frames(options_, track_.info().orientation, name_, &num_bytes_);
    Decoder decoder(track_, options_, name_);
    const auto take = [&](const AVFrame& frame, int64_t time_ns, bool is_damaged) {
      const auto [first, end] = places.equal_range(time_ns);
      if (first == end) return true;
      Frame made = frames.make(frame, time_ns, is_damaged);
      for (auto place = std::next(first); place != end; ++place)
        part->frames[place->second] = frames.copy(made);
      part->frames[first->second] = std::move(made);
      places.erase(first, end);
      return true;
    };
    for (const Segment& segment : plan->segments) {
      for (size_t i = segment.first; i <= segment.last; ++i)
        decoder.decode(&track_.packet(i), take);
      decoder.decode(nullptr, take);
      decoder.start_anew();
      if (!decoder.is_clean()) return false;
    }
    for (size_t i = 0; i < moments.wanted_ns.size(); ++i)
      part->frames[i].wanted_ns = moments.wanted_ns[i];
    part->num_decoded = decoder.num_decoded();
    return places.empty();
  }

  // Decodes from the start until every moment has its frame.
  void run_all(Video* video) {
    num_bytes_ = 0;  // what the parts made is gone
    Frames frames(options_, track_.info().orientation, name_, &num_bytes_);
    Decoder decoder(track_, options_, name_);
    const ffmpeg::Frame held = ffmpeg::make_frame();  // the latest so far
    int64_t held_ns = 0;
    bool is_held_damaged = false;
    size_t next = 0;
    const auto give_held = [&] {
      Frame made = frames.make(*held, held_ns, is_held_damaged);
      made.wanted_ns = moments_.wanted_ns[next++];
      video->frames.push_back(std::move(made));
    };
    const auto take = [&](AVFrame& frame, int64_t time_ns, bool is_damaged) {
      if (moments_.is_every_frame) {
        if (time_ns >= moments_.from_ns && time_ns < moments_.to_ns)
          video->frames.push_back(frames.make(frame, time_ns, is_damaged));
        return time_ns < moments_.to_ns;
      }
      while (held->buf[0] != nullptr && next < moments_.wanted_ns.size() &&
             time_ns > moments_.wanted_ns[next] + moments_.tolerance_ns)
        give_held();
      av_frame_unref(held.get());
      av_frame_move_ref(held.get(), &frame);
      held_ns = time_ns;
      is_held_damaged = is_damaged;
      return next < moments_.wanted_ns.size();
    };
    bool wants_more = true;
    for (size_t i = 0; wants_more && i < track_.times().size(); ++i)
      wants_more = decoder.decode(&track_.packet(i), take);
    if (wants_more) decoder.decode(nullptr, take);
    while (held->buf[0] != nullptr && next < moments_.wanted_ns.size()) give_held();
    // Where packets are lost a decoder may hand out frames in another order than that of their
    // times.
    std::stable_sort(video->frames.begin(), video->frames.end(),
                     [](const Frame& a, const Frame& b) { return a.wanted_ns < b.wanted_ns; });
    video->num_decoded = decoder.num_decoded();
    video->num_damaged = decoder.num_damaged();
    last_error_ = decoder.last_error();
  }

  const std::string& name_;
  const VideoOptions& options_;
  VideoTrack track_;
  Moments moments_;
  std::atomic<int64_t> num_bytes_{0};  // of the frames made
  std::string last_error_;
};

void check_looks(const VideoOptions& o, const std::string& name) {
  BRAID_CHECK(o.height >= 0 && o.height <= 65535 && o.width >= 0 && o.width <= 65535, usage,
              "{}: size: expected 0 (the file's own) to 65535, got {}x{}", name, o.width, o.height);
  BRAID_CHECK(o.channels == 1 || o.channels == 3, usage, "{}: channels: expected 1 or 3, got {}",
              name, o.channels);
  BRAID_CHECK(o.num_threads >= 0, usage, "{}: num_threads: expected at least 0, got {}", name,
              o.num_threads);
}

// The file and the stretch; a row is part of a file's name here.
MediaPath path_of_video(const std::string& path) {
  MediaPath media = parse_media_path(path);
  BRAID_CHECK(!media.is_audio_track, usage,
              "{}: expected a video, got the sound of one; leave \"audio\" out", path);
  if (media.row >= 0) media.file = path;
  return media;
}

}  // namespace

Video decode_video(std::string_view bytes, const std::string& name, const VideoOptions& options) {
  check_looks(options, name);
  return Reading(bytes, name, options).run();
}

Video read_video(const std::string& path, const VideoOptions& options) {
  const MediaPath media = path_of_video(path);
  VideoOptions within = options;
  if (media.has_stretch()) {
    BRAID_CHECK(options.from_s == 0 && std::isinf(options.to_s), usage,
                "{}: from_s and to_s: expected none with a path that names a stretch, got {} and "
                "{}; name it once",
                path, options.from_s, options.to_s);
    within.from_s = media.from_s;
    within.to_s = media.to_s;
  }
  return decode_video(read_file(media.file), path, within);
}

VideoInfo decode_video_info(std::string_view bytes, const std::string& name,
                            const VideoLimits& limits) {
  return VideoTrack(bytes, name, limits).info();
}

VideoInfo video_info(const std::string& path, const VideoLimits& limits) {
  const MediaPath media = path_of_video(path);
  const std::string bytes = read_file(media.file);
  const VideoTrack track(bytes, path, limits);
  return media.has_stretch() ? track.info_within(media.from_s, media.to_s) : track.info();
}

}  // namespace braid::formats
