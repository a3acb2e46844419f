#include "formats/audio_samples.h"

#include <cmath>

#include "core/clones.h"
#include "core/error.h"

namespace braid::formats {
namespace {

// The usual case, exact in float as it is in double.
BRAID_CLONES void scale_mono(const int16_t* __restrict in, int size, float* __restrict out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<float>(in[i]) * (1.0f / 32768);
}

template <class T>
void take_mean(const AVFrame& frame, double scale, double offset, float* out) {
  const int channels = frame.ch_layout.nb_channels;
  const bool is_planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame.format));
  for (int i = 0; i < frame.nb_samples; ++i) {
    double sum = 0;
    for (int c = 0; c < channels; ++c) {
      const T* plane = reinterpret_cast<const T*>(frame.extended_data[is_planar ? c : 0]);
      sum += static_cast<double>(plane[is_planar ? i : i * channels + c]) - offset;
    }
    out[i] = static_cast<float>(sum * scale / channels);
  }
}

}  // namespace

void append_mono(const AVFrame& frame, const std::string& name, std::vector<float>* samples) {
  const size_t start = samples->size();
  samples->resize(start + static_cast<size_t>(frame.nb_samples));
  float* out = samples->data() + start;
  switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(frame.format))) {
    case AV_SAMPLE_FMT_U8:
      take_mean<uint8_t>(frame, 1.0 / 128, 128, out);
      break;
    case AV_SAMPLE_FMT_S16:
      if (frame.ch_layout.nb_channels == 1)
        scale_mono(reinterpret_cast<const int16_t*>(frame.extended_data[0]), frame.nb_samples, out);
      else
        take_mean<int16_t>(frame, 1.0 / 32768, 0, out);
      break;
    case AV_SAMPLE_FMT_S32:
      take_mean<int32_t>(frame, 1.0 / 2147483648.0, 0, out);
      break;
    case AV_SAMPLE_FMT_S64:
      take_mean<int64_t>(frame, 1.0 / 9223372036854775808.0, 0, out);
      break;
    case AV_SAMPLE_FMT_FLT:
      take_mean<float>(frame, 1, 0, out);
      break;
    case AV_SAMPLE_FMT_DBL:
      take_mean<double>(frame, 1, 0, out);
      break;
    default:
      fail(ErrorKind::format, "{}: sample format: expected a known one, got number {}", name,
           frame.format);
  }
  for (int i = 0; i < frame.nb_samples; ++i)
    BRAID_CHECK(std::isfinite(out[i]), format, "{}: sample {}: expected a finite number, got {}",
                name, start + static_cast<size_t>(i), out[i]);
}

}  // namespace braid::formats
