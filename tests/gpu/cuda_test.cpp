// Every registered encoder and fusion computes on a GPU what it computes on the CPU, values and
// gradients. Skipped where there is none.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "encoders/examples.h"
#include "support/fusion_cases.h"

namespace braid {
namespace {

using namespace checks;
using at::Tensor;

const c10::Device kGpu(c10::DeviceType::CUDA, 0);

class cuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device here";
  }
};

Tensor moved(const Tensor& x) { return x.defined() ? x.to(kGpu) : x; }

Encoded moved(Encoded e) {
  for (Tensor* part : {&e.tokens, &e.mask, &e.pooled, &e.present}) *part = moved(*part);
  for (Tensor& tap : e.taps) tap = moved(tap);
  return e;
}

Input moved(Input input) {
  for (Tensor* part :
       {&input.values, &input.ids, &input.mask, &input.observed, &input.present, &input.scale})
    *part = moved(*part);
  return input;
}

/// Within `tolerance` of the largest entry, or of 1.
void expect_close(const Tensor& on_cpu, const Tensor& on_gpu, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(on_cpu.defined(), on_gpu.defined()) << what;
  if (!on_cpu.defined()) return;
  EXPECT_TRUE(on_gpu.is_cuda()) << what;
  const double scale = on_cpu.numel() == 0 ? 1 : on_cpu.abs().max().item<double>();
  EXPECT_TRUE(close(on_cpu, on_gpu.cpu(), tolerance * std::max(1.0, scale))) << what;
}

/// Gradients of the same random direction of what each has computed.
void expect_same_gradients(const torch::nn::Module& on_cpu, const Tensor& cpu_output,
                           const torch::nn::Module& on_gpu, const Tensor& gpu_output,
                           double tolerance) {
  const Tensor direction = at::randn_like(cpu_output);
  (cpu_output * direction).sum().backward();
  (gpu_output * moved(direction)).sum().backward();
  const auto given = on_gpu.named_parameters();
  for (const auto& item : on_cpu.named_parameters())
    expect_close(item.value().grad(), given[item.key()].grad(), tolerance,
                 "gradient of " + item.key());
}

void expect_same_fusion(const Case& one, at::ScalarType type, double tolerance) {
  const auto on_cpu = one.make_uneven(), on_gpu = one.make_uneven();
  on_cpu->to(type);
  on_gpu->to(type);
  on_gpu->to(kGpu);
  const std::vector<Encoded> batch = one.long_batch(type);
  std::vector<Encoded> gpu_batch;
  for (const Encoded& e : batch) gpu_batch.push_back(moved(e));
  const Fused expected = on_cpu->forward(batch), given = on_gpu->forward(gpu_batch);
  expect_close(expected.output, given.output, tolerance, "output");
  expect_close(expected.per_modality, given.per_modality, tolerance, "per_modality");
  expect_close(expected.weights, given.weights, tolerance, "weights");
  if (type != at::kDouble) return;  // in float32 a steep function makes its rounding large
  // The output alone: objectives of training draw random numbers, which differ between devices.
  expect_same_gradients(*on_cpu, expected.output, *on_gpu, given.output, tolerance);
}

TEST_F(cuda, fusions_compute_what_they_compute_on_the_cpu) {
  for_each(largest_cases(), [](const Case& one) {
    expect_same_fusion(one, at::kDouble, 1e-9);
    expect_same_fusion(one, at::kFloat, 1e-4);
  });
}

void expect_same_encoder(const encoders::Method& method, data::Kind kind, at::ScalarType type,
                         double tolerance) {
  using namespace encoders;
  const data::ModalitySpec spec = examples::spec(kind);
  const auto on_cpu = examples::made(method.name, Json::object(), spec, type),
             on_gpu = examples::made(method.name, Json::object(), spec, type);
  on_gpu->to(kGpu);
  const Input input = examples::batch(spec, /*rows=*/5, /*seed=*/1, type);
  const Encoded expected = on_cpu->forward(input), given = on_gpu->forward(moved(input));
  expect_close(expected.tokens, given.tokens, tolerance, "tokens");
  expect_close(expected.pooled, given.pooled, tolerance, "pooled");
  EXPECT_TRUE(expected.mask.equal(given.mask.cpu()));
  if (type != at::kDouble || on_cpu->parameters().empty()) return;
  expect_same_gradients(*on_cpu, expected.pooled, *on_gpu, given.pooled, tolerance);
}

TEST_F(cuda, encoders_compute_what_they_compute_on_the_cpu) {
  for (const encoders::Method* method : encoders::methods())
    for (const data::Kind kind : encoders::examples::kinds()) {
      if (!method->reads(kind)) continue;
      SCOPED_TRACE(fmt::format("{} on {}", method->name, data::to_string(kind)));
      expect_same_encoder(*method, kind, at::kDouble, 1e-9);
      expect_same_encoder(*method, kind, at::kFloat, 1e-4);
    }
}

}  // namespace
}  // namespace braid
