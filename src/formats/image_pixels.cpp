#include "formats/image_pixels.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace braid::formats {
namespace {

size_t num_pixels(const AVFrame& frame) { return static_cast<size_t>(frame.width) * frame.height; }

// Whole rows as they are, for the formats that are an Image's own.
bool copy_rows(const AVFrame& frame, Image* image) {
  switch (frame.format) {
    case AV_PIX_FMT_GRAY8:
      image->channels = 1;
      break;
    case AV_PIX_FMT_RGB24:
      image->channels = 3;
      break;
    case AV_PIX_FMT_RGBA:
      image->channels = 4;
      break;
    default:
      return false;
  }
  const size_t row_bytes = static_cast<size_t>(frame.width) * image->channels;
  image->pixels.resize(row_bytes * frame.height);
  for (int y = 0; y < frame.height; ++y)
    std::memcpy(image->pixels.data() + y * row_bytes,
                frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0], row_bytes);
  return true;
}

// A palette is 256 native-endian words 0xAARRGGBB.
void expand_palette(const AVFrame& frame, Image* image) {
  uint32_t palette[256];
  std::memcpy(palette, frame.data[1], sizeof(palette));
  image->channels = 4;
  image->pixels.reserve(num_pixels(frame) * 4);
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* row = frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0];
    for (int x = 0; x < frame.width; ++x) {
      const uint32_t colour = palette[row[x]];
      for (int shift : {16, 8, 0, 24})
        image->pixels.push_back(static_cast<uint8_t>(colour >> shift));
    }
  }
}

// Any grey or RGB layout that FFmpeg can describe: planar, packed, bits, either byte order.
void read_components(const AVFrame& frame, const AVPixFmtDescriptor& format, Image* image) {
  const bool is_grey = format.nb_components <= 2;
  const bool has_alpha = format.flags & AV_PIX_FMT_FLAG_ALPHA;
  const int depth = format.comp[0].depth;
  image->bits = depth > 8 ? 16 : 8;
  image->channels = has_alpha ? 4 : is_grey ? 1 : 3;
  const size_t size = num_pixels(frame) * image->channels;
  if (image->bits == 8) image->pixels.resize(size);
  if (image->bits == 16) image->pixels16.resize(size);
  std::vector<uint16_t> line(frame.width);
  for (int channel = 0; channel < image->channels; ++channel) {
    const bool is_alpha = channel == 3;
    const int component = !is_grey ? channel : is_alpha ? 1 : 0;
    const uint32_t top = (1u << format.comp[component].depth) - 1;
    const uint32_t full = image->bits == 8 ? 255 : 65535;
    const bool is_inverted = frame.format == AV_PIX_FMT_MONOWHITE;
    for (int y = 0; y < frame.height; ++y) {
      av_read_image_line2(line.data(), const_cast<const uint8_t**>(frame.data), frame.linesize,
                          &format, /*x=*/0, y, component, frame.width, /*read_pal_component=*/0,
                          /*dst_element_size=*/2);
      size_t at = static_cast<size_t>(y) * frame.width * image->channels + channel;
      for (int x = 0; x < frame.width; ++x, at += image->channels) {
        const uint32_t value = is_inverted ? top - line[x] : line[x];
        const uint32_t scaled = top == full ? value : (value * full + top / 2) / top;
        if (image->bits == 8) image->pixels[at] = static_cast<uint8_t>(scaled);
        if (image->bits == 16) image->pixels16[at] = static_cast<uint16_t>(scaled);
      }
    }
  }
}

// YUV other than JPEG's (WebP, TIFF), and whatever else swscale knows.
void scale_with_ffmpeg(const AVFrame& frame, const AVPixFmtDescriptor& format, bool is_full_range,
                       Image* image, const std::string& name) {
  const bool has_alpha = format.flags & AV_PIX_FMT_FLAG_ALPHA;
  const bool is_deep = format.comp[0].depth > 8;
  AVPixelFormat target = has_alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
  if (is_deep) target = has_alpha ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48;
  ffmpeg::Scaler scaler(
      sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format),
                     frame.width, frame.height, target,
                     SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
                     nullptr, nullptr, nullptr));
  BRAID_CHECK(scaler != nullptr, format, "{}: pixel format {}: expected one that can become RGB",
              name, format.name);
  const int* bt601 = sws_getCoefficients(SWS_CS_ITU601);
  sws_setColorspaceDetails(scaler.get(), bt601, is_full_range, bt601,
                           /*dstRange=*/1, /*brightness=*/0, /*contrast=*/1 << 16,
                           /*saturation=*/1 << 16);
  image->channels = has_alpha ? 4 : 3;
  image->bits = is_deep ? 16 : 8;
  const int row_samples = frame.width * image->channels;
  // swscale's vector code may write past a row's end, never past the buffer's padding.
  const int stride = (row_samples * (is_deep ? 2 : 1) + 63) / 64 * 64;
  std::vector<uint8_t> rgb(static_cast<size_t>(stride) * frame.height + 64);
  uint8_t* planes[4] = {rgb.data(), nullptr, nullptr, nullptr};
  int strides[4] = {stride, 0, 0, 0};
  const int rows =
      sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  BRAID_CHECK(rows == frame.height, format, "{}: pixel format {}: conversion to RGB failed", name,
              format.name);
  if (is_deep) {
    image->pixels16.resize(static_cast<size_t>(row_samples) * frame.height);
  } else {
    image->pixels.resize(static_cast<size_t>(row_samples) * frame.height);
  }
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* from = rgb.data() + static_cast<size_t>(y) * stride;
    const size_t at = static_cast<size_t>(y) * row_samples;
    if (is_deep) std::memcpy(image->pixels16.data() + at, from, row_samples * sizeof(uint16_t));
    if (!is_deep) std::memcpy(image->pixels.data() + at, from, row_samples);
  }
}

template <class T>
void drop_channel_4(std::vector<T>* pixels) {
  size_t out = 0;
  for (size_t i = 0; i < pixels->size(); ++i)
    if (i % 4 != 3) (*pixels)[out++] = (*pixels)[i];
  pixels->resize(out);
}

void drop_alpha(Image* image) {
  if (image->channels != 4) return;
  drop_channel_4(&image->pixels);
  drop_channel_4(&image->pixels16);
  image->channels = 3;
}

// For the formats whose decoders always announce alpha: drops it where every pixel is opaque.
void drop_opaque_alpha(Image* image) {
  for (size_t i = 3; i < image->pixels.size(); i += 4)
    if (image->pixels[i] != 255) return;
  drop_alpha(image);
}

template <class T>
std::vector<T> turn(const std::vector<T>& in, int width, int height, int channels,
                    int orientation) {
  if (in.empty()) return {};
  const bool is_transposed = orientation >= 5;
  const int width_out = is_transposed ? height : width, height_out = is_transposed ? width : height;
  // Where the stored picture is read backwards, per axis (EXIF 2.3, table of tag 274).
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  std::vector<T> out(in.size());
  T* to = out.data();
  for (int y = 0; y < height_out; ++y) {
    for (int x = 0; x < width_out; ++x, to += channels) {
      int from_x = is_transposed ? y : x, from_y = is_transposed ? x : y;
      if (from_right) from_x = width - 1 - from_x;
      if (from_bottom) from_y = height - 1 - from_y;
      std::copy_n(in.data() + (static_cast<size_t>(from_y) * width + from_x) * channels, channels,
                  to);
    }
  }
  return out;
}

}  // namespace

Image image_from_frame(const AVFrame& frame, bool is_jpeg, const std::string& name) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  BRAID_CHECK(format != nullptr, format, "{}: pixel format: expected a known one, got number {}",
              name, frame.format);
  Image image;
  image.width = frame.width;
  image.height = frame.height;
  const bool is_yuv = format->nb_components >= 3 && !(format->flags & AV_PIX_FMT_FLAG_RGB);
  if (is_jpeg && jpeg_to_rgb(frame, &image)) return image;
  if (format->flags & AV_PIX_FMT_FLAG_PAL) {
    expand_palette(frame, &image);
    drop_opaque_alpha(&image);
  } else if (is_yuv || (format->flags & AV_PIX_FMT_FLAG_FLOAT)) {
    scale_with_ffmpeg(frame, *format, is_jpeg || frame.color_range == AVCOL_RANGE_JPEG, &image,
                      name);
  } else if (!copy_rows(frame, &image)) {
    read_components(frame, *format, &image);
    if (frame.format == AV_PIX_FMT_BGRA) drop_opaque_alpha(&image);
  }
  if (is_jpeg) drop_alpha(&image);
  return image;
}

Image apply_orientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  image.pixels = turn(image.pixels, image.width, image.height, image.channels, orientation);
  image.pixels16 = turn(image.pixels16, image.width, image.height, image.channels, orientation);
  if (orientation >= 5) std::swap(image.width, image.height);
  return image;
}

}  // namespace braid::formats
