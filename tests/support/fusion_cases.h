// Every registered fusion with every kind of target and one to three modalities, for laws that hold
// for all of them.
#pragma once
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "support/fusion_checks.h"

namespace braid::checks {

/// Most tokens per modality.
inline const std::vector<int64_t> kLengths = {4, 1, 6};

inline fusion::Context context_of(size_t num_modalities, Activation activation) {
  fusion::Context context = {{"text", "image", "wrist.left"}, {5, 7, 3}, 0, activation};
  context.modalities.resize(num_modalities);
  context.widths.resize(num_modalities);
  context.tap_widths = {{4, 6}, {}, {2}};  // encoders of three stages, of one and of two
  context.tap_widths.resize(num_modalities);
  context.num_outputs = activation == Activation::softmax   ? 3
                        : activation == Activation::sigmoid ? 2
                                                            : 1;
  return context;
}

struct Case {
  const fusion::Method* method;
  fusion::Context context;
  std::shared_ptr<fusion::Fusion> make(uint64_t seed = 1, Json config = Json::object()) const {
    return make_fusion(method->name, config, context, seed);
  }
  /// All subsets of the modalities, one per row: row 0 lacks everything, the last row nothing.
  Tensor subsets() const {
    const int64_t M = static_cast<int64_t>(context.widths.size());
    const Tensor row = at::arange(int64_t{1} << M).unsqueeze(1);  // [2^M, 1]
    return row.bitwise_right_shift(at::arange(M)).bitwise_and(1).to(at::kBool);
  }
  std::vector<Encoded> batch(at::ScalarType type = at::kFloat,
                             const std::vector<int64_t>& lengths = kLengths) const {
    return random_batch(context, lengths, subsets(), /*seed=*/11, type);
  }
  /// For gradients: attention over a single key has none, nor do the two sides of a tie agree on
  /// one, so here are several tokens each, and parameters away from their even start.
  std::vector<Encoded> long_batch(at::ScalarType type = at::kFloat) const {
    return batch(type, {4, 3, 6});
  }
  std::shared_ptr<fusion::Fusion> make_uneven() const {
    const std::shared_ptr<fusion::Fusion> fusion = make();
    auto generator = at::detail::createCPUGenerator(/*seed=*/31);
    torch::NoGradGuard no_grad;
    for (Tensor& parameter : fusion->parameters())
      parameter.add_(at::randn(parameter.sizes(), generator), 0.1);
    return fusion;
  }
};

/// Every method, kind of target it supports and number of modalities it accepts.
inline std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const fusion::Method* method : fusion::methods()) {
    const size_t before = cases.size();
    for (const Activation activation :
         {Activation::softmax, Activation::sigmoid, Activation::identity}) {
      if (!method->supports(activation)) continue;
      for (size_t M = 1; M <= 3; ++M) {
        const Case one = {method, context_of(M, activation)};
        try {
          one.make();
          cases.push_back(one);
        } catch (const Error& e) {
          EXPECT_EQ(e.kind(), ErrorKind::config) << e.what();
        }
      }
    }
    EXPECT_GT(cases.size(), before) << method->name << " accepts nothing";
  }
  return cases;
}

/// Of the cases of one method and target, those with most modalities: a softmax over one weight has
/// no gradient.
inline std::vector<Case> largest_cases() {
  std::vector<Case> largest;
  for (const Case& one : all_cases()) {
    const bool is_larger = !largest.empty() && largest.back().method == one.method &&
                           largest.back().context.activation == one.context.activation;
    if (is_larger)
      largest.back() = one;
    else
      largest.push_back(one);
  }
  return largest;
}

inline std::string name_of(const Case& one) {
  static const char* const kTargets[] = {"classes", "labels", "values"};
  return fmt::format("{}, {}, {} modalities", one.method->name,
                     kTargets[static_cast<int>(one.context.activation)], one.context.widths.size());
}

template <class F>
void for_each(const std::vector<Case>& cases, F law) {
  for (const Case& one : cases) {
    SCOPED_TRACE(name_of(one));
    try {
      law(one);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
  }
}

}  // namespace braid::checks
