// Multiply-adds are those of the formulas, whichever way an operation takes.
#include "ops/work.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "ops/attention.h"
#include "ops/kernels.h"
#include "ops/linear.h"

namespace braid::ops {
namespace {

template <class Body>
int64_t work_of(const Body& body) {
  const WorkScope scope;
  body();
  return scope.work().multiply_adds;
}

TEST(work, libtorchs_products_and_convolutions) {
  const at::Tensor a = at::ones({3, 5}), b = at::ones({5, 7});
  EXPECT_EQ(work_of([&] { at::mm(a, b); }), 3 * 5 * 7);
  EXPECT_EQ(work_of([&] { at::addmm(at::ones({7}), a, b); }), 3 * 5 * 7);
  EXPECT_EQ(work_of([&] { at::bmm(at::ones({2, 3, 5}), at::ones({2, 5, 7})); }), 2 * 3 * 5 * 7);
  // 2 pictures, 4 to 8 channels in 2 groups, 3 x 3, 6 x 6 places.
  EXPECT_EQ(work_of([&] {
              at::conv2d(at::ones({2, 4, 6, 6}), at::ones({8, 2, 3, 3}), {}, 1, 1, 1, 2);
            }),
            2 * 8 * 6 * 6 * 2 * 3 * 3);
  EXPECT_EQ(work_of([&] { at::relu(a); }), 0);
}

TEST(work, own_operations_count_the_same_as_their_references) {
  const at::Tensor x = at::ones({2, 6, 8}), weight = at::ones({16, 8}),
                   mask = at::ones({2, 6}, at::kBool);
  const auto both = [&] {
    linear(x, weight, {}, Activation::gelu);
    attention(x, x, x, mask, {/*num_heads=*/2});
  };
  const int64_t expected = 2 * 6 * 8 * 16 + 2 * 2 * 6 * 6 * 8;
  EXPECT_EQ(work_of(both), expected);
  const at::Tensor twice = x.to(at::kDouble);  // doubles take the references
  EXPECT_EQ(work_of([&] {
              linear(twice, weight.to(at::kDouble), {}, Activation::gelu);
              attention(twice, twice, twice, mask, {/*num_heads=*/2});
            }),
            expected);
  InferenceWeight packed;
  const c10::InferenceMode inference;
  EXPECT_EQ(work_of([&] {
              linear_inference(x, weight, {}, Activation::none, false, &packed);
              linear_inference(at::ones({1, 8}), weight, {}, Activation::relu, false, &packed);
            }),
            2 * 6 * 8 * 16 + 8 * 16);
}

TEST(work, an_outer_scope_has_what_the_inner_counted) {
  const at::Tensor a = at::ones({2, 2});
  const WorkScope outer;
  EXPECT_EQ(work_of([&] { at::mm(a, a); }), 8);
  at::mm(a, a);
  EXPECT_EQ(outer.work().multiply_adds, 16);
}

TEST(work, operators_and_what_they_call_are_counted) {
  const at::Tensor a = at::ones({2, 2});
  const WorkScope scope;
  at::relu(a);
  EXPECT_GE(scope.work().num_calls, 1);
  const int64_t before = scope.work().num_calls;
  at::softmax(a, 1);  // calls _softmax
  EXPECT_GE(scope.work().num_calls - before, 2);
}

TEST(work, nothing_is_counted_outside_a_scope) {
  count_work({5, 6});
  const WorkScope scope;
  EXPECT_EQ(scope.work().multiply_adds, 0);
  EXPECT_EQ(scope.work().num_calls, 0);
}

}  // namespace
}  // namespace braid::ops
