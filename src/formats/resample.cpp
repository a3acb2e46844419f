// Band-limited resampling, fixed in its filter, aligned in time, of a length known in advance.
#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "formats/audio.h"
#include "formats/ffmpeg.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace braid::formats {
namespace {

constexpr int kMaxRateHz = 768000;
constexpr int kFilterSize = 32;

ffmpeg::Resampler make_resampler(int from_hz, int to_hz) {
  ffmpeg::be_quiet();
  AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  SwrContext* raw = nullptr;
  int code = swr_alloc_set_opts2(&raw, &mono, AV_SAMPLE_FMT_FLT, to_hz, &mono, AV_SAMPLE_FMT_FLT,
                                 from_hz, /*log_offset=*/0, nullptr);
  ffmpeg::Resampler resampler(raw);
  if (code >= 0) {
    // All that shapes the result is set here, so that FFmpeg's changing defaults do not.
    av_opt_set_int(raw, "resampler", SWR_ENGINE_SWR, 0);
    av_opt_set_int(raw, "filter_type", SWR_FILTER_TYPE_KAISER, 0);
    av_opt_set_double(raw, "kaiser_beta", 9, 0);
    av_opt_set_int(raw, "filter_size", kFilterSize, 0);
    av_opt_set_int(raw, "phase_shift", 10, 0);
    av_opt_set_int(raw, "linear_interp", 1, 0);
    av_opt_set_int(raw, "exact_rational", 1, 0);
    av_opt_set_double(raw, "cutoff", 0.97, 0);
    code = swr_init(raw);
  }
  BRAID_CHECK(code >= 0, usage, "resample: {} to {} Hz: {}", from_hz, to_hz,
              ffmpeg::error_text(code));
  return resampler;
}

void convert_block(SwrContext* resampler, const float* in, int count, std::vector<float>* out) {
  const int room = swr_get_out_samples(resampler, count) + 64;
  const size_t at = out->size();
  out->resize(at + static_cast<size_t>(room));
  uint8_t* to = reinterpret_cast<uint8_t*>(out->data() + at);
  const uint8_t* from = reinterpret_cast<const uint8_t*>(in);
  const int got = swr_convert(resampler, &to, room, in == nullptr ? nullptr : &from, count);
  BRAID_CHECK(got >= 0, internal, "resample: {}", ffmpeg::error_text(got));
  out->resize(at + static_cast<size_t>(got));
}

void convert(SwrContext* resampler, const std::vector<float>& in, std::vector<float>* out) {
  constexpr size_t kBlock = 1 << 16;  // swr_convert counts in int
  for (size_t at = 0; at < in.size(); at += kBlock)
    convert_block(resampler, in.data() + at, static_cast<int>(std::min(kBlock, in.size() - at)),
                  out);
}

void drain(SwrContext* resampler, std::vector<float>* out) {
  convert_block(resampler, nullptr, 0, out);
}

}  // namespace

std::vector<float> resample(const std::vector<float>& samples, int from_hz, int to_hz) {
  for (int rate_hz : {from_hz, to_hz})
    BRAID_CHECK(rate_hz > 0 && rate_hz <= kMaxRateHz, usage,
                "resample: rate: expected 1 to {} Hz, got {}", kMaxRateHz, rate_hz);
  if (from_hz == to_hz || samples.empty()) return samples;
  const int64_t num_in = static_cast<int64_t>(samples.size());
  const int64_t num_out = (num_in * to_hz + from_hz - 1) / from_hz;  // ceil
  const ffmpeg::Resampler resampler = make_resampler(from_hz, to_hz);
  // Silence on both sides: swresample mirrors its input's first and last samples instead, and needs
  // more of them than a very short sound has. The leading silence is a whole number of periods of
  // the two rates, so that its end falls on an output sample.
  const int64_t divisor = std::gcd(from_hz, to_hz);
  const int64_t reach = kFilterSize * std::max<int64_t>(1, from_hz / to_hz + 1);
  const int64_t num_periods = (reach + from_hz / divisor - 1) / (from_hz / divisor);
  const int64_t lead_out = num_periods * (to_hz / divisor);
  std::vector<float> out;
  out.reserve(static_cast<size_t>(num_out + lead_out) + 1024);
  const std::vector<float> lead(static_cast<size_t>(num_periods * (from_hz / divisor)));
  const std::vector<float> tail(static_cast<size_t>(2 * reach));
  convert(resampler.get(), lead, &out);
  convert(resampler.get(), samples, &out);
  convert(resampler.get(), tail, &out);
  drain(resampler.get(), &out);
  BRAID_ASSERT(static_cast<int64_t>(out.size()) >= lead_out + num_out);
  out.erase(out.begin(), out.begin() + lead_out);
  out.resize(static_cast<size_t>(num_out));
  return out;
}

}  // namespace braid::formats
