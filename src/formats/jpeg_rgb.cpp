// libjpeg's chroma upsampling and colour conversion, to its last bit; only the inverse DCT is
// FFmpeg's own.
#include <algorithm>
#include <vector>

#include "formats/image_pixels.h"

namespace braid::formats {
namespace {

// How libjpeg's "fancy" upsampling doubles a row: each new sample is 3/4 the nearer and 1/4 the
// farther. `scale` is 4 for plain samples and 16 for sums of two rows weighted 3 : 1; the two
// rounding terms alternate, so that no direction is preferred (jdsample.c).
void double_row(const int* in, int width_in, int scale, uint8_t* out, int width_out) {
  const int shift = scale == 4 ? 2 : 4;
  const int left_bias = scale == 4 ? 1 : 8, right_bias = scale == 4 ? 2 : 7;
  auto put = [&](int x, int value) {
    if (x < width_out) out[x] = static_cast<uint8_t>(value >> shift);
  };
  for (int x = 0; x < width_in; ++x) {
    // At the borders libjpeg copies the sample, with the rounding of that side.
    const int left = x > 0 ? in[x - 1] : in[x];
    const int right = x + 1 < width_in ? in[x + 1] : in[x];
    put(2 * x, 3 * in[x] + left + left_bias);
    put(2 * x + 1, 3 * in[x] + right + right_bias);
  }
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
        sums_(width_in_),
        row_(frame.width) {}

  const uint8_t* row(int y) {
    const uint8_t* near = data_ + static_cast<ptrdiff_t>(y >> shift_y_) * stride_;
    if (shift_x_ == 0 && shift_y_ == 0) return near;
    // libjpeg replicates chroma of pictures too narrow for the filter.
    const bool is_plain = shift_x_ == 1 && width_in_ <= 2;
    if (is_plain) {
      for (int x = 0; x < width_; ++x) row_[x] = near[x >> 1];
      return row_.data();
    }
    if (shift_y_ == 0) {
      std::copy(near, near + width_in_, sums_.begin());
      double_row(sums_.data(), width_in_, /*scale=*/4, row_.data(), width_);
      return row_.data();
    }
    const int far_y = std::clamp((y >> 1) + (y % 2 == 0 ? -1 : 1), 0, height_in_ - 1);
    const uint8_t* far = data_ + static_cast<ptrdiff_t>(far_y) * stride_;
    for (int x = 0; x < width_in_; ++x) sums_[x] = 3 * near[x] + far[x];
    if (shift_x_ == 0) {
      const int bias = y % 2 == 0 ? 1 : 2;
      for (int x = 0; x < width_; ++x) row_[x] = static_cast<uint8_t>((sums_[x] + bias) >> 2);
    } else {
      double_row(sums_.data(), width_in_, /*scale=*/16, row_.data(), width_);
    }
    return row_.data();
  }

 private:
  const uint8_t* data_;
  ptrdiff_t stride_;
  int width_, width_in_, height_in_, shift_x_, shift_y_;
  std::vector<int> sums_;
  std::vector<uint8_t> row_;
};

// round(x * 65536), as jdcolor.c's FIX().
constexpr int fixed(double x) { return static_cast<int>(x * 65536 + 0.5); }

uint8_t clamp_byte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

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
  constexpr int kHalf = 1 << 15;
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* luma = frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0];
    const uint8_t *cb_row = blue.row(y), *cr_row = red.row(y);
    for (int x = 0; x < frame.width; ++x, out += 3) {
      const int cb = cb_row[x] - 128, cr = cr_row[x] - 128;
      out[0] = clamp_byte(luma[x] + ((fixed(1.402) * cr + kHalf) >> 16));
      out[1] = clamp_byte(luma[x] + ((-fixed(0.34414) * cb - fixed(0.71414) * cr + kHalf) >> 16));
      out[2] = clamp_byte(luma[x] + ((fixed(1.772) * cb + kHalf) >> 16));
    }
  }
  return true;
}

}  // namespace braid::formats
