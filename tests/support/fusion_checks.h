// Contexts, batches and parameters for tests of fusions.
#pragma once
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "fusion/fusion.h"
#include "ops/random.h"
#include "support/module_checks.h"

namespace braid::checks {

/// As 2-D rows of numbers: matrix({{1, 2}, {3, 4}}) is [2, 2].
inline Tensor matrix(const std::vector<std::vector<double>>& rows) {
  std::vector<Tensor> stacked;
  for (const auto& row : rows) stacked.push_back(torch::tensor(row, torch::kFloat));
  return at::stack(stacked);
}

/// Booleans of `rows`; bools({{1, 0}}) is [1, 2].
inline Tensor bools(const std::vector<std::vector<double>>& rows) {
  return matrix(rows).to(at::kBool);
}

/// A [B, M, O] tensor from its [M, O] rows.
inline Tensor stacked(const std::vector<Tensor>& rows) { return at::stack(rows); }

/// An encoder's result of one token per sample, which is the pooled vector itself.
inline Encoded one_token(const Tensor& pooled, const std::vector<double>& present) {
  Encoded e;
  e.pooled = pooled;
  e.tokens = pooled.unsqueeze(1);
  e.present = torch::tensor(present).to(at::kBool);
  e.mask = e.present.unsqueeze(1);
  return e;
}

/// Makes a registered fusion with seeded parameters, in evaluation mode.
inline std::shared_ptr<fusion::Fusion> make_fusion(const std::string& name, const Json& config,
                                                   const fusion::Context& context,
                                                   uint64_t seed = 1) {
  ops::InitScope init(seed);
  std::shared_ptr<fusion::Fusion> fusion = fusion::find(name).make(config, "model.fusion", context);
  fusion->eval();
  return fusion;
}

inline void set_parameter(torch::nn::Module& module, const std::string& name, const Tensor& value) {
  torch::NoGradGuard no_grad;
  auto parameters = module.named_parameters();
  Tensor* parameter = parameters.find(name);
  ASSERT_NE(parameter, nullptr) << name
                                << " is not among: " << testing::PrintToString(parameters.keys());
  ASSERT_EQ(parameter->sizes(), value.sizes()) << name;
  parameter->copy_(value);
}

/// Random tokens and pooled vectors with `lengths[m]` tokens at most; row b of modality m has 1 to
/// lengths[m] real ones; taps where the context has them. `present` is [B, M]. Zeros in masked and
/// absent places.
inline std::vector<Encoded> random_batch(const fusion::Context& context,
                                         const std::vector<int64_t>& lengths, const Tensor& present,
                                         uint64_t seed, at::ScalarType type = at::kFloat) {
  auto generator = at::detail::createCPUGenerator(seed);
  auto tap_generator = at::detail::createCPUGenerator(seed + 1);
  const int64_t B = present.size(0);
  std::vector<Encoded> batch;
  for (size_t m = 0; m < context.widths.size(); ++m) {
    const int64_t T = lengths[m], D = context.widths[m], index = static_cast<int64_t>(m);
    Encoded e;
    e.present = present.select(/*dim=*/1, index);
    const Tensor real = at::arange(B).add(index).remainder(T).add(1);  // [B]
    e.mask = at::arange(T).unsqueeze(0).lt(real.unsqueeze(1)).logical_and(e.present.unsqueeze(1));
    e.tokens = keep_where(e.mask, at::randn({B, T, D}, generator, at::dtype(type)));  // [B, T, D]
    e.pooled = keep_where(e.present, at::randn({B, D}, generator, at::dtype(type)));  // [B, D]
    if (!context.tap_widths.empty())
      for (int64_t width : context.tap_widths[m])
        e.taps.push_back(
            keep_where(e.present, at::randn({B, width}, tap_generator, at::dtype(type))));
    batch.push_back(e);
  }
  return batch;
}

/// Two modalities "a" and "b" of these widths, values as target: outputs are what a classifier
/// gives.
inline fusion::Context two_of(int64_t a, int64_t b, int64_t num_outputs) {
  return {{"a", "b"}, {a, b}, num_outputs, Activation::identity};
}

/// Makes "classifier.0", the only layer of a fusion with hidden = [], hand on the joined vector.
inline void pass_joined_vector(torch::nn::Module& fusion, int64_t width) {
  set_parameter(fusion, "classifier.0.weight", torch::eye(width));
  set_parameter(fusion, "classifier.0.bias", torch::zeros({width}));
}

inline void zero_parameters(torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  for (Tensor& parameter : module.parameters()) parameter.zero_();
}

/// That a fusion of several modalities refuses a single one.
inline void refuses_one_modality(const std::string& name) {
  expect_error(ErrorKind::config,
               "model.fusion: expected at least two modalities, got a; use 'single'", [&] {
                 make_fusion(name, Json::object(), {{"a"}, {2}, 1, Activation::identity});
               });
}

/// The rows [begin, end) of a batch.
inline std::vector<Encoded> rows_of(const std::vector<Encoded>& batch, int64_t begin, int64_t end) {
  std::vector<Encoded> part;
  const auto rows = [&](const Tensor& x) { return x.slice(/*dim=*/0, begin, end); };
  for (const Encoded& e : batch) {
    part.push_back({rows(e.tokens), rows(e.mask), rows(e.pooled), rows(e.present)});
    for (const Tensor& tap : e.taps) part.back().taps.push_back(rows(tap));
  }
  return part;
}

}  // namespace braid::checks
