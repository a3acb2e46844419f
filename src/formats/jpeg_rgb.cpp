// libjpeg's chroma upsampling and colour conversion, to its last bit; only the inverse DCT is
// FFmpeg's own.
#include <algorithm>
#include <vector>

#include "core/clones.h"
#include "formats/image_pixels.h"

namespace braid::formats {
namespace {

// How libjpeg's "fancy" upsampling doubles a row: each new sample is 3/4 the nearer and 1/4 the
// farther. `shift` is 2 for plain samples and 4 for sums of two rows weighted 3 : 1; the two
// rounding terms alternate, so that no direction is preferred (jdsample.c). At the borders libjpeg
// copies the sample, with the rounding of that side: in[-1] and in[width_in] hold it again.
BRAID_CLONES void double_row(const uint16_t* __restrict in, int width_in, int shift,
                             uint8_t* __restrict out) {
  const uint16_t left_bias = shift == 2 ? 1 : 8, right_bias = shift == 2 ? 2 : 7;
  for (int x = 0; x < width_in; ++x) {
    const uint16_t near = static_cast<uint16_t>(3 * in[x]);
    out[2 * x] = static_cast<uint8_t>(static_cast<uint16_t>(near + in[x - 1] + left_bias) >> shift);
    out[2 * x + 1] =
        static_cast<uint8_t>(static_cast<uint16_t>(near + in[x + 1] + right_bias) >> shift);
  }
}

BRAID_CLONES void copy_row(const uint8_t* __restrict in, int width, uint16_t* __restrict out) {
  for (int x = 0; x < width; ++x) out[x] = in[x];
}

BRAID_CLONES void mix_rows(const uint8_t* __restrict near, const uint8_t* __restrict far, int width,
                           uint16_t* __restrict out) {
  for (int x = 0; x < width; ++x) out[x] = static_cast<uint16_t>(3 * near[x] + far[x]);
}

BRAID_CLONES void quarter_row(const uint16_t* __restrict sums, int width, int bias,
                              uint8_t* __restrict out) {
  for (int x = 0; x < width; ++x) out[x] = static_cast<uint8_t>((sums[x] + bias) >> 2);
}

// One chroma plane at the size of the picture.
class Chroma {
 public:
  Chroma(const AVFrame& frame, int plane, int shift_x, int shift_y)
      : data_(frame.data[plane]),
        stride_(frame.linesize[plane]),
        width_(frame.width),
        width_in_((frame.width + shift_x) >> shift_x),
        height_in_((frame.height + shift_y) >> shift_y),
        shift_x_(shift_x),
        shift_y_(shift_y),
        sums_(width_in_ + 2),
        row_(2 * static_cast<size_t>(frame.width) + 2) {}

  const uint8_t* row(int y) {
    const uint8_t* near = data_ + static_cast<ptrdiff_t>(y >> shift_y_) * stride_;
    if (shift_x_ == 0 && shift_y_ == 0) return near;
    // libjpeg replicates chroma of pictures too narrow for the filter.
    const bool is_plain = shift_x_ == 1 && width_in_ <= 2;
    if (is_plain) {
      for (int x = 0; x < width_; ++x) row_[x] = near[x >> 1];
      return row_.data();
    }
    uint16_t* sums = sums_.data() + 1;
    if (shift_y_ == 0) {
      copy_row(near, width_in_, sums);
      double_sums(/*shift=*/2);
      return row_.data();
    }
    const int far_y = std::clamp((y >> 1) + (y % 2 == 0 ? -1 : 1), 0, height_in_ - 1);
    mix_rows(near, data_ + static_cast<ptrdiff_t>(far_y) * stride_, width_in_, sums);
    if (shift_x_ == 0)
      quarter_row(sums, width_, /*bias=*/y % 2 == 0 ? 1 : 2, row_.data());
    else
      double_sums(/*shift=*/4);
    return row_.data();
  }

 private:
  void double_sums(int shift) {
    sums_.front() = sums_[1];
    sums_.back() = sums_[static_cast<size_t>(width_in_)];
    double_row(sums_.data() + 1, width_in_, shift, row_.data());
  }

  const uint8_t* data_;
  ptrdiff_t stride_;
  int width_, width_in_, height_in_, shift_x_, shift_y_;
  std::vector<uint16_t> sums_;  // with one sample more on either side
  std::vector<uint8_t> row_;    // with room for a doubled row of odd width
};

// round(x * 65536), as jdcolor.c's FIX().
constexpr int fixed(double x) { return static_cast<int>(x * 65536 + 0.5); }

uint8_t clamp_byte(int value) {
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// One row of YCbCr to interleaved RGB. In blocks, so that the colours can be computed apart and
// only the last step goes across them.
BRAID_CLONES void convert_row(const uint8_t* __restrict luma, const uint8_t* __restrict blue,
                              const uint8_t* __restrict red, int width, uint8_t* __restrict out) {
  constexpr int kBlock = 64, kHalf = 1 << 15;
  for (int begin = 0; begin < width; begin += kBlock, out += 3 * kBlock) {
    uint8_t r[kBlock], g[kBlock], b[kBlock];
    const int size = width - begin < kBlock ? width - begin : kBlock;
    for (int x = 0; x < size; ++x) {
      const int y = luma[begin + x], cb = blue[begin + x] - 128, cr = red[begin + x] - 128;
      r[x] = clamp_byte(y + ((fixed(1.402) * cr + kHalf) >> 16));
      g[x] = clamp_byte(y + ((-fixed(0.34414) * cb - fixed(0.71414) * cr + kHalf) >> 16));
      b[x] = clamp_byte(y + ((fixed(1.772) * cb + kHalf) >> 16));
    }
    for (int x = 0; x < size; ++x) {
      out[3 * x] = r[x];
      out[3 * x + 1] = g[x];
      out[3 * x + 2] = b[x];
    }
  }
}

}  // namespace

bool jpeg_to_rgb(const AVFrame& frame, Image* image) {
  int shift_x = 0, shift_y = 0;
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUV444P:
      break;
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUV422P:
      shift_x = 1;
      break;
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUV440P:
      shift_y = 1;
      break;
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUV420P:
      shift_x = shift_y = 1;
      break;
    default:
      return false;
  }
  image->channels = 3;
  image->pixels.resize(static_cast<size_t>(frame.width) * frame.height * 3);
  Chroma blue(frame, 1, shift_x, shift_y), red(frame, 2, shift_x, shift_y);
  uint8_t* out = image->pixels.data();
  for (int y = 0; y < frame.height; ++y, out += 3 * static_cast<size_t>(frame.width))
    convert_row(frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0], blue.row(y),
                red.row(y), frame.width, out);
  return true;
}

}  // namespace braid::formats
