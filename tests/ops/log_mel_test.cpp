#include "ops/log_mel.h"

#include <cmath>

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

// Window 25 (12 before, 13 after), hop 10, FFT 32.
data::LogMel small_mel() {
  data::LogMelConfig config;
  config.rate_hz = 1000;
  config.num_mels = 6;
  config.low_hz = 0;
  return data::LogMel(config);
}

// From 14 samples on borders are mirrored.
constexpr int64_t kLengths[] = {1, 2, 12, 13, 14, 25, 26, 99, 1000};

TEST(log_mel, is_the_data_preparations_bit_for_bit) {
  torch::manual_seed(1);
  const data::LogMel mel = small_mel();
  for (int64_t length : kLengths)
    for (bool needs_gradient : {false, true}) {
      const Tensor waves = at::randn({3, length});
      const Tensor got = log_mel(waves.clone().requires_grad_(needs_gradient), mel).detach();
      EXPECT_EQ(checks::shape_of(got), fmt::format("[3, {}, 6]", mel.num_frames(length)));
      for (int64_t b = 0; b < 3; ++b) {
        const float* wave = waves[b].data_ptr<float>();
        int64_t num_frames = 0;
        const std::vector<float> expected =
            mel(std::vector<float>(wave, wave + length), &num_frames);
        EXPECT_TRUE(checks::same_bits(got[b].flatten(), at::tensor(expected)));
      }
    }
}

TEST(log_mel, fast_equals_slow_for_every_length) {
  torch::manual_seed(2);
  const data::LogMel mel = small_mel();
  for (int64_t length : kLengths) {
    SCOPED_TRACE(length);
    checks::same_values_and_gradients(
        [&](const Outputs& v) { return Outputs{log_mel(v[0], mel)}; },
        [&](const Outputs& v) { return Outputs{log_mel_reference(v[0], mel)}; },
        {at::randn({4, length})}, /*tolerance=*/1e-4);
  }
}

// In double, along a random direction and at single samples, the borders among them.
TEST(log_mel, gradients_are_finite_differences) {
  torch::manual_seed(3);
  const data::LogMel mel = small_mel();
  for (int64_t length : {5, 13, 14, 64}) {
    const Tensor waves = at::randn({2, length}, at::kDouble).requires_grad_(true);
    const auto loss = [&mel](const Tensor& x) { return checks::project(log_mel(x, mel), 3); };
    loss(waves).backward();
    const torch::NoGradGuard no_grad;
    std::vector<Tensor> directions = {at::randn_like(waves)};
    for (int64_t at : {int64_t{0}, int64_t{1}, length / 2, length - 1}) {
      directions.push_back(at::zeros_like(waves));
      directions.back()[1][at] = 1;
    }
    for (const Tensor& direction : directions) {
      const Tensor step = 1e-6 * direction;
      const double expected = (loss(waves + step) - loss(waves - step)).item<double>() / 2e-6;
      const double got = (waves.grad() * direction).sum().item<double>();
      EXPECT_NEAR(got, expected, 1e-5 * std::max(1.0, std::abs(expected))) << length;
    }
  }
}

TEST(log_mel, silence_is_the_floor_and_has_no_gradient) {
  for (const std::string& name : kernel_names()) {
    const checks::WithKernels kernels(name);
    const Tensor waves = at::zeros({1, 50}).requires_grad_(true);
    const Tensor got = log_mel(waves, small_mel());
    EXPECT_TRUE(checks::close(got, at::full_like(got, std::log(1e-10)), 1e-5));
    got.sum().backward();
    EXPECT_TRUE(checks::same_bits(waves.grad(), at::zeros({1, 50})));
  }
}

TEST(log_mel, a_broken_row_leaves_the_others_alone) {
  torch::manual_seed(4);
  Tensor waves = at::randn({2, 60});
  const data::LogMel mel = small_mel();
  for (const std::string& name : kernel_names()) {
    const checks::WithKernels kernels(name);
    const Tensor before = log_mel(waves, mel);
    Tensor broken = waves.clone();
    broken[0].fill_(std::nanf(""));
    broken.requires_grad_(true);
    const Tensor after = log_mel(broken, mel);
    EXPECT_TRUE(checks::same_bits(after[1], before[1]));
    EXPECT_TRUE(at::isnan(after[0]).all().item<bool>());
    checks::project(after[1], 2).backward();
    checks::expect_finite(broken.grad()[1]);
  }
}

TEST(log_mel, names_the_shape_it_expects) {
  for (const Tensor& waves : {at::zeros({2, 0}), at::zeros({0, 2}), at::zeros({5})})
    checks::expect_error(ErrorKind::shape, "log_mel: waves: expected [B >= 1, N >= 1], got [",
                         [&] { log_mel(waves, small_mel()); });
}

}  // namespace
}  // namespace braid::ops
