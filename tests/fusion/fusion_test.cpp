#include "fusion/fusion.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"text", "image"}, {2, 3}, 2, Activation::softmax};

TEST(fusion, names_are_kept_where_they_fit) {
  EXPECT_EQ(module_names({"text", "image"}), (std::vector<std::string>{"text", "image"}));
}

TEST(fusion, dots_become_underscores) {
  EXPECT_EQ(module_names({"wrist.left", "a.b.c"}),
            (std::vector<std::string>{"wrist_left", "a_b_c"}));
}

TEST(fusion, clashing_names_get_a_number) {
  EXPECT_EQ(module_names({"a.b", "a_b", "a_b_2"}),
            (std::vector<std::string>{"a_b", "a_b_2", "a_b_2_2"}));
}

TEST(fusion, an_empty_name_still_names_a_module) {
  EXPECT_EQ(module_names({"", "."}), (std::vector<std::string>{"_", "__2"}));
}

TEST(fusion, every_method_makes_modules_of_awkward_names) {
  const Context context = {{"missing", "a.b", "a_b", ""}, {2, 2, 2, 2}, 2, Activation::softmax};
  for (const Method* method : methods()) {
    SCOPED_TRACE(method->name);
    if (method->family == Family::single) continue;
    const auto fusion = make_fusion(method->name, Json::object(), context);
    const std::vector<std::string> keys = fusion->named_parameters().keys();
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  }
}

TEST(fusion, unknown_method_names_the_nearest) {
  expect_error(ErrorKind::config, "unknown fusion method 'concta'; did you mean 'concat'?",
               [] { find("concta"); });
}

TEST(fusion, families_have_names) {
  EXPECT_STREQ(to_string(Family::single), "single");
  EXPECT_STREQ(to_string(Family::linear), "linear");
  EXPECT_STREQ(to_string(Family::early), "early");
  EXPECT_STREQ(to_string(Family::late), "late");
  EXPECT_STREQ(to_string(Family::hybrid), "hybrid");
}

/// Hands its cleaned input out.
class Probe : public Fusion {
 public:
  explicit Probe(const Context& context) : Fusion(context) {}
  std::vector<Encoded> seen;

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    seen = encoded;
    return {};
  }
};

TEST(fusion, cleans_masked_and_absent_places) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Encoded e;
  e.tokens = torch::tensor({{{1.0f}, {nan}}, {{nan}, {7.0f}}});
  e.mask = bools({{1, 0}, {1, 1}});
  e.pooled = torch::tensor({{5.0f}, {nan}});
  e.present = torch::tensor({true, false});
  Probe probe({{"x"}, {1}, 1, Activation::identity});
  probe.forward({e});
  EXPECT_TRUE(same_bits(probe.seen[0].tokens, torch::tensor({{{1.0f}, {0.0f}}, {{0.0f}, {0.0f}}})));
  EXPECT_TRUE(same_bits(probe.seen[0].mask, bools({{1, 0}, {0, 0}})));
  EXPECT_TRUE(same_bits(probe.seen[0].pooled, torch::tensor({{5.0f}, {0.0f}})));
}

class TapProbe : public Probe {
 public:
  using Probe::Probe;
  bool reads_taps() const override { return true; }
};

TEST(fusion, taps_are_cleaned_for_those_that_read_them) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Encoded e = one_token(matrix({{1}, {2}}), {1, 0});
  e.taps = {torch::tensor({{3.0f, 4.0f}, {nan, 5.0f}}), torch::tensor({{6.0f}, {nan}})};
  const Context context = {{"x"}, {1}, 1, Activation::identity, {{2, 1}}};
  TapProbe probe(context);
  probe.forward({e});
  ASSERT_EQ(probe.seen[0].taps.size(), 2u);
  EXPECT_TRUE(same_bits(probe.seen[0].taps[0], matrix({{3, 4}, {0, 0}})));
  EXPECT_TRUE(same_bits(probe.seen[0].taps[1], matrix({{6}, {0}})));
  Probe other(context);
  other.forward({e});
  EXPECT_TRUE(other.seen[0].taps.empty());
}

TEST(fusion, taps_have_the_numbers_and_widths_of_the_context) {
  Encoded e = one_token(matrix({{1}}), {1});
  TapProbe probe({{"x"}, {1}, 1, Activation::identity, {{2}}});
  expect_error(ErrorKind::shape,
               "fusion: x: taps: expected 1 (one per stage before the last), got 0; use",
               [&] { probe.forward({e}); });
  e.taps = {matrix({{1, 2, 3}})};
  expect_error(ErrorKind::shape, "fusion: x: taps: expected [1, 2], got [1, 3]; use",
               [&] { probe.forward({e}); });
  // A context that names none has none.
  TapProbe without({{"x"}, {1}, 1, Activation::identity});
  expect_error(ErrorKind::shape, "fusion: x: taps: expected 0 (one per stage",
               [&] { without.forward({e}); });
}

TEST(fusion, wrong_number_of_modalities) {
  Probe probe(kTwo);
  expect_error(ErrorKind::shape, "fusion: expected 2 modalities, got 0",
               [&] { probe.forward({}); });
  expect_error(ErrorKind::shape, "fusion: expected 2 modalities, got 1", [&] {
    probe.forward({one_token(matrix({{1, 2}}), {1})});
  });
}

TEST(fusion, no_modality_at_all) {
  Probe probe({{}, {}, 1, Activation::identity});
  expect_error(ErrorKind::shape, "expected 0 modalities, got 0", [&] { probe.forward({}); });
}

TEST(fusion, batches_of_different_sizes) {
  Probe probe(kTwo);
  expect_error(ErrorKind::shape, "fusion: image: present: expected [1], got [2]", [&] {
    probe.forward(
        {one_token(matrix({{1, 2}}), {1}), one_token(matrix({{1, 2, 3}, {4, 5, 6}}), {1, 1})});
  });
}

TEST(fusion, a_sequence_of_no_tokens) {
  Encoded e = one_token(matrix({{1, 2}}), {1});
  e.tokens = at::zeros({1, 0, 2});
  e.mask = at::zeros({1, 0}, at::kBool);
  Probe probe({{"x"}, {2}, 1, Activation::identity});
  expect_error(ErrorKind::shape, "fusion: x: tokens: expected [1, T >= 1, 2], got [1, 0, 2]",
               [&] { probe.forward({e}); });
}

TEST(fusion, masks_and_presence_are_booleans) {
  Probe probe({{"x"}, {2}, 1, Activation::identity});
  Encoded floats = one_token(matrix({{1, 2}}), {1});
  floats.mask = at::ones({1, 1});
  expect_error(ErrorKind::shape, "fusion: x: mask: expected booleans, got Float; convert it",
               [&] { probe.forward({floats}); });
  Encoded numbers = one_token(matrix({{1, 2}}), {1});
  numbers.present = at::ones({1}, at::kLong);
  expect_error(ErrorKind::shape, "fusion: x: present: expected booleans, got Long; convert it",
               [&] { probe.forward({numbers}); });
}

TEST(fusion, only_late_fusions_combine) {
  Probe probe(kTwo);
  EXPECT_TRUE(probe.decision_parameters().empty());
  expect_error(ErrorKind::internal, "no late combination", [&] {
    probe.combine(at::zeros({1, 2, 2}), bools({{1, 1}}));
  });
}

}  // namespace
}  // namespace braid::fusion
