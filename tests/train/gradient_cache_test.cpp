// Chunks give the whole batch's gradients, with dropout of the same numbers.
#include "train/gradient_cache.h"

#include <gtest/gtest.h>

#include "model/tensors.h"
#include "support/module_checks.h"
#include "support/tiny_space.h"

namespace braid::train {
namespace {

using checks::close;
using checks::TinySpaceData;

struct Batch {
  std::vector<Input> inputs;
  std::vector<at::Tensor> keys;
};

Batch first_rows(const model::SharedSpace& space, const TinySpaceData& data, int64_t count) {
  const data::Dataset dataset = data::Dataset::open(data.config());
  Batch batch;
  for (size_t m = 0; m < space.specs().size(); ++m) {
    std::vector<data::Prepared> prepared;
    for (int64_t r = 0; r < count; ++r)
      prepared.push_back(space.preparation().prepare(dataset.sample(r), m));
    std::vector<const data::Prepared*> pointers;
    for (const data::Prepared& one : prepared) pointers.push_back(&one);
    batch.inputs.push_back(
        model::to_input(data::collate(space.specs()[m], pointers), space.specs()[m], at::kCPU));
    batch.keys.push_back(at::arange(count));
    batch.keys.back()[count - 1] = 0;  // as the first row
  }
  return batch;
}

std::map<std::string, at::Tensor> gradients(model::SharedSpace& space, const Batch& batch,
                                            const ContrastOptions& options, int64_t chunk,
                                            double* loss) {
  space.zero_grad(/*set_to_none=*/true);
  *loss = contrastive_step(space, batch.inputs, batch.keys, options, chunk, Rng(3)).value();
  std::map<std::string, at::Tensor> all;
  for (const auto& item : space.named_parameters())
    if (item.value().grad().defined()) all[item.key()] = item.value().grad().clone();
  return all;
}

TEST(gradient_cache, chunks_give_the_gradients_of_the_whole_batch) {
  const TinySpaceData data;
  const auto space = checks::tiny_space(data, "mlp");  // evaluation mode: no dropout
  space->to(at::kDouble);
  Batch batch = first_rows(*space, data, 23);
  for (Input& input : batch.inputs) input.values = input.values.to(at::kDouble);
  for (const ContrastOptions& options :
       {ContrastOptions{"infonce", 1, 0.1}, ContrastOptions{"sigmoid", 0, 0}}) {
    double whole = 0, cached = 0;
    const auto expected = gradients(*space, batch, options, /*chunk=*/0, &whole);
    ASSERT_GT(expected.size(), 6u);
    for (const int64_t chunk : {1, 4, 22}) {
      const auto got = gradients(*space, batch, options, chunk, &cached);
      EXPECT_NEAR(cached, whole, 1e-12);
      ASSERT_EQ(got.size(), expected.size());
      for (const auto& [name, gradient] : expected)
        EXPECT_TRUE(close(got.at(name), gradient, 1e-10)) << name << ", chunk " << chunk;
    }
  }
}

TEST(gradient_cache, the_second_pass_draws_the_same_numbers) {
  const TinySpaceData data;
  model::SpaceEncodersConfig encoders = checks::tiny_space_encoders();
  const auto space = checks::tiny_space(data, "linear", encoders);
  space->train();
  const Batch batch = first_rows(*space, data, 24);
  double first = 0, second = 0;
  const auto a = gradients(*space, batch, {}, /*chunk=*/5, &first);
  const auto b = gradients(*space, batch, {}, /*chunk=*/5, &second);
  EXPECT_EQ(first, second);
  for (const auto& [name, gradient] : a)
    EXPECT_TRUE(checks::same_bits(b.at(name), gradient)) << name;
}

TEST(gradient_cache, each_member_learns_from_its_own_loss) {
  const TinySpaceData data;
  const auto both = checks::tiny_space(data, "mlp", checks::tiny_space_encoders(), /*members=*/2);
  const Batch batch = first_rows(*both, data, 23);
  double loss = 0, sum = 0;
  const auto together = gradients(*both, batch, {}, /*chunk=*/0, &loss);
  double chunked = 0;
  for (const auto& [name, gradient] : gradients(*both, batch, {}, /*chunk=*/5, &chunked))
    EXPECT_TRUE(close(gradient, together.at(name), 1e-5)) << name;
  EXPECT_NEAR(chunked, loss, 1e-6);
  for (const std::string prefix : {"", "member2."}) {
    const auto alone = checks::tiny_space(data, "mlp");
    {
      const torch::NoGradGuard no_grad;
      const auto from = both->named_parameters();
      for (auto& item : alone->named_parameters()) {
        const bool is_shared = item.key().rfind("logit", 0) == 0;
        item.value().copy_(from[is_shared ? item.key() : prefix + item.key()]);
      }
    }
    double own = 0;
    for (const auto& [name, gradient] : gradients(*alone, batch, {}, /*chunk=*/0, &own))
      if (name.rfind("logit", 0) != 0)
        EXPECT_TRUE(close(2 * together.at(prefix + name), gradient, 1e-5)) << prefix << name;
    sum += own;
  }
  EXPECT_NEAR(loss, sum / 2, 1e-6);
}

TEST(gradient_cache, nothing_is_lost_where_no_rows_pair) {
  const TinySpaceData data;
  const auto space = checks::tiny_space(data);
  const Batch batch = first_rows(*space, data, 1);
  EXPECT_FALSE(contrastive_step(*space, batch.inputs, batch.keys, {}, 0, Rng(3)).has_value());
}

}  // namespace
}  // namespace braid::train
