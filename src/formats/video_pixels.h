// From a decoded video frame to an Image of 8 bits, scaled and upright. Internal to src/formats.
#pragma once
#include <string>

#include "formats/ffmpeg.h"
#include "formats/image.h"
#include "formats/video.h"

namespace braid::formats {

/// Converts the frames of one track; keeps swscale's tables from frame to frame.
class VideoPixels {
 public:
  VideoPixels(const VideoOptions& options, int orientation, const std::string& name)
      : options_(options), orientation_(orientation), name_(name) {}

  /// Errors: format, for a pixel format nothing can convert, or a size beyond the limits.
  Image convert(const AVFrame& frame);

 private:
  void prepare(const AVFrame& frame);
  const VideoOptions& options_;
  int orientation_;
  const std::string& name_;
  ffmpeg::Scaler scaler_;
  // What scaler_ was made for.
  int format_ = -1, width_ = 0, height_ = 0, space_ = -1, range_ = -1;
  int width_out_ = 0, height_out_ = 0;
};

/// The size to scale to, before turning upright: `options`' of the upright picture, else the
/// frame's own. Errors: format, beyond max_pixels.
void scaled_size(const VideoOptions& options, int orientation, const std::string& name, int* width,
                 int* height);

}  // namespace braid::formats
