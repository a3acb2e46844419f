#include "calibration/fault_gate.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "support/module_checks.h"

namespace braid::calibration {
namespace {

using checks::expect_error;

constexpr int64_t kRows = 400;

// Sound rows: what an encoder and the input's statistics could be.
std::vector<Tensor> sound(int64_t rows, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto options = at::TensorOptions().dtype(at::kDouble);
  const Tensor mixing = at::randn({8, 8}, at::detail::createCPUGenerator(99), options);
  return {at::randn({rows, 8}, generator, options).mm(mixing),
          at::randn({rows, 3}, generator, options)};
}

std::vector<int64_t> folds(int64_t rows) {
  std::vector<int64_t> made;
  for (int64_t i = 0; i < rows; ++i) made.push_back(i % 5);
  return made;
}

FittedGate fitted(double false_alarms, int64_t rows = kRows) {
  return fit_gate("sound", sound(rows, 1), std::vector<bool>(static_cast<size_t>(rows), true),
                  folds(rows), false_alarms);
}

double share(const std::vector<bool>& found) {
  return static_cast<double>(std::count(found.begin(), found.end(), true)) /
         static_cast<double>(found.size());
}

TEST(fault_gate, masks_as_many_sound_rows_as_allowed) {
  const FittedGate made = fitted(0.05);
  // 400 - ceil(401 * 0.95) of the rows it was fitted on lie above the threshold.
  EXPECT_EQ(std::count(made.faults.begin(), made.faults.end(), true), 400 - 381);
  // The threshold moves the share by sqrt(0.05 * 0.95 / 400) = 0.011, the rows by 0.0034.
  EXPECT_NEAR(share(faults(made.gate, sound(4000, 2))), 0.05, 4 * 0.0115);
}

TEST(fault_gate, finds_what_lies_far_in_either_view) {
  const ModalityGate gate = fitted(0.01).gate;
  std::vector<Tensor> encoded = sound(200, 3), input = sound(200, 4);
  encoded[0] = encoded[0] + 30;
  EXPECT_EQ(share(faults(gate, encoded)), 1);
  input[1].select(1, 2).add_(8);
  EXPECT_EQ(share(faults(gate, input)), 1);
  EXPECT_LT(share(faults(gate, sound(200, 3))), 0.05) << "the same rows untouched";
  input = sound(200, 4);
  input[1][7][0] = std::nan("");
  const std::vector<bool> found = faults(gate, input);
  EXPECT_TRUE(found[7]) << "what is no number is always a fault";
}

TEST(fault_gate, takes_enough_rows_to_rule_anything_out) {
  // 0.01 takes 99 rows.
  const FittedGate few = fitted(0.01, 98), enough = fitted(0.01, 99);
  EXPECT_TRUE(std::isinf(few.gate.threshold));
  EXPECT_FALSE(std::isinf(enough.gate.threshold));
  std::vector<Tensor> far = sound(3, 5);
  far[0].fill_(1e6);
  far[1][1][1] = std::nan("");
  EXPECT_EQ(faults(few.gate, far), (std::vector<bool>{false, true, false}));
  EXPECT_TRUE(fitted(0.01, 19).gate.views.empty());
  EXPECT_EQ(share(faults(fitted(0.01, 19).gate, far)), 0);
  const auto all = std::vector<bool>(kRows, true);
  EXPECT_TRUE(fit_gate("sound", sound(kRows, 1), all, std::vector<int64_t>(kRows, 0), 0.01)
                  .gate.views.empty())
      << "one fold has nobody else to be judged by";
  expect_error(ErrorKind::config, "false alarms: expected a share above 0 and below 1, got 1",
               [] { fitted(1); });
}

TEST(fault_gate, does_not_look_at_absent_rows) {
  std::vector<Tensor> views = sound(kRows, 1);
  std::vector<bool> present(kRows, true);
  for (size_t i = 0; i < 100; ++i) {
    present[i] = false;
    for (Tensor& view : views) view[static_cast<int64_t>(i)].fill_(1e9);
  }
  const FittedGate made = fit_gate("sound", views, present, folds(kRows), 0.05);
  EXPECT_EQ(made.gate.num_rows, 300);
  EXPECT_EQ(share({made.faults.begin(), made.faults.begin() + 100}), 0);
  EXPECT_NEAR(share(faults(made.gate, sound(2000, 2))), 0.05, 0.05);
}

// Two modalities of four rows as a gate meets them: vectors, one of them far off.
struct Met {
  std::vector<Input> inputs;
  std::vector<Encoded> encoded;
  FaultGate gate;
  Met() {
    for (const char* name : {"first", "second"}) {
      const Tensor rows = at::randn({120, 1, 4}, at::detail::createCPUGenerator(7));
      Input known;
      known.values = rows;
      known.mask = at::ones({120, 1}, at::kBool);
      gate.modalities.push_back(fit_gate(name, views_of(known, encode(known.values)),
                                         std::vector<bool>(120, true), folds(120), 0.01)
                                    .gate);
      Input input;
      input.values = rows.slice(0, 0, 4).clone();
      input.mask = at::ones({4, 1}, at::kBool);
      input.present = at::ones({4}, at::kBool);
      inputs.push_back(input);
    }
    inputs[1].values[2].fill_(50);
    inputs[0].values[3].fill_(50);
    inputs[0].present[3].fill_(false);
    for (const Input& input : inputs) {
      encoded.push_back(encode(input.values));
      encoded.back().present = input.present.clone();
    }
  }
  static Encoded encode(const Tensor& values) {
    return {values, at::ones({values.size(0), 1}, at::kBool), values.squeeze(1),
            at::ones({values.size(0)}, at::kBool)};
  }
};

TEST(fault_gate, masks_the_modality_at_fault_and_no_other) {
  Met met;
  const std::vector<Encoded> before = met.encoded;
  const auto masked = apply_gate(met.gate, met.inputs, &met.encoded);
  const std::vector<std::vector<bool>> expected = {
      {false, false}, {false, false}, {false, true}, {false, false}};
  EXPECT_EQ(masked, expected) << "what is absent is not masked";
  EXPECT_TRUE(met.encoded[0].present.equal(before[0].present));
  EXPECT_TRUE(met.encoded[1].present.equal(at::tensor({1, 1, 0, 1}).to(at::kBool)));
  EXPECT_TRUE(met.encoded[1].mask.equal(at::tensor({1, 1, 0, 1}).to(at::kBool).unsqueeze(1)));
  EXPECT_TRUE(before[1].present.all().item<bool>()) << "the encoder's own tensors are left alone";
  EXPECT_TRUE(apply_gate(FaultGate(), met.inputs, &met.encoded).empty());
}

TEST(fault_gate, says_which_modality_has_another_width) {
  Met met;
  met.encoded[1].pooled = at::zeros({4, 5});
  expect_error(ErrorKind::shape,
               "second: fault gate: view \"encoded\": expected 4 numbers, got 5; calibrate",
               [&] { apply_gate(met.gate, met.inputs, &met.encoded); });
}

}  // namespace
}  // namespace braid::calibration
