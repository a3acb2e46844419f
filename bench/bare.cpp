#include "bench/bare.h"

#include <kiss_fftr.h>
#include <utf8proc.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/error.h"

namespace braid::bench {

namespace ffmpeg = formats::ffmpeg;

ffmpeg::Frame bare_decode(const std::string& path, AVCodecID id) {
  const ffmpeg::CodecContext codec(avcodec_alloc_context3(avcodec_find_decoder(id)));
  codec->thread_count = 1;
  codec->idct_algo = FF_IDCT_SIMPLE;  // as Braid asks for it
  ffmpeg::open(codec.get(), "bare");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  std::fseek(file.get(), 0, SEEK_END);
  const ffmpeg::Packet packet = ffmpeg::make_packet();
  av_new_packet(packet.get(), static_cast<int>(std::ftell(file.get())));
  std::rewind(file.get());
  const size_t num_bytes =
      std::fread(packet->data, 1, static_cast<size_t>(packet->size), file.get());
  BRAID_CHECK(num_bytes == static_cast<size_t>(packet->size), internal, "bare reading failed");
  ffmpeg::Frame frame = ffmpeg::make_frame();
  BRAID_CHECK(avcodec_send_packet(codec.get(), packet.get()) >= 0 &&
                  avcodec_receive_frame(codec.get(), frame.get()) >= 0,
              internal, "bare decoding failed");
  return frame;
}

std::vector<uint8_t> bare_resize(const uint8_t* const* planes, const int* strides, int width,
                                 int height, AVPixelFormat format, int side) {
  const ffmpeg::Scaler scaler(sws_getContext(width, height, format, side, side, AV_PIX_FMT_RGB24,
                                             SWS_BILINEAR, nullptr, nullptr, nullptr));
  BRAID_CHECK(scaler != nullptr, internal, "bare resize: no scaler");
  const int stride = (side * 3 + 63) / 64 * 64;
  std::vector<uint8_t> out(static_cast<size_t>(stride) * side + 64);
  uint8_t* to[4] = {out.data(), nullptr, nullptr, nullptr};
  const int to_strides[4] = {stride, 0, 0, 0};
  BRAID_CHECK(sws_scale(scaler.get(), planes, strides, 0, height, to, to_strides) == side, internal,
              "bare resize failed");
  return out;
}

std::vector<uint8_t> bare_resize(const AVFrame& frame, int side) {
  return bare_resize(frame.data, frame.linesize, frame.width, frame.height,
                     static_cast<AVPixelFormat>(frame.format), side);
}

std::vector<uint8_t> bare_resize(const formats::Image& rgb, int side) {
  const uint8_t* planes[4] = {rgb.pixels.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {rgb.width * 3, 0, 0, 0};
  return bare_resize(planes, strides, rgb.width, rgb.height, AV_PIX_FMT_RGB24, side);
}

int64_t bare_sound(const std::string& path) {
  AVFormatContext* raw = nullptr;
  BRAID_CHECK(avformat_open_input(&raw, path.c_str(), av_find_input_format("wav"), nullptr) >= 0,
              internal, "bare sound: cannot open {}", path);
  const ffmpeg::FormatContext input(raw);
  const AVCodecParameters* parameters = input->streams[0]->codecpar;
  const ffmpeg::CodecContext codec(
      avcodec_alloc_context3(avcodec_find_decoder(parameters->codec_id)));
  avcodec_parameters_to_context(codec.get(), parameters);
  ffmpeg::open(codec.get(), "bare");
  const ffmpeg::Packet packet = ffmpeg::make_packet();
  const ffmpeg::Frame frame = ffmpeg::make_frame();
  int64_t num_samples = 0;
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    avcodec_send_packet(codec.get(), packet.get());
    while (avcodec_receive_frame(codec.get(), frame.get()) >= 0) num_samples += frame->nb_samples;
    av_packet_unref(packet.get());
  }
  return num_samples;
}

std::vector<float> bare_transforms(const std::vector<float>& samples, int64_t num_frames,
                                   int64_t hop_samples, int fft_size) {
  const std::unique_ptr<kiss_fftr_state, void (*)(void*)> fft(
      kiss_fftr_alloc(fft_size, /*inverse_fft=*/0, nullptr, nullptr), [](void* p) { free(p); });
  std::vector<kiss_fft_cpx> spectrum(static_cast<size_t>(fft_size / 2 + 1));
  for (int64_t t = 0; t < num_frames; ++t)
    kiss_fftr(fft.get(), samples.data() + t * hop_samples, spectrum.data());
  std::vector<float> power;
  for (const kiss_fft_cpx& bin : spectrum) power.push_back(bin.r * bin.r + bin.i * bin.i);
  return power;
}

int64_t bare_normalize(const std::string& text) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &out,
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK));
  std::free(out);
  return length;
}

std::string encode_jpeg(const formats::Image& rgb) {
  const ffmpeg::CodecContext codec = ffmpeg::make_encoder(AV_CODEC_ID_MJPEG, "encode_jpeg");
  codec->width = rgb.width;
  codec->height = rgb.height;
  codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
  codec->time_base = {1, 1};
  codec->flags |= AV_CODEC_FLAG_QSCALE;
  codec->global_quality = 3 * FF_QP2LAMBDA;
  ffmpeg::open(codec.get(), "encode_jpeg");
  const ffmpeg::Frame frame = ffmpeg::make_frame();
  frame->width = rgb.width;
  frame->height = rgb.height;
  frame->format = codec->pix_fmt;
  frame->quality = codec->global_quality;
  BRAID_CHECK(av_frame_get_buffer(frame.get(), /*align=*/0) >= 0, internal, "no frame");
  const ffmpeg::Scaler scaler(sws_getContext(rgb.width, rgb.height, AV_PIX_FMT_RGB24, rgb.width,
                                             rgb.height, codec->pix_fmt, SWS_BILINEAR, nullptr,
                                             nullptr, nullptr));
  const uint8_t* planes[4] = {rgb.pixels.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {rgb.width * 3, 0, 0, 0};
  sws_scale(scaler.get(), planes, strides, 0, rgb.height, frame->data, frame->linesize);
  const ffmpeg::Packet packet = ffmpeg::make_packet();
  int code = avcodec_send_frame(codec.get(), frame.get());
  if (code >= 0) code = avcodec_send_frame(codec.get(), nullptr);
  if (code >= 0) code = avcodec_receive_packet(codec.get(), packet.get());
  BRAID_CHECK(code >= 0, internal, "encode_jpeg: {}", ffmpeg::error_text(code));
  return std::string(reinterpret_cast<const char*>(packet->data),
                     static_cast<size_t>(packet->size));
}

}  // namespace braid::bench
