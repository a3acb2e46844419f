// Laws of every registered encoder for every kind that it reads.
#include <limits>

#include "core/registry.h"
#include "encoders/examples.h"
#include "ops/random.h"
#include "support/kernels_environment.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace checks;
using data::Kind;
using data::ModalitySpec;

std::shared_ptr<Encoder> made(const Method& method, const ModalitySpec& spec, uint64_t seed = 1,
                              at::ScalarType type = at::kFloat) {
  const ops::InitScope init(seed);
  auto encoder = method.make(Json::object(), "encoders.example", spec);
  encoder->to(type);
  encoder->eval();
  encoder->wants_taps = true;
  return encoder;
}

void for_each(const std::function<void(const Method&, const ModalitySpec&)>& law) {
  for (const Method* method : methods())
    for (Kind kind : examples::kinds()) {
      if (!method->reads(kind)) continue;
      SCOPED_TRACE(std::string(method->name) + " on " + data::to_string(kind));
      law(*method, examples::spec(kind));
    }
}

Tensor loss_of(Encoder& encoder, const Input& input) {
  const Encoded out = encoder.forward(input);
  Tensor loss = project(out.tokens, 11) + project(out.pooled, 12);
  for (const Tensor& tap : out.taps) loss = loss + project(tap, 13);
  return loss;
}

void expect_same(const Encoded& a, const Encoded& b) {
  EXPECT_TRUE(same_bits(a.tokens, b.tokens));
  EXPECT_TRUE(same_bits(a.mask, b.mask));
  EXPECT_TRUE(same_bits(a.pooled, b.pooled));
  EXPECT_TRUE(same_bits(a.present, b.present));
  ASSERT_EQ(a.taps.size(), b.taps.size());
  for (size_t stage = 0; stage < a.taps.size(); ++stage)
    EXPECT_TRUE(same_bits(a.taps[stage], b.taps[stage])) << stage;
}

// The input with `junk` in every masked, missing or absent place.
Input with_junk(const Input& input, double junk, int64_t junk_id) {
  Input dirty = input;
  Tensor real = input.present;
  if (input.mask.defined()) real = input.mask.logical_and(input.present.unsqueeze(1));
  const auto spoil = [](const Tensor& keep, const Tensor& x, const at::Scalar& with) {
    Tensor drop = keep.logical_not();
    while (drop.dim() < x.dim()) drop = drop.unsqueeze(-1);
    return x.masked_fill(drop, with);
  };
  if (input.values.defined())
    dirty.values = spoil(input.observed.defined() ? keep_where(real, input.observed) : real,
                         input.values, junk);
  if (input.times.defined()) {
    dirty.times = spoil(real, input.times, junk);
    dirty.observed = spoil(real, input.observed, true);
  }
  if (input.ids.defined()) dirty.ids = spoil(real, input.ids, junk_id);
  return dirty;
}

TEST(encoders_contract, every_kind_has_a_learned_and_a_raw_default) {
  for (Kind kind : examples::kinds())
    for (bool is_raw : {false, true}) {
      const Method& method = default_for(kind, is_raw);
      EXPECT_TRUE(method.reads(kind)) << method.name;
      EXPECT_EQ(method.is_raw, is_raw) << method.name;
    }
  expect_error(ErrorKind::config, "no encoder reads numeric",
               [] { default_for(Kind::numeric, /*is_raw=*/false); });
  expect_error(ErrorKind::config, "unknown encoder 'image_cn'; did you mean 'image_cnn'?",
               [] { find("image_cn"); });
}

TEST(encoders_contract, outputs_have_the_promised_shapes) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec);
    const Encoded out = encoder->forward(examples::batch(spec, 4));
    ASSERT_EQ(out.tokens.dim(), 3);
    EXPECT_EQ(out.tokens.size(0), 4);
    EXPECT_EQ(out.tokens.size(1),
              encoder->max_tokens());  // the batch has the longest rows there are
    EXPECT_EQ(out.tokens.size(2), encoder->width());
    EXPECT_EQ(out.mask.sizes().vec(), (std::vector<int64_t>{4, out.tokens.size(1)}));
    EXPECT_EQ(out.mask.scalar_type(), at::kBool);
    EXPECT_EQ(out.pooled.sizes().vec(), (std::vector<int64_t>{4, encoder->width()}));
    EXPECT_TRUE(out.present.all().item<bool>());
    EXPECT_TRUE(out.mask.any(/*dim=*/1).all().item<bool>());
    expect_finite(out.tokens);
    expect_finite(out.pooled);
  });
}

TEST(encoders_contract, taps_have_the_promised_widths_and_cost_nothing_where_unwanted) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec);
    const Input input = examples::batch(spec, 4);
    const Encoded wanted = encoder->forward(input);
    const std::vector<int64_t> widths = encoder->tap_widths();
    ASSERT_EQ(wanted.taps.size(), widths.size());
    for (size_t stage = 0; stage < widths.size(); ++stage) {
      EXPECT_EQ(wanted.taps[stage].sizes().vec(), (std::vector<int64_t>{4, widths[stage]}));
      EXPECT_EQ(wanted.taps[stage].scalar_type(), wanted.pooled.scalar_type());
      EXPECT_GT(wanted.taps[stage].abs().max().item<double>(), 0);
    }
    encoder->wants_taps = false;
    Encoded plain = encoder->forward(input);
    EXPECT_TRUE(plain.taps.empty());
    plain.taps = wanted.taps;
    expect_same(plain, wanted);
  });
}

TEST(encoders_contract, rows_depend_neither_on_their_batch_nor_on_padding) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec);
    const Input input = examples::batch(spec, 4);
    const Encoded all = encoder->forward(input);
    for (int64_t row = 0; row < 4; ++row) {
      const int64_t length = input.mask.defined() ? input.mask[row].sum().item<int64_t>() : 0;
      const Encoded one = encoder->forward(examples::row_of(input, row, length));
      EXPECT_TRUE(close(one.pooled[0], all.pooled[row]));
      for (size_t stage = 0; stage < all.taps.size(); ++stage)
        EXPECT_TRUE(close(one.taps[stage][0], all.taps[stage][row])) << stage;
      const int64_t num_tokens = one.tokens.size(1);
      EXPECT_TRUE(close(one.tokens[0], all.tokens[row].slice(/*dim=*/0, 0, num_tokens)));
      EXPECT_TRUE(same_bits(one.mask[0], all.mask[row].slice(/*dim=*/0, 0, num_tokens)));
      EXPECT_FALSE(all.mask[row].slice(/*dim=*/0, num_tokens).any().item<bool>());
    }
  });
}

TEST(encoders_contract, a_single_token_is_enough) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    if (!examples::is_sequence(spec)) return;
    auto encoder = made(method, spec);
    const Encoded out =
        encoder->forward(examples::row_of(examples::batch(spec, 1), 0, /*length=*/1));
    EXPECT_EQ(out.tokens.size(1), 1);
    expect_finite(out.tokens);
    EXPECT_GT(out.pooled.abs().max().item<double>(), 0);
  });
}

TEST(encoders_contract, a_scale_multiplies_what_ids_stand_for) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    Input input = examples::batch(spec, 4, /*seed=*/1, at::kDouble);
    if (!input.ids.defined()) return;
    auto encoder = made(method, spec, /*seed=*/1, at::kDouble);
    const Encoded plain = encoder->forward(input);
    input.scale = at::ones(input.ids.sizes(), at::kDouble);
    const Encoded ones = encoder->forward(input);
    EXPECT_TRUE(close(ones.pooled, plain.pooled, 1e-12));
    EXPECT_TRUE(close(ones.tokens, plain.tokens, 1e-12));
    // At 0 it does not matter which ids there are; at 1 it does.
    Input others = input;
    others.ids = (input.ids + 1).remainder(spec.kind == Kind::text ? spec.vocabulary : 3);
    EXPECT_FALSE(close(encoder->forward(others).pooled, plain.pooled, 1e-6));
    input.scale = others.scale = at::zeros(input.ids.sizes(), at::kDouble);
    EXPECT_TRUE(same_bits(encoder->forward(others).pooled, encoder->forward(input).pooled));
    EXPECT_TRUE(same_bits(encoder->forward(others).tokens, encoder->forward(input).tokens));
    // Each place has its own, and a gradient.
    input.scale = at::ones(input.ids.sizes(), at::kDouble).set_requires_grad(true);
    project(encoder->forward(input).pooled, 12).backward();
    Tensor real = input.present.unsqueeze(1).expand(input.ids.sizes());
    if (input.mask.defined()) real = real.logical_and(input.mask);
    EXPECT_TRUE(input.scale.grad().ne(0).equal(real));
    input.scale = at::ones({4, input.ids.size(1) + 1}, at::kDouble);
    expect_error(ErrorKind::shape, "scale: expected [4, ", [&] { encoder->forward(input); });
  });
}

TEST(encoders_contract, masked_and_absent_values_change_nothing) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec);
    Input input = examples::batch(spec, 4);
    input.present[1].fill_(false);
    const Encoded clean = encoder->forward(with_junk(input, 0, 0));
    for (double junk : {std::nan(""), std::numeric_limits<double>::infinity(), 1e30, -3.0}) {
      const Input dirty = with_junk(input, junk, /*junk_id=*/1 << 20);
      expect_same(encoder->forward(dirty), clean);
      if (encoder->parameters().empty()) continue;
      encoder->zero_grad(/*set_to_none=*/true);
      loss_of(*encoder, dirty).backward();
      for (const auto& parameter : encoder->parameters())
        if (parameter.grad().defined()) expect_finite(parameter.grad());
    }
    EXPECT_EQ(clean.tokens[1].abs().max().item<double>(), 0);
    EXPECT_EQ(clean.pooled[1].abs().max().item<double>(), 0);
    for (const Tensor& tap : clean.taps) EXPECT_EQ(tap[1].abs().max().item<double>(), 0);
    EXPECT_FALSE(clean.mask[1].any().item<bool>());
    EXPECT_EQ(keep_where(clean.mask.logical_not(), clean.tokens).abs().max().item<double>(), 0);
  });
}

TEST(encoders_contract, without_gradients_an_absent_batch_is_one_masked_token_of_zeros) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    for (at::ScalarType type : {at::kFloat, at::kDouble}) {
      auto encoder = made(method, spec, /*seed=*/1, type);
      Input input = examples::batch(spec, 3, /*seed=*/1, type);
      input.present = at::zeros({3}, at::kBool);
      const Encoded computed = encoder->forward(input);
      const torch::NoGradGuard no_grad;
      const Encoded absent = encoder->forward(input);
      EXPECT_EQ(absent.tokens.scalar_type(), computed.tokens.scalar_type());
      EXPECT_TRUE(same_bits(absent.pooled, computed.pooled));
      ASSERT_EQ(absent.taps.size(), computed.taps.size());
      for (size_t stage = 0; stage < computed.taps.size(); ++stage) {
        EXPECT_EQ(absent.taps[stage].scalar_type(), computed.taps[stage].scalar_type());
        EXPECT_TRUE(same_bits(absent.taps[stage], computed.taps[stage]));
      }
      EXPECT_TRUE(same_bits(absent.tokens, computed.tokens.slice(/*dim=*/1, 0, 1)));
      EXPECT_TRUE(same_bits(absent.mask, at::zeros({3, 1}, at::kBool)));
      EXPECT_FALSE(absent.present.any().item<bool>());
      // One row that is present: all are computed.
      input.present[1].fill_(true);
      EXPECT_EQ(encoder->forward(input).tokens.size(1), computed.tokens.size(1));
    }
  });
}

TEST(encoders_contract, a_present_row_without_real_tokens_stays_finite) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    if (!examples::is_sequence(spec)) return;
    auto encoder = made(method, spec);
    Input input = examples::batch(spec, 3);
    input.mask[1].fill_(false);
    const Encoded out = encoder->forward(input);
    expect_finite(out.tokens);
    expect_finite(out.pooled);
    for (const Tensor& tap : out.taps) expect_finite(tap);
    EXPECT_FALSE(out.mask[1].any().item<bool>());
    if (encoder->parameters().empty()) return;
    loss_of(*encoder, input).backward();
    for (const auto& parameter : encoder->parameters())
      if (parameter.grad().defined()) expect_finite(parameter.grad());
  });
}

TEST(encoders_contract, every_parameter_gets_a_gradient) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec, /*seed=*/1, at::kDouble);
    if (encoder->parameters().empty()) return;
    const Input input = examples::batch(spec, 5, /*seed=*/2, at::kDouble);
    every_parameter_gets_gradient(*encoder, [&] { return loss_of(*encoder, input); });
  });
}

TEST(encoders_contract, gradients_match_finite_differences) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec, /*seed=*/1, at::kDouble);
    if (encoder->parameters().empty()) return;
    const Input input = examples::batch(spec, 3, /*seed=*/3, at::kDouble);
    matches_finite_differences(*encoder, [&] { return loss_of(*encoder, input); });
  });
}

// Finite differences hold doubles to the truth; floats take other paths (kernels, oneDNN).
TEST(encoders_contract, gradients_of_floats_are_those_of_doubles) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto precise = made(method, spec, /*seed=*/1, at::kDouble);
    if (precise->parameters().empty()) return;
    auto fast = made(method, spec, /*seed=*/1);
    Input input = examples::batch(spec, 3, /*seed=*/3, at::kDouble);
    loss_of(*precise, input).backward();
    for (Tensor* part : {&input.values, &input.times})
      if (part->defined()) *part = part->to(at::kFloat);
    // Seeds draw other numbers for floats: the loss is projected in double.
    const Encoded out = fast->forward(input);
    Tensor loss = project(out.tokens.to(at::kDouble), 11) + project(out.pooled.to(at::kDouble), 12);
    for (const Tensor& tap : out.taps) loss = loss + project(tap.to(at::kDouble), 13);
    loss.backward();
    const auto expected = precise->named_parameters();
    for (const auto& item : fast->named_parameters()) {
      const Tensor want = expected[item.key()].grad();
      ASSERT_TRUE(item.value().grad().defined()) << item.key();
      const double size = std::max(1.0, want.abs().max().item<double>());
      EXPECT_TRUE(close(item.value().grad(), want, 1e-3 * size)) << item.key();
    }
  });
}

TEST(encoders_contract, copied_state_gives_the_same_bits) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto trained = made(method, spec, /*seed=*/1);
    auto loaded = made(method, spec, /*seed=*/2);
    const Input input = examples::batch(spec, 3);
    if (!trained->parameters().empty())
      EXPECT_FALSE(trained->forward(input).pooled.equal(loaded->forward(input).pooled));
    copy_state(*trained, *loaded);
    expect_same(trained->forward(input), loaded->forward(input));
  });
}

TEST(encoders_contract, the_same_seed_gives_the_same_bits) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto first = made(method, spec, /*seed=*/5);
    auto second = made(method, spec, /*seed=*/5);
    expect_same_state(*first, *second);
    first->train();
    second->train();
    const Input input = examples::batch(spec, 3);
    const auto trained_with = [&input](Encoder& encoder, uint64_t seed) {
      const ops::RandomScope scope(seed);
      return encoder.forward(input);
    };
    expect_same(trained_with(*first, 9), trained_with(*second, 9));
  });
}

TEST(encoders_contract, a_wrong_shape_names_the_argument) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    auto encoder = made(method, spec);
    const Input good = examples::batch(spec, 3);
    const auto expect_bad = [&](const std::string& argument, const Input& bad) {
      expect_error(ErrorKind::shape, "modality example: " + argument + ": expected ",
                   [&] { encoder->forward(bad); });
    };
    Input bad = good;
    bad.present = at::ones({3, 1}, at::kBool);
    expect_bad("present", bad);
    if (good.values.defined()) {
      bad = good;
      bad.values = at::cat({good.values, good.values}, /*dim=*/-1);
      expect_bad("values", bad);
      bad.values = Tensor();
      expect_bad("values", bad);
    }
    if (good.ids.defined()) {
      bad = good;
      bad.ids = good.ids.unsqueeze(2);
      expect_bad("ids", bad);
      bad.ids = good.ids.to(at::kFloat);
      expect_bad("ids", bad);
    }
    if (good.observed.defined()) {
      bad = good;
      bad.observed = good.observed.slice(/*dim=*/1, 1);
      expect_bad("observed", bad);
    }
    if (good.mask.defined()) {
      bad = good;
      bad.mask = good.mask.slice(/*dim=*/1, 1);
      expect_bad("mask", bad);
      bad = good;
      bad.mask = at::cat({good.mask, good.mask}, /*dim=*/1);
      Tensor& longer = good.ids.defined() ? bad.ids : bad.values;
      longer = at::cat({longer, longer}, /*dim=*/1);
      expect_bad(good.ids.defined() ? "ids" : "values", bad);
    }
  });
}

TEST(encoders_contract, a_bad_config_names_the_key) {
  for_each([](const Method& method, const ModalitySpec& spec) {
    const auto fields = method.describe();
    ASSERT_FALSE(fields.empty());
    Json config = Json::object();
    config[fields[0].name + "x"] = 1;
    expect_error(ErrorKind::config, "did you mean 'encoders.example." + fields[0].name + "'?",
                 [&] { method.make(config, "encoders.example", spec); });
  });
}

TEST(encoders_contract, a_kind_that_is_not_read_is_an_error) {
  for (const Method* method : methods())
    for (Kind kind : examples::kinds()) {
      if (method->reads(kind)) continue;
      expect_error(ErrorKind::config,
                   std::string("encoders.x: encoder ") + method->name +
                       ": expected a kind that it reads, got " + data::to_string(kind) + "; use ",
                   [&] { method->make(Json::object(), "encoders.x", examples::spec(kind)); });
    }
}

}  // namespace
}  // namespace braid::encoders
