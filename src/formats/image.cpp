#include "formats/image.h"

#include "core/error.h"
#include "core/file.h"
#include "formats/ffmpeg.h"
#include "formats/image_header.h"
#include "formats/image_pixels.h"

namespace braid::formats {
namespace {

AVCodecID codec_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::jpeg:
      return AV_CODEC_ID_MJPEG;
    case ImageKind::png:
      return AV_CODEC_ID_PNG;
    case ImageKind::webp:
      return AV_CODEC_ID_WEBP;
    case ImageKind::bmp:
      return AV_CODEC_ID_BMP;
    case ImageKind::tiff:
      return AV_CODEC_ID_TIFF;
    case ImageKind::gif:
      break;
  }
  return AV_CODEC_ID_GIF;
}

// JPEG's decoder fails on damage when told to be strict. The others hand out a half-filled picture
// and only mention it.
bool tells_damage_by_message(ImageKind kind) {
  return kind != ImageKind::jpeg && kind != ImageKind::bmp;
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& name, const ImageLimits& limits) {
  const ImageHeader header = read_image_header(bytes, name, limits.max_pixels);
  // The whole file is one packet: all six decoders read it without a demuxer, which saves probing
  // and leaves no way to open anything else.
  ffmpeg::CodecContext codec = ffmpeg::make_decoder(codec_of(header.kind), name);
  codec->max_pixels = limits.max_pixels;
  // A strict TIFF decoder also refuses tags that it merely does not know.
  if (header.kind == ImageKind::tiff) codec->err_recognition &= ~AV_EF_EXPLODE;
  codec->idct_algo = FF_IDCT_SIMPLE;  // the same bits on every machine, unlike the default
  ffmpeg::open(codec.get(), name);
  const ffmpeg::Packet packet = ffmpeg::make_packet(bytes, name);
  const ffmpeg::Frame frame = ffmpeg::make_frame();
  int code = avcodec_send_packet(codec.get(), packet.get());
  if (code >= 0) code = avcodec_receive_frame(codec.get(), frame.get());
  if (code == AVERROR(EAGAIN)) {  // a decoder that holds its frame back until the end
    code = avcodec_send_packet(codec.get(), nullptr);
    if (code >= 0) code = avcodec_receive_frame(codec.get(), frame.get());
  }
  const char* kind = codec->codec->name;
  BRAID_CHECK(code >= 0, format, "{}: {}: {}; is the file complete?", name, kind,
              ffmpeg::error_text(code));
  const bool is_damaged = frame->decode_error_flags != 0 ||
                          (frame->flags & AV_FRAME_FLAG_CORRUPT) ||
                          (tells_damage_by_message(header.kind) && !ffmpeg::last_message().empty());
  BRAID_CHECK(!is_damaged, format, "{}: {}: expected a whole picture, got a damaged one ({})", name,
              kind, ffmpeg::last_message());
  BRAID_CHECK(frame->width > 0 && frame->height > 0 && frame->data[0] != nullptr, format,
              "{}: {}: expected a picture, got none", name, kind);
  return apply_orientation(image_from_frame(*frame, header.kind == ImageKind::jpeg, name),
                           header.orientation);
}

Image read_image(const std::string& path, const ImageLimits& limits) {
  return decode_image(read_file(path), path, limits);
}

bool has_ffmpeg() { return true; }

}  // namespace braid::formats
