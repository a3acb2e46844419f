#include <cstring>

#include "core/error.h"
#include "formats/ffmpeg.h"
#include "formats/image.h"

namespace braid::formats {
namespace {

AVPixelFormat pixel_format(int channels, int bits) {
  if (channels == 1) return bits == 8 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_GRAY16BE;
  if (channels == 3) return bits == 8 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_RGB48BE;
  return bits == 8 ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGBA64BE;
}

void check_image(const Image& image) {
  BRAID_CHECK(image.width > 0 && image.height > 0, shape,
              "encode_png: expected at least 1x1 pixels, got {}x{}", image.width, image.height);
  BRAID_CHECK(image.channels == 1 || image.channels == 3 || image.channels == 4, shape,
              "encode_png: channels: expected 1, 3 or 4, got {}", image.channels);
  BRAID_CHECK(image.bits == 8 || image.bits == 16, shape,
              "encode_png: bits: expected 8 or 16, got {}", image.bits);
  const size_t expected = static_cast<size_t>(image.width) * image.height * image.channels;
  const size_t got = image.bits == 8 ? image.pixels.size() : image.pixels16.size();
  BRAID_CHECK(got == expected, shape, "encode_png: expected {} samples for {}x{}x{}, got {}",
              expected, image.height, image.width, image.channels, got);
}

}  // namespace

std::string encode_png(const Image& image) {
  check_image(image);
  const std::string name = "encode_png";
  ffmpeg::CodecContext codec = ffmpeg::make_encoder(AV_CODEC_ID_PNG, name);
  codec->width = image.width;
  codec->height = image.height;
  codec->pix_fmt = pixel_format(image.channels, image.bits);
  codec->time_base = {1, 1};
  ffmpeg::open(codec.get(), name);
  const ffmpeg::Frame frame = ffmpeg::make_frame();
  frame->width = image.width;
  frame->height = image.height;
  frame->format = codec->pix_fmt;
  if (av_frame_get_buffer(frame.get(), /*align=*/0) < 0) throw std::bad_alloc();
  const size_t row = static_cast<size_t>(image.width) * image.channels;
  for (int y = 0; y < image.height; ++y) {
    uint8_t* to = frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0];
    if (image.bits == 8) {
      std::memcpy(to, image.pixels.data() + y * row, row);
      continue;
    }
    for (size_t i = 0; i < row; ++i) {  // PNG is big-endian
      const uint16_t value = image.pixels16[y * row + i];
      to[2 * i] = static_cast<uint8_t>(value >> 8);
      to[2 * i + 1] = static_cast<uint8_t>(value);
    }
  }
  const ffmpeg::Packet packet = ffmpeg::make_packet();
  int code = avcodec_send_frame(codec.get(), frame.get());
  if (code >= 0) code = avcodec_send_frame(codec.get(), nullptr);
  if (code >= 0) code = avcodec_receive_packet(codec.get(), packet.get());
  BRAID_CHECK(code >= 0, internal, "encode_png: {}", ffmpeg::error_text(code));
  return std::string(reinterpret_cast<const char*>(packet->data),
                     static_cast<size_t>(packet->size));
}

}  // namespace braid::formats
