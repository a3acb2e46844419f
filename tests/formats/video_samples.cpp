#include "formats/video_samples.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

extern "C" {
#include <libavutil/opt.h>
}

#include "formats/ffmpeg.h"

namespace braid::testing {
namespace {

namespace ffmpeg = formats::ffmpeg;

constexpr int kNumBits = 8;
constexpr AVRational kMilliseconds = {1, 1000};

void check(int code) {
  if (code < 0) throw std::runtime_error("make_clip: " + ffmpeg::error_text(code));
}

struct Output {
  std::string bytes;
  size_t position = 0;
  static int write(void* self, uint8_t* data, int size) {
    Output& out = *static_cast<Output*>(self);
    if (out.bytes.size() < out.position + size) out.bytes.resize(out.position + size);
    std::memcpy(&out.bytes[out.position], data, size);
    out.position += size;
    return size;
  }
  static int64_t seek(void* self, int64_t offset, int whence) {
    Output& out = *static_cast<Output*>(self);
    if (whence == AVSEEK_SIZE) return static_cast<int64_t>(out.bytes.size());
    if (whence == SEEK_CUR) offset += static_cast<int64_t>(out.position);
    if (whence == SEEK_END) offset += static_cast<int64_t>(out.bytes.size());
    out.position = static_cast<size_t>(offset);
    return offset;
  }
};

class ClipMaker {
 public:
  explicit ClipMaker(const ClipPlan& plan) : plan_(plan) {
    ffmpeg::be_quiet();
    check(avformat_alloc_output_context2(&format_, nullptr, plan.container.c_str(), nullptr));
    format_->pb = avio_alloc_context(static_cast<uint8_t*>(av_malloc(4096)), 4096, 1, &output_,
                                     nullptr, &Output::write, &Output::seek);
  }
  ~ClipMaker() {
    av_freep(&format_->pb->buffer);
    avio_context_free(&format_->pb);
    avformat_free_context(format_);
  }
  ClipMaker(const ClipMaker&) = delete;
  ClipMaker& operator=(const ClipMaker&) = delete;

  std::string make() {
    if (!plan_.codec.empty()) open_video();
    if (!plan_.audio_codec.empty()) open_audio();
    AVDictionary* options = nullptr;
    if (plan_.has_table_in_front) av_dict_set(&options, "moov_size", "4000", 0);
    const int code = avformat_write_header(format_, &options);
    av_dict_free(&options);
    check(code);
    if (video_ != nullptr) write_video();
    if (audio_ != nullptr) write_audio();
    check(av_write_trailer(format_));
    avio_flush(format_->pb);
    return output_.bytes;
  }

 private:
  AVStream* add_stream(AVCodecContext* codec) {
    if (format_->oformat->flags & AVFMT_GLOBALHEADER) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    check(avcodec_open2(codec, codec->codec, nullptr));
    AVStream* stream = avformat_new_stream(format_, nullptr);
    check(avcodec_parameters_from_context(stream->codecpar, codec));
    stream->time_base = codec->time_base;
    return stream;
  }

  static ffmpeg::CodecContext new_codec(const std::string& name) {
    ffmpeg::CodecContext codec(avcodec_alloc_context3(avcodec_find_encoder_by_name(name.c_str())));
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    return codec;
  }

  void open_video() {
    video_ = new_codec(plan_.codec);
    video_->width = plan_.width;
    video_->height = plan_.height;
    video_->pix_fmt = plan_.codec == "mjpeg" ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    video_->time_base = plan_.times_ms.empty() ? AVRational{1, plan_.rate_hz} : kMilliseconds;
    video_->framerate = {plan_.rate_hz, 1};
    video_->gop_size = plan_.gop;
    video_->max_b_frames = plan_.num_b_frames;
    video_->bit_rate = 400000;
    video_->color_range = plan_.is_full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (plan_.is_bt709) video_->colorspace = AVCOL_SPC_BT709;
    if (plan_.codec == "mjpeg") video_->color_range = AVCOL_RANGE_JPEG;
    if (plan_.codec == "libx264" || plan_.codec == "libx265")
      av_opt_set(video_->priv_data, "preset", "veryfast", 0);
    if (plan_.codec == "libx265")
      av_opt_set(video_->priv_data, "x265-params", "log-level=0:pools=none:frame-threads=1", 0);
    if (plan_.codec == "libvpx") av_opt_set(video_->priv_data, "deadline", "realtime", 0);
    video_stream_ = add_stream(video_.get());
    video_stream_->avg_frame_rate = video_->framerate;
    if (plan_.matrix.empty()) return;
    uint8_t* side = av_stream_new_side_data(video_stream_, AV_PKT_DATA_DISPLAYMATRIX, 36);
    std::memcpy(side, plan_.matrix.data(), 36);
  }

  void open_audio() {
    audio_ = new_codec(plan_.audio_codec);
    audio_->sample_rate = 44100;
    audio_->sample_fmt = audio_->codec->sample_fmts[0];
    av_channel_layout_default(&audio_->ch_layout, 1);
    audio_->time_base = {1, 44100};
    audio_->bit_rate = 96000;
    audio_stream_ = add_stream(audio_.get());
  }

  void draw(int number, AVFrame* frame) const {
    std::memset(frame->data[1], plan_.is_coloured ? 90 : 128,
                frame->linesize[1] * (plan_.height / 2));
    std::memset(frame->data[2], plan_.is_coloured ? 180 : 128,
                frame->linesize[2] * (plan_.height / 2));
    for (int y = 0; y < plan_.height; ++y) {
      for (int x = 0; x < plan_.width; ++x) {
        const bool is_set = number >> (x * kNumBits / plan_.width) & 1;
        const bool is_bar = y >= plan_.height * 3 / 4 && std::abs(x - number * 2 % plan_.width) < 8;
        frame->data[0][y * frame->linesize[0] + x] = plan_.is_coloured  ? 120
                                                     : is_set != is_bar ? 190
                                                                        : 60;
      }
    }
  }

  void write(AVCodecContext* codec, AVStream* stream, const AVFrame* frame, int64_t late_ms) {
    check(avcodec_send_frame(codec, frame));
    const ffmpeg::Packet packet = ffmpeg::make_packet();
    while (avcodec_receive_packet(codec, packet.get()) >= 0) {
      if (packet->duration == 0 && stream == video_stream_)
        packet->duration = av_rescale_q(1, {1, plan_.rate_hz}, codec->time_base);
      av_packet_rescale_ts(packet.get(), codec->time_base, stream->time_base);
      const int64_t late = av_rescale_q(late_ms, kMilliseconds, stream->time_base);
      packet->pts += late;
      packet->dts += late;
      packet->stream_index = stream->index;
      check(av_interleaved_write_frame(format_, packet.get()));
    }
  }

  void write_video() {
    for (int i = 0; i < plan_.num_frames; ++i) {
      const ffmpeg::Frame frame = ffmpeg::make_frame();
      frame->format = video_->pix_fmt;
      frame->width = plan_.width;
      frame->height = plan_.height;
      frame->color_range = video_->color_range;
      frame->colorspace = video_->colorspace;
      check(av_frame_get_buffer(frame.get(), 0));
      draw(i, frame.get());
      frame->pts = plan_.times_ms.empty() ? i : plan_.times_ms[i];
      write(video_.get(), video_stream_, frame.get(), plan_.video_late_ms);
    }
    write(video_.get(), video_stream_, nullptr, plan_.video_late_ms);
  }

  void write_audio() {
    const int64_t num_samples = static_cast<int64_t>(plan_.num_frames) * 44100 / plan_.rate_hz;
    const int64_t tone_from = static_cast<int64_t>(plan_.tone_from_frame) * 44100 / plan_.rate_hz;
    const int step = audio_->frame_size > 0 ? audio_->frame_size : 1024;
    for (int64_t at = 0; at < num_samples; at += step) {
      const ffmpeg::Frame frame = ffmpeg::make_frame();
      frame->format = audio_->sample_fmt;
      frame->nb_samples = step;
      frame->sample_rate = 44100;
      av_channel_layout_copy(&frame->ch_layout, &audio_->ch_layout);
      check(av_frame_get_buffer(frame.get(), 0));
      for (int i = 0; i < step; ++i) {
        const double t = static_cast<double>(at + i) / 44100;
        const double value = at + i < tone_from ? 0 : 0.5 * std::sin(2 * M_PI * 2000 * t);
        if (audio_->sample_fmt == AV_SAMPLE_FMT_FLTP)
          reinterpret_cast<float*>(frame->data[0])[i] = static_cast<float>(value);
        else
          reinterpret_cast<int16_t*>(frame->data[0])[i] = static_cast<int16_t>(value * 32767);
      }
      frame->pts = at;
      write(audio_.get(), audio_stream_, frame.get(), plan_.audio_late_ms);
    }
    write(audio_.get(), audio_stream_, nullptr, plan_.audio_late_ms);
  }

  const ClipPlan& plan_;
  Output output_;
  AVFormatContext* format_ = nullptr;
  ffmpeg::CodecContext video_, audio_;
  AVStream *video_stream_ = nullptr, *audio_stream_ = nullptr;
};

}  // namespace

std::string make_clip(const ClipPlan& plan) {
  for (const std::string& codec : {plan.codec, plan.audio_codec})
    if (!codec.empty() && avcodec_find_encoder_by_name(codec.c_str()) == nullptr) return "";
  return ClipMaker(plan).make();
}

int number_in(const formats::Image& image) {
  int number = 0;
  for (int bit = 0; bit < kNumBits; ++bit) {
    const int x = (2 * bit + 1) * image.width / (2 * kNumBits);
    const size_t at = (static_cast<size_t>(image.height / 3) * image.width + x) * image.channels;
    if (image.pixels[at] > 125) number |= 1 << bit;
  }
  return number;
}

}  // namespace braid::testing
