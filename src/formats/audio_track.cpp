#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/audio_samples.h"
#include "formats/container.h"
#include "formats/container_length.h"

namespace braid::formats {
namespace {

// Times in files are rounded, to a millisecond in some; what is less than half of the shortest
// usual frame of sound is no gap.
constexpr double kNoGap_s = 0.01;

class TrackDecoding {
 public:
  TrackDecoding(std::string_view bytes, const std::string& name, const AudioLimits& limits)
      : name_(name), limits_(limits), container_(bytes, name), stream_(container_.choose_audio()) {
    codec_ = ffmpeg::make_decoder(stream_->codecpar->codec_id, name);
    const int code = avcodec_parameters_to_context(codec_.get(), stream_->codecpar);
    BRAID_CHECK(code >= 0, format, "{}: {}", name, ffmpeg::error_text(code));
    codec_->pkt_timebase = stream_->time_base;
    codec_->err_recognition = AV_EF_CRCCHECK;
    ffmpeg::open(codec_.get(), name);
  }

  void run() {
    const ffmpeg::Packet packet = ffmpeg::make_packet();
    int code = 0;
    while ((code = av_read_frame(container_.get(), packet.get())) >= 0) {
      if (packet->stream_index == stream_->index && packet->size > 0) decode(packet.get());
      av_packet_unref(packet.get());
    }
    if (code != AVERROR_EOF) note = ffmpeg::error_text(code);
    decode(nullptr);
    BRAID_CHECK(!samples.empty(), format,
                "{}: audio track: expected sound, got 0 samples ({} damaged packets); is the file "
                "complete?",
                name_, num_damaged);
  }

  std::vector<float> samples;  // mono
  int rate_hz = 0, channels = 0;
  int64_t start_ns = 0, num_damaged = 0;
  std::string note;

 private:
  void decode(const AVPacket* packet) {
    ffmpeg::forget_message();
    const ffmpeg::Frame frame = ffmpeg::make_frame();
    int code = avcodec_send_packet(codec_.get(), packet);
    while (code >= 0 && (code = avcodec_receive_frame(codec_.get(), frame.get())) >= 0) add(*frame);
    if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
    num_damaged += code != AVERROR(EAGAIN) && code != AVERROR_EOF;
  }

  void add(const AVFrame& frame) {
    if (rate_hz == 0) begin(frame);
    BRAID_CHECK(frame.sample_rate == rate_hz, format,
                "{}: rate: expected {} Hz throughout, got {} Hz after {} samples", name_, rate_hz,
                frame.sample_rate, samples.size());
    BRAID_CHECK(frame.ch_layout.nb_channels > 0, format, "{}: channels: expected at least 1, got 0",
                name_);
    const double due = frame.pts == AV_NOPTS_VALUE ? 0 : due_samples(frame.pts);
    const double size = static_cast<double>(samples.size());
    const double gap = due - size > kNoGap_s * rate_hz ? std::round(due - size) : 0;
    BRAID_CHECK((size + gap + frame.nb_samples) / rate_hz <= limits_.max_duration_s, format,
                "{}: duration: expected at most {} s, got more; cut it or raise max_duration_s",
                name_, limits_.max_duration_s);
    samples.resize(samples.size() + static_cast<size_t>(gap), 0.0f);
    append_mono(frame, name_, &samples);
  }

  void begin(const AVFrame& frame) {
    rate_hz = frame.sample_rate;
    channels = frame.ch_layout.nb_channels;
    BRAID_CHECK(rate_hz >= 100 && rate_hz <= 768000, format,
                "{}: rate: expected 100 to 768000 Hz, got {}", name_, rate_hz);
    // Sound alone begins at 0, whatever silence its coder began with.
    if (frame.pts != AV_NOPTS_VALUE && container_.video() != nullptr)
      start_ns = container_.time_ns(*stream_, frame.pts);
    first_ns_ = frame.pts == AV_NOPTS_VALUE ? 0 : container_.time_ns(*stream_, frame.pts);
    BRAID_CHECK(std::abs(static_cast<double>(start_ns)) * 1e-9 <= limits_.max_duration_s, format,
                "{}: start: expected within {} s of the container's, got {:.0f} s; cut it or raise "
                "max_duration_s",
                name_, limits_.max_duration_s, static_cast<double>(start_ns) * 1e-9);
  }

  // How many samples there should be before the time `pts`.
  double due_samples(int64_t pts) const {
    const double ns =
        static_cast<double>(container_.time_ns(*stream_, pts)) - static_cast<double>(first_ns_);
    return ns * 1e-9 * rate_hz;
  }

  const std::string& name_;
  AudioLimits limits_;
  Container container_;
  AVStream* stream_;
  ffmpeg::CodecContext codec_;
  int64_t first_ns_ = 0;  // of the first sample
};

}  // namespace

AudioTrack decode_audio_track(std::string_view bytes, const std::string& name, int rate_hz,
                              const AudioLimits& limits) {
  BRAID_CHECK(rate_hz >= 0 && rate_hz <= 768000, usage,
              "{}: rate: expected 0 (the file's own) to 768000 Hz, got {}", name, rate_hz);
  TrackDecoding decoding(bytes, name, limits);
  decoding.run();
  AudioTrack track;
  track.info.rate_hz = decoding.rate_hz;
  track.info.channels = decoding.channels;
  track.info.duration_s = static_cast<double>(decoding.samples.size()) / decoding.rate_hz;
  track.start_ns = decoding.start_ns;
  track.num_damaged = decoding.num_damaged;
  track.note = what_is_cut(bytes);
  if (track.note.empty()) track.note = decoding.note;
  track.is_truncated = !track.note.empty();
  track.audio.rate_hz = rate_hz == 0 ? decoding.rate_hz : rate_hz;
  track.audio.samples = track.audio.rate_hz == decoding.rate_hz
                            ? std::move(decoding.samples)
                            : resample(decoding.samples, decoding.rate_hz, track.audio.rate_hz);
  return track;
}

AudioTrack read_audio_track(const std::string& path, int rate_hz, const AudioLimits& limits) {
  return decode_audio_track(read_file(path), path, rate_hz, limits);
}

Audio from_container_start(AudioTrack track) {
  std::vector<float>& samples = track.audio.samples;
  const double rate_hz = track.audio.rate_hz;
  const int64_t late = std::llround(static_cast<double>(track.start_ns) * 1e-9 * rate_hz);
  if (late > 0) samples.insert(samples.begin(), static_cast<size_t>(late), 0.0f);
  if (late < 0)
    samples.erase(samples.begin(),
                  samples.begin() + std::min<int64_t>(-late, static_cast<int64_t>(samples.size())));
  return std::move(track.audio);
}

}  // namespace braid::formats
