#include "formats/audio.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "formats/audio_samples.h"
#include "formats/ffmpeg.h"
#include "formats/media_path.h"
#include "formats/sound_header.h"

namespace braid::formats {
namespace {

// FFmpeg's name; read_sound_header() has chosen by content, so that no demuxer is probed for.
const char* demuxer_of(SoundKind kind) {
  switch (kind) {
    case SoundKind::wav:
      return "wav";
    case SoundKind::flac:
      return "flac";
    case SoundKind::mp3:
      return "mp3";
    case SoundKind::ogg:
      return "ogg";
    case SoundKind::mp4:
      break;
  }
  return "mov";
}

// One decoding run over the first sound stream of a file.
class Decoding {
 public:
  Decoding(std::string_view bytes, const std::string& name, SoundKind kind,
           const AudioLimits& limits)
      : name_(name), kind_(kind), limits_(limits), input_(bytes, name, demuxer_of(kind)) {
    const int index = av_find_best_stream(input_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    BRAID_CHECK(index >= 0, format, "{}: expected a sound stream, got none", name);
    stream_ = input_.get()->streams[index];
    codec_ = ffmpeg::make_decoder(stream_->codecpar->codec_id, name);
    const int code = avcodec_parameters_to_context(codec_.get(), stream_->codecpar);
    BRAID_CHECK(code >= 0, format, "{}: {}", name, ffmpeg::error_text(code));
    codec_->pkt_timebase = stream_->time_base;
    ffmpeg::open(codec_.get(), name);
  }

  void run() {
    const ffmpeg::Packet packet = ffmpeg::make_packet();
    int code = 0;
    while ((code = av_read_frame(input_.get(), packet.get())) >= 0) {
      if (packet->stream_index == stream_->index) decode(packet.get());
      av_packet_unref(packet.get());
    }
    BRAID_CHECK(code == AVERROR_EOF, format, "{}: {}: {}; is the file complete?", name_,
                codec_->codec->name, ffmpeg::error_text(code));
    decode(nullptr);
    BRAID_CHECK(rate_hz > 0 && !samples.empty(), format, "{}: expected sound, got 0 samples",
                name_);
    check_announced_length();
  }

  std::vector<float> samples;  // mono
  int rate_hz = 0, channels = 0;

 private:
  bool is_exact() const { return kind_ == SoundKind::wav || kind_ == SoundKind::flac; }

  void decode(const AVPacket* packet) {
    ffmpeg::forget_message();
    int code = avcodec_send_packet(codec_.get(), packet);
    // MP3 files carry tags and cut frames at their ends as a matter of course; the decoder skips
    // them.
    if (code == AVERROR_INVALIDDATA && kind_ == SoundKind::mp3) return;
    const ffmpeg::Frame frame = ffmpeg::make_frame();
    while (code >= 0 && (code = avcodec_receive_frame(codec_.get(), frame.get())) >= 0) add(*frame);
    if (code == AVERROR_INVALIDDATA && kind_ == SoundKind::mp3) return;
    BRAID_CHECK(code == AVERROR(EAGAIN) || code == AVERROR_EOF, format,
                "{}: {}: {} after {} samples; is the file complete?", name_, codec_->codec->name,
                ffmpeg::error_text(code), samples.size());
  }

  void add(const AVFrame& frame) {
    if (rate_hz == 0) {
      rate_hz = frame.sample_rate;
      channels = frame.ch_layout.nb_channels;
      BRAID_CHECK(rate_hz >= 100 && rate_hz <= 768000, format,
                  "{}: rate: expected 100 to 768000 Hz, got {}", name_, rate_hz);
    }
    BRAID_CHECK(frame.sample_rate == rate_hz, format,
                "{}: rate: expected {} Hz throughout, got {} Hz after {} samples", name_, rate_hz,
                frame.sample_rate, samples.size());
    BRAID_CHECK(frame.ch_layout.nb_channels > 0, format, "{}: channels: expected at least 1, got 0",
                name_);
    const double length_s = (static_cast<double>(samples.size()) + frame.nb_samples) / rate_hz;
    BRAID_CHECK(length_s <= limits_.max_duration_s, format,
                "{}: duration: expected at most {} s, got more; cut it or raise max_duration_s",
                name_, limits_.max_duration_s);
    append_mono(frame, name_, &samples);
  }

  // A cut FLAC or M4A may end early without an error of the decoder. The lossy codecs' padding is
  // announced in different ways, so that two of their longest frames may be missing.
  void check_announced_length() const {
    if (input_.get()->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE ||
        stream_->duration == AV_NOPTS_VALUE || kind_ == SoundKind::ogg)
      return;
    const int64_t announced =
        av_rescale_q(stream_->duration, stream_->time_base, AVRational{1, rate_hz});
    const int64_t tolerance = is_exact() ? 0 : 2 * 2048;
    BRAID_CHECK(static_cast<int64_t>(samples.size()) + tolerance >= announced, format,
                "{}: expected {} samples, got {}; is the file complete?", name_, announced,
                samples.size());
  }

  const std::string& name_;
  SoundKind kind_;
  AudioLimits limits_;
  ffmpeg::MemoryInput input_;
  AVStream* stream_ = nullptr;
  ffmpeg::CodecContext codec_;
};

// Keeps what lies in the stretch.
void cut(const MediaPath& media, const std::string& path, Audio* audio) {
  const double size = static_cast<double>(audio->samples.size()), rate_hz = audio->rate_hz;
  const double first = std::round(media.from_s * rate_hz);
  const double end = std::min(size, std::round(media.to_s * rate_hz));
  BRAID_CHECK(first < end, data,
              "{}: stretch: expected sound in it, got no sample: the file has {:.9g} s at {} Hz; "
              "name a part of it",
              path, size / rate_hz, audio->rate_hz);
  audio->samples.resize(static_cast<size_t>(end));
  audio->samples.erase(audio->samples.begin(),
                       audio->samples.begin() + static_cast<int64_t>(first));
}

}  // namespace

Audio decode_audio(std::string_view bytes, const std::string& name, int rate_hz, AudioInfo* info,
                   const AudioLimits& limits) {
  BRAID_CHECK(rate_hz >= 0 && rate_hz <= 768000, usage,
              "{}: rate: expected 0 (the file's own) to 768000 Hz, got {}", name, rate_hz);
  Decoding decoding(bytes, name, read_sound_header(bytes, name), limits);
  decoding.run();
  if (info != nullptr) {
    info->rate_hz = decoding.rate_hz;
    info->channels = decoding.channels;
    info->duration_s = static_cast<double>(decoding.samples.size()) / decoding.rate_hz;
  }
  Audio audio;
  audio.rate_hz = rate_hz == 0 ? decoding.rate_hz : rate_hz;
  audio.samples = audio.rate_hz == decoding.rate_hz
                      ? std::move(decoding.samples)
                      : resample(decoding.samples, decoding.rate_hz, audio.rate_hz);
  return audio;
}

Audio read_audio(const std::string& path, int rate_hz, AudioInfo* info, const AudioLimits& limits) {
  const MediaPath media = parse_media_path(path);
  if (media.row >= 0) return decode_audio(read_file(path), path, rate_hz, info, limits);
  AudioInfo found;
  Audio audio;
  const int first_rate_hz =
      media.has_stretch() ? 0 : rate_hz;  // a stretch is cut as it was recorded
  if (media.is_audio_track) {
    AudioTrack track = read_audio_track(media.file, first_rate_hz, limits);
    found = track.info;
    audio = from_container_start(std::move(track));
  } else {
    audio = decode_audio(read_file(media.file), media.file, first_rate_hz, &found, limits);
  }
  if (media.has_stretch()) {
    cut(media, path, &audio);
    found.duration_s = static_cast<double>(audio.samples.size()) / audio.rate_hz;
    if (rate_hz != 0 && rate_hz != audio.rate_hz)
      audio = {resample(audio.samples, audio.rate_hz, rate_hz), rate_hz};
  }
  if (info != nullptr) *info = found;
  return audio;
}

}  // namespace braid::formats
