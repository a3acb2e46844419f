// Pictures through FFmpeg's libraries: JPEG, PNG, WebP, BMP, TIFF and GIF's first frame.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

/// Pixels in rows from the top left, channels interleaved: 1 = grey, 3 = RGB, 4 = RGBA. 16-bit
/// files keep their precision.
struct Image {
  int width = 0, height = 0, channels = 0;
  int bits = 8;                    // 8 or 16
  std::vector<uint8_t> pixels;     // bits == 8: height * width * channels
  std::vector<uint16_t> pixels16;  // bits == 16
};

struct ImageLimits {
  int64_t max_pixels = 64 * 1024 * 1024;  // refuses a header of 100000x100000 before any allocation
};

/// The format is recognised by content. Palettes and YUV become RGB, or RGBA where a pixel may be
/// transparent; grey with alpha becomes RGBA; EXIF orientation is applied. JPEG's colours are
/// libjpeg's but for FFmpeg's inverse DCT (at most 3 levels). `name` opens every message.
///
/// Errors   format: truncated, damaged, not a picture, animated WebP, too large (the size from the
///          header is checked before decoding). usage: built without FFmpeg.
/// Cost     one thread; any number of threads may decode at once.
Image decode_image(std::string_view bytes, const std::string& name, const ImageLimits& limits = {});
Image read_image(const std::string& path, const ImageLimits& limits = {});

/// Resizes as Pillow's BILINEAR: bilinear when growing, a triangle filter as wide as the shrinking
/// asks for (antialiased) when shrinking; equal to Pillow within its rounding to 8 bits. Alpha is
/// composited on `background` first; channels_out 1 converts by ITU-R BT.601 luma, 3 repeats grey.
/// fit "stretch" ignores the aspect ratio, "pad" keeps it and pads with the background, "crop"
/// keeps it and cuts the centre. Works without FFmpeg.
///
/// Shapes   -> (channels_out, height, width), planar.
/// Units    result and background in [0, 1].
/// Errors   usage: size, channels_out or fit. shape: not as many samples as the size says, or none.
/// Cost     one pass over the source's rows, one over the columns.
std::vector<float> resize_image(const Image& image, int height, int width, int channels_out,
                                const std::string& fit = "stretch", float background = 1.0f);

/// PNG bytes, with the image's own depth and channels.
///
/// Errors   shape: no pixels, or not as many as the size says. usage: built without FFmpeg.
std::string encode_png(const Image& image);

bool has_ffmpeg();

}  // namespace braid::formats
