// What the libraries beneath cost by themselves: the yardstick of the data path.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "formats/ffmpeg.h"
#include "formats/image.h"

namespace braid::bench {

/// A picture file through avcodec alone: read, the decoder opened, one packet in, one frame out.
formats::ffmpeg::Frame bare_decode(const std::string& path, AVCodecID codec);

/// RGB bytes of side x side pixels by swscale's bilinear filter.
std::vector<uint8_t> bare_resize(const uint8_t* const* planes, const int* strides, int width,
                                 int height, AVPixelFormat format, int side);
std::vector<uint8_t> bare_resize(const AVFrame& frame, int side);
std::vector<uint8_t> bare_resize(const formats::Image& rgb, int side);

/// A WAV file through avformat and avcodec alone; the number of samples.
int64_t bare_sound(const std::string& path);

/// kissfft's real transform of every frame where it stands, without window and bands. Returns the
/// last frame's spectrum as power.
std::vector<float> bare_transforms(const std::vector<float>& samples, int64_t num_frames,
                                   int64_t hop_samples, int fft_size);

/// utf8proc's decomposition, case folding and removal of marks in one call; bytes of the result.
int64_t bare_normalize(const std::string& text);

/// A JPEG (4:2:0) out of FFmpeg's encoder, of an RGB picture with even sides.
std::string encode_jpeg(const formats::Image& rgb);

}  // namespace braid::bench
