#include "formats/video_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "formats/image_pixels.h"

namespace braid::formats {
namespace {

// The old formats that say by their own name that luma runs from 0 to 255.
bool is_full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

void interleave(const uint8_t* __restrict red, const uint8_t* __restrict green,
                const uint8_t* __restrict blue, int width, uint8_t* __restrict rgb) {
  for (int x = 0; x < width; ++x) {
    rgb[3 * x] = red[x];
    rgb[3 * x + 1] = green[x];
    rgb[3 * x + 2] = blue[x];
  }
}

}  // namespace

void scaled_size(const VideoOptions& options, int orientation, const std::string& name, int* width,
                 int* height) {
  const bool is_turned = orientation >= 5;
  const int upright_width = is_turned ? *height : *width;
  const int upright_height = is_turned ? *width : *height;
  int64_t to_width = options.width, to_height = options.height;
  const double aspect = static_cast<double>(upright_width) / upright_height;
  if (to_width == 0) to_width = to_height == 0 ? upright_width : std::llround(to_height * aspect);
  if (to_height == 0)
    to_height = options.width == 0 ? upright_height : std::llround(options.width / aspect);
  to_width = std::max<int64_t>(to_width, 1);
  to_height = std::max<int64_t>(to_height, 1);
  BRAID_CHECK(
      to_width <= 65535 && to_height <= 65535 && to_width * to_height <= options.limits.max_pixels,
      format, "{}: size: expected at most {} pixels, got {}x{}; ask for less or raise max_pixels",
      name, options.limits.max_pixels, to_width, to_height);
  *width = static_cast<int>(is_turned ? to_height : to_width);
  *height = static_cast<int>(is_turned ? to_width : to_height);
}

void VideoPixels::prepare(const AVFrame& frame) {
  const int space = frame.colorspace, range = is_full_range(frame);
  if (scaler_ != nullptr && frame.format == format_ && frame.width == width_ &&
      frame.height == height_ && space == space_ && range == range_)
    return;
  width_out_ = frame.width;
  height_out_ = frame.height;
  scaled_size(options_, orientation_, name_, &width_out_, &height_out_);
  // Planes of green, blue and red: swscale's way to packed RGB is five times slower and takes short
  // cuts between the rows of chroma. BITEXACT: the same bits on every machine. The filter widens
  // when shrinking, so nothing aliases.
  scaler_.reset(sws_getContext(
      frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), width_out_, height_out_,
      options_.channels == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_GBRP,
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT,
      nullptr, nullptr, nullptr));
  BRAID_CHECK(scaler_ != nullptr, format,
              "{}: pixel format: expected one that can become RGB, got number {}", name_,
              frame.format);
  const int* matrix = sws_getCoefficients(space);
  sws_setColorspaceDetails(scaler_.get(), matrix, range, matrix, /*dstRange=*/1, /*brightness=*/0,
                           /*contrast=*/1 << 16, /*saturation=*/1 << 16);
  format_ = frame.format;
  width_ = frame.width;
  height_ = frame.height;
  space_ = space;
  range_ = range;
}

Image VideoPixels::convert(const AVFrame& frame) {
  prepare(frame);
  Image image;
  image.width = width_out_;
  image.height = height_out_;
  image.channels = options_.channels;
  // swscale's vector code may write past a row's end, never past the buffer's padding.
  const size_t stride = (static_cast<size_t>(width_out_) + 63) / 64 * 64;
  const size_t plane = stride * height_out_;
  std::vector<uint8_t> rows(plane * image.channels + 64);
  uint8_t* planes[4] = {};
  int strides[4] = {};
  for (int c = 0; c < image.channels; ++c) {
    planes[c] = rows.data() + plane * c;
    strides[c] = static_cast<int>(stride);
  }
  const int num_rows =
      sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  BRAID_CHECK(num_rows == height_out_, format, "{}: frame: conversion to pixels failed", name_);
  const size_t row_bytes = static_cast<size_t>(width_out_) * image.channels;
  image.pixels.resize(row_bytes * height_out_);
  for (int y = 0; y < height_out_; ++y) {
    const uint8_t* green = rows.data() + y * stride;
    uint8_t* to = image.pixels.data() + y * row_bytes;
    if (image.channels == 1)
      std::memcpy(to, green, row_bytes);
    else
      interleave(green + 2 * plane, green, green + plane, width_out_, to);
  }
  return apply_orientation(std::move(image), orientation_);
}

}  // namespace braid::formats
