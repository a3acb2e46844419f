#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

// One row with values (2, missing, -1) and categories (3, 0).
Input row() {
  Input input;
  input.values = at::tensor({2.0f, 0.0f, -1.0f}).view({1, 3});
  input.observed = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3});
  input.ids = at::tensor({3, 0}, at::kLong).view({1, 2});
  input.present = all_true({1});
  return input;
}

TEST(tabular_mlp, tokens_by_hand) {
  auto encoder = made("tabular_mlp", {{"width", 1}, {"category_width", 1}}, spec(Kind::tabular));
  set(*encoder, "value_weight", at::tensor({10.0}));
  set(*encoder, "observed_weight", at::tensor({3.0}));
  set(*encoder, "bias", at::tensor({0.5}));
  set(*encoder, "categories.0.weight", at::arange(4, at::kFloat).unsqueeze(1));
  set(*encoder, "categories.1.weight", at::tensor({7.0}));
  for (const char* name : {"category_tokens.0.", "category_tokens.1."}) {
    set(*encoder, std::string(name) + "weight", at::tensor({2.0}));
    set(*encoder, std::string(name) + "bias", at::tensor({1.0}));
  }
  // 10 * 2 + 3 + 0.5; missing: 0.5; 10 * -1 + 3 + 0.5; 2 * 3 + 1; 2 * 7 + 1.
  EXPECT_TRUE(
      close(encoder->forward(row()).tokens.flatten(), at::tensor({23.5, 0.5, -6.5, 7.0, 15.0})));
}

TEST(tabular_mlp, pooled_by_hand) {
  auto encoder =
      made("tabular_mlp", {{"width", 1}, {"category_width", 1}, {"hidden", Json::array()}},
           spec(Kind::tabular));
  set(*encoder, "categories.0.weight", at::arange(4, at::kFloat).unsqueeze(1));
  set(*encoder, "categories.1.weight", at::tensor({7.0}));
  // Inputs: values (2, 0, -1), observed (1, 0, 1), category vectors 3 and 7.
  set(*encoder, "mlp.0.weight", at::tensor({1.0, 1.0, 1.0, 10.0, 20.0, 30.0, 100.0, 1000.0}));
  set(*encoder, "mlp.0.bias", at::tensor({0.25}));
  EXPECT_FLOAT_EQ(encoder->forward(row()).pooled.item<float>(), 1 + 40 + 300 + 7000 + 0.25f);
}

TEST(tabular_mlp, missing_is_not_the_mean_and_unknown_is_not_missing) {
  auto encoder = made("tabular_mlp", Json::object(), spec(Kind::tabular));
  const Tensor before = encoder->forward(row()).pooled;
  Input observed_zero = row();
  observed_zero.observed.fill_(true);
  EXPECT_FALSE(close(encoder->forward(observed_zero).pooled, before));
  Input unknown = row();
  unknown.ids[0][1] = 1;
  EXPECT_FALSE(close(encoder->forward(unknown).pooled, before));
}

TEST(tabular_mlp, works_with_numbers_or_categories_alone) {
  ModalitySpec numbers = spec(Kind::tabular), categories = spec(Kind::tabular);
  numbers.categories.clear();
  categories.features = 0;
  Input input = row();
  input.ids = Tensor();
  EXPECT_EQ(made("tabular_mlp", Json::object(), numbers)->forward(input).tokens.size(1), 3);
  input = row();
  input.values = input.observed = Tensor();
  EXPECT_EQ(made("tabular_mlp", Json::object(), categories)->forward(input).tokens.size(1), 2);
  categories.categories.clear();
  expect_error(ErrorKind::config, "expected at least one field, got none",
               [&] { made("tabular_mlp", Json::object(), categories); });
}

TEST(tabular_mlp, a_tap_by_hand) {
  auto encoder = made("tabular_mlp", {{"width", 1}, {"category_width", 1}, {"hidden", {2, 1}}},
                      spec(Kind::tabular));
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{2, 1}));
  set(*encoder, "categories.0.weight", at::arange(4, at::kFloat).unsqueeze(1));
  set(*encoder, "categories.1.weight", at::tensor({7.0}));
  // Inputs: values (2, 0, -1), observed (1, 0, 1), category vectors 3 and 7.
  const Tensor first = at::tensor({1.0, 1.0, 1.0, 10.0, 20.0, 30.0, 100.0, 1000.0});
  set(*encoder, "mlp.0.weight", at::stack({first, -first}));
  set(*encoder, "mlp.0.bias", at::tensor({0.25, 0.25}));
  set(*encoder, "mlp.2.weight", at::tensor({0.5, 1.0}).view({1, 2}));
  set(*encoder, "mlp.2.bias", at::tensor({-670.0}));
  const Encoded out = encoder->forward(row());
  ASSERT_EQ(out.taps.size(), 2u);
  // 1 + 40 + 300 + 7000 + 1/4 and relu of its negative; half of it less 670.
  EXPECT_TRUE(close(out.taps[0].flatten(), at::tensor({7341.25, 0.0}), 1e-3));
  EXPECT_TRUE(close(out.taps[1].flatten(), at::tensor({3000.625}), 1e-3));
}

}  // namespace
}  // namespace braid::encoders
