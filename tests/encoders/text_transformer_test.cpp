#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(text_transformer, without_its_branches_is_the_normalised_sum_of_word_and_place) {
  auto encoder =
      made("text_transformer", {{"width", 2}, {"heads", 1}, {"layers", 1}}, spec(Kind::text));
  for (const char* name :
       {"attention.out.weight", "attention.out.bias", "mlp.2.weight", "mlp.2.bias"})
    set(*encoder, std::string("blocks.blocks.0.") + name, at::zeros({1}));
  set(*encoder, "embedding.weight", at::tensor({3.0, 0.0}));  // every word
  Input input;
  input.ids = at::tensor({4}, at::kLong).view({1, 1});
  input.mask = all_true({1, 1});
  input.present = all_true({1});
  // Place 0 adds (sin 0, cos 0) = (0, 1): (3, 1), mean 2, deviation 1 -> (1, -1).
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(close(out.tokens.flatten(), at::tensor({1.0, -1.0}), 1e-4));
  EXPECT_TRUE(close(out.pooled, out.tokens.select(/*dim=*/1, 0)));
}

TEST(text_transformer, knows_the_order_of_words) {
  auto encoder = made("text_transformer", Json::object(), spec(Kind::text));
  Input input = row_of(batch(spec(Kind::text), 1), 0);
  input.ids = at::tensor({1, 2, 3, 4, 5, 6}, at::kLong).view({1, 6});
  const Tensor forward = encoder->forward(input).pooled;
  input.ids = input.ids.flip(1);
  EXPECT_GT((encoder->forward(input).pooled - forward).abs().max().item<double>(), 1e-3);
}

TEST(text_transformer, heads_that_do_not_divide_the_width_are_an_error) {
  expect_error(ErrorKind::config,
               "encoders.example: width: expected a multiple of heads (4), got 66", [] {
                 made("text_transformer", {{"width", 66}}, spec(Kind::text));
               });
}

TEST(text_transformer, a_tap_is_the_mean_after_a_block) {
  auto encoder = made("text_transformer", {{"width", 8}, {"heads", 2}}, spec(Kind::text));
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{8}));
  const Input input = batch(spec(Kind::text), 3);
  const Tensor x = at::embedding(encoder->named_parameters()["embedding.weight"], input.ids);
  const Tensor placed = x + layers::sinusoid(x.size(1), 8, x);
  EXPECT_TRUE(
      close(encoder->forward(input).taps[0], mean_after_first_block(*encoder, placed, input.mask)));
}

}  // namespace
}  // namespace braid::encoders
