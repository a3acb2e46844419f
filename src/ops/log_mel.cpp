#include "ops/log_mel.h"

#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/side_by_side.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the definition needs beside the waves.
struct Parts {
  Tensor window;  // (W)
  Tensor bands;   // (F, bins)
  int64_t hop, fft_size;
};

Parts parts_of(const data::LogMel& spectrogram) {
  const std::vector<double> bands = spectrogram.bands();
  const int64_t bins = spectrogram.fft_size() / 2 + 1;
  return {at::tensor(spectrogram.window(), at::kFloat),
          at::tensor(bands, at::kDouble).view({-1, bins}), spectrogram.hop_samples(),
          spectrogram.fft_size()};
}

// Borders are mirrored where the wave is longer than what lies beyond its end, or zeros.
Tensor framed(const Tensor& waves, int64_t window, int64_t hop) {
  const int64_t before = window / 2, after = window - before;
  const Tensor padded = waves.size(1) > after ? at::reflection_pad1d(waves, {before, after})
                                              : at::constant_pad_nd(waves, {before, after});
  return padded.unfold(/*dimension=*/1, window, hop);  // [B, T, W]
}

Tensor compute(const Tensor& waves, const Parts& parts) {
  const Tensor frames =
      framed(waves, parts.window.size(0), parts.hop) * parts.window.to(waves.options());
  const Tensor spectrum = at::view_as_real(at::fft_rfft(frames, parts.fft_size));
  const Tensor power = spectrum.square().sum(/*dim=*/-1);                      // [B, T, bins]
  const Tensor sums = at::matmul(power, parts.bands.to(waves.options()).t());  // [B, T, F]
  return sums.clamp_min(data::LogMel::kFloor).log();
}

Tensor run(const Tensor& waves, const data::LogMel& spectrogram) {
  const int64_t B = waves.size(0), N = waves.size(1);
  const int64_t size = spectrogram.num_frames(N) * spectrogram.num_mels();  // of a row
  Tensor out = at::empty({B, spectrogram.num_frames(N), spectrogram.num_mels()}, waves.options());
  const float* from = waves.data_ptr<float>();
  float* to = out.data_ptr<float>();
  std::vector<int64_t> rows(static_cast<size_t>(B));
  std::iota(rows.begin(), rows.end(), 0);
  side_by_side(rows, [&](int64_t b) {
    int64_t num_frames = 0;
    const std::vector<float> made =
        spectrogram(std::vector<float>(from + b * N, from + (b + 1) * N), &num_frames);
    std::copy(made.begin(), made.end(), to + b * size);
  });
  return out;
}

class LogMelFunction : public torch::autograd::Function<LogMelFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& waves,
                        const data::LogMel* spectrogram) {
    const Parts parts = parts_of(*spectrogram);
    context->save_for_backward({waves, parts.window, parts.bands});
    context->saved_data["hop"] = parts.hop;
    context->saved_data["fft_size"] = parts.fft_size;
    return run(waves, *spectrogram);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // first derivatives only, as with kernels
    const auto saved = context->get_saved_variables();
    const Parts parts{saved[1], saved[2], context->saved_data["hop"].toInt(),
                      context->saved_data["fft_size"].toInt()};
    const at::AutoGradMode with_gradients(true);
    const Tensor waves = saved[0].detach().requires_grad_(true);
    return {torch::autograd::grad({compute(waves, parts)}, {waves}, {grads[0]})[0], Tensor()};
  }
};

void check(const Tensor& waves) {
  BRAID_CHECK(waves.dim() == 2 && waves.numel() > 0, shape,
              "log_mel: waves: expected [B >= 1, N >= 1], got [{}]; pass one mono wave per row",
              fmt::join(waves.sizes(), ", "));
}

}  // namespace

Tensor log_mel_reference(const Tensor& waves, const data::LogMel& spectrogram) {
  check(waves);
  return compute(waves, parts_of(spectrogram));
}

Tensor log_mel(const Tensor& waves, const data::LogMel& spectrogram) {
  check(waves);
  if (!has_kernels_for(waves)) return log_mel_reference(waves, spectrogram);
  if (at::GradMode::is_enabled() && waves.requires_grad())
    return LogMelFunction::apply(waves.contiguous(), &spectrogram);
  return run(waves.contiguous(), spectrogram);
}

}  // namespace braid::ops
