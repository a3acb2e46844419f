// From a decoded FFmpeg frame, in whichever of its pixel formats, to an Image. Internal.
#pragma once
#include <string>

#include "formats/ffmpeg.h"
#include "formats/image.h"

namespace braid::formats {

/// Grey stays one channel; palettes, grey + alpha and YUV become RGB, or RGBA where a pixel may be
/// transparent. Samples of more than 8 bits become 16 bits, scaled to the full range.
/// JPEG frames (`is_jpeg`) take jpeg_to_rgb() and never have alpha.
/// Errors: format, for a pixel format nothing can convert.
Image image_from_frame(const AVFrame& frame, bool is_jpeg, const std::string& name);

/// Full-range YCbCr planes to RGB as libjpeg does it: triangle filter ("fancy") upsampling of
/// 4:2:0, 4:2:2 and 4:4:0 chroma, 16-bit fixed point BT.601. swscale's filters differ from it by up
/// to a few levels, which a model trained on Pillow's pictures would see. False where the frame's
/// subsampling is none of these (the caller then uses swscale).
bool jpeg_to_rgb(const AVFrame& frame, Image* image);

/// The same picture turned upright, for the EXIF orientations 1 (nothing to do) to 8.
Image apply_orientation(Image image, int orientation);

}  // namespace braid::formats
