// Laws that every registered fusion keeps, for every kind of target and one to three modalities. No
// method is named here: a new one is held to them by being registered.
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "support/fusion_cases.h"
#include "support/kernels_environment.h"

namespace braid::fusion {
namespace {

using namespace checks;

/// Every defined part of a result.
std::vector<std::pair<std::string, Tensor>> parts_of(const Fused& fused) {
  std::vector<std::pair<std::string, Tensor>> parts = {{"output", fused.output}};
  if (fused.per_modality.defined()) parts.emplace_back("per_modality", fused.per_modality);
  if (fused.weights.defined()) parts.emplace_back("weights", fused.weights);
  for (const Attention& map : fused.attention) parts.emplace_back("attention", map.weights);
  return parts;
}

void expect_same(const Fused& a, const Fused& b, double tolerance) {
  const auto mine = parts_of(a), others = parts_of(b);
  ASSERT_EQ(mine.size(), others.size());
  for (size_t i = 0; i < mine.size(); ++i)
    EXPECT_TRUE(tolerance > 0 ? close(mine[i].second, others[i].second, tolerance)
                              : same_bits(mine[i].second, others[i].second))
        << mine[i].first;
}

/// A scalar of everything that training can see.
Tensor scalar(const Fused& fused) {
  Tensor of_output = project(fused.output, /*seed=*/21);
  if (fused.auxiliary.defined()) of_output = of_output + fused.auxiliary;
  return fused.per_modality.defined() ? of_output + project(fused.per_modality, /*seed=*/22)
                                      : of_output;
}

/// The batch with `fill` in every place that is masked or absent.
std::vector<Encoded> with_garbage(const std::vector<Encoded>& batch,
                                  const std::function<Tensor(const Tensor&)>& fill) {
  std::vector<Encoded> dirty;
  for (Encoded e : batch) {
    e.tokens = at::where(e.mask.unsqueeze(2), e.tokens, fill(e.tokens));
    e.pooled = at::where(e.present.unsqueeze(1), e.pooled, fill(e.pooled));
    for (Tensor& tap : e.taps) tap = at::where(e.present.unsqueeze(1), tap, fill(tap));
    e.mask = e.mask.logical_or(
        e.present.logical_not().unsqueeze(1));  // an absent row's mask is garbage too
    dirty.push_back(e);
  }
  return dirty;
}

std::vector<std::function<Tensor(const Tensor&)>> garbages() {
  return {
      [](const Tensor& x) { return at::full_like(x, std::numeric_limits<double>::quiet_NaN()); },
      [](const Tensor& x) { return at::full_like(x, 1e30); },
      [](const Tensor& x) { return at::full_like(x, -std::numeric_limits<double>::infinity()); },
      [](const Tensor& x) { return at::randn_like(x); }};
}

TEST(fusion_contract, table_entries_are_complete) {
  std::vector<std::string> names;
  for (const Method* method : methods()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), method->name), 0) << method->name;
    names.emplace_back(method->name);
    EXPECT_GT(std::string(method->summary).size(), 10u) << method->name;
    EXPECT_GT(std::string(method->missing).size(), 10u) << method->name;
    EXPECT_GT(std::string(method->when).size(), 10u) << method->name;
    EXPECT_NE(method->source, nullptr) << method->name;
    EXPECT_EQ(&find(method->name), method);
  }
}

TEST(fusion_contract, shapes_of_results) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    fusion->wants_attention = true;
    const std::vector<Encoded> batch = one.batch();
    const int64_t B = batch[0].present.size(0), M = static_cast<int64_t>(batch.size()),
                  O = one.context.num_outputs;
    const Fused fused = fusion->forward(batch);
    EXPECT_EQ(shape_of(fused.output), fmt::format("[{}, {}]", B, O));
    if (fused.per_modality.defined())
      EXPECT_EQ(shape_of(fused.per_modality), fmt::format("[{}, {}, {}]", B, M, O));
    if (fused.weights.defined()) EXPECT_EQ(shape_of(fused.weights), fmt::format("[{}, {}]", B, M));
    for (const Attention& map : fused.attention) {
      EXPECT_EQ(map.weights.dim(), 4);
      EXPECT_EQ(map.weights.size(0), B);
    }
  });
}

TEST(fusion_contract, every_subset_of_modalities_is_finite) {
  for_each(all_cases(), [](const Case& one) {
    const Fused fused = one.make()->forward(one.batch());
    for (const auto& part : parts_of(fused)) expect_finite(part.second);
  });
}

TEST(fusion_contract, weights_are_a_distribution_over_the_present) {
  for_each(all_cases(), [](const Case& one) {
    const Tensor weights = one.make()->forward(one.batch()).weights;
    if (!weights.defined()) return;
    EXPECT_TRUE(close(weights.sum(/*dim=*/1), at::ones({weights.size(0)}), 1e-6));
    EXPECT_TRUE((weights >= 0).all().item<bool>());
    const Tensor absent = one.subsets().logical_not().slice(0, 1);  // row 0 has nothing: all count
    EXPECT_EQ(weights.slice(0, 1).masked_select(absent).abs().sum().item<double>(), 0.0);
  });
}

TEST(fusion_contract, rows_do_not_depend_on_their_batch) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    const std::vector<Encoded> batch = one.batch();
    const Fused together = fusion->forward(batch);
    for (int64_t row = 0; row < batch[0].present.size(0); ++row) {
      const Fused alone = fusion->forward(rows_of(batch, row, row + 1));
      const auto expected = parts_of(together), got = parts_of(alone);
      for (size_t i = 0; i < got.size(); ++i)
        EXPECT_TRUE(close(got[i].second, expected[i].second.slice(0, row, row + 1), 1e-5))
            << "row " << row << " of " << got[i].first;
    }
  });
}

TEST(fusion_contract, longer_padding_changes_nothing) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    const std::vector<Encoded> batch = one.batch();
    std::vector<Encoded> longer = batch;
    for (Encoded& e : longer) {
      e.tokens =
          at::cat({e.tokens, at::full({e.tokens.size(0), 3, e.tokens.size(2)}, 7.0)}, /*dim=*/1);
      e.mask = at::cat({e.mask, at::zeros({e.mask.size(0), 3}, at::kBool)}, /*dim=*/1);
    }
    expect_same(fusion->forward(longer), fusion->forward(batch), 1e-5);
  });
}

// What an encoder hands over without gradients where no row of a batch has its modality.
TEST(fusion_contract, an_absent_modality_may_be_one_masked_token) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    for (size_t m = 0; m < one.context.widths.size(); ++m) {
      std::vector<Encoded> batch = one.batch();
      batch[m].present = at::zeros_like(batch[m].present);
      const Fused expected = fusion->forward(batch);
      const int64_t B = batch[m].present.size(0), D = one.context.widths[m];
      batch[m].tokens = at::zeros({B, 1, D});
      batch[m].mask = at::zeros({B, 1}, at::kBool);
      batch[m].pooled = at::zeros({B, D});
      for (Tensor& tap : batch[m].taps) tap = at::zeros_like(tap);
      expect_same(fusion->forward(batch), expected, 1e-5);
    }
  });
}

TEST(fusion_contract, masked_and_absent_values_change_nothing) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    fusion->wants_attention = true;
    const std::vector<Encoded> batch = one.batch();
    const Fused expected = fusion->forward(batch);
    for (const auto& garbage : garbages())
      expect_same(fusion->forward(with_garbage(batch, garbage)), expected, 0);
  });
}

TEST(fusion_contract, masked_and_absent_values_leave_gradients_alone) {
  for_each(largest_cases(), [](const Case& one) {
    const auto fusion = one.make();
    auto gradients = [&](std::vector<Encoded> batch) {
      fusion->zero_grad(/*set_to_none=*/true);
      for (Encoded& e : batch) e.tokens = e.tokens.clone().requires_grad_();
      scalar(fusion->forward(batch)).backward();
      std::vector<Tensor> all;
      for (const Tensor& parameter : fusion->parameters()) all.push_back(parameter.grad());
      for (const Encoded& e : batch)
        if (e.tokens.grad().defined()) all.push_back(e.tokens.grad());
      return all;
    };
    const std::vector<Tensor> expected = gradients(one.batch());
    for (const auto& garbage : garbages()) {
      const std::vector<Tensor> got = gradients(with_garbage(one.batch(), garbage));
      ASSERT_EQ(got.size(), expected.size());
      for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(same_bits(got[i], expected[i]));
    }
  });
}

TEST(fusion_contract, every_parameter_gets_a_gradient) {
  for_each(largest_cases(), [](const Case& one) {
    const auto fusion = one.make_uneven();
    every_parameter_gets_gradient(*fusion,
                                  [&] { return scalar(fusion->forward(one.long_batch())); });
  });
}

TEST(fusion_contract, gradients_are_finite_differences) {
  for_each(largest_cases(), [](const Case& one) {
    const auto fusion = one.make_uneven();
    fusion->to(at::kDouble);
    const std::vector<Encoded> batch = one.long_batch(at::kDouble);
    matches_finite_differences(
        *fusion, [&] { return scalar(fusion->forward(batch)); },
        /*samples=*/2);
  });
}

TEST(fusion_contract, saved_and_loaded_gives_the_same_bits) {
  for_each(all_cases(), [](const Case& one) {
    const auto saved = one.make(/*seed=*/1), loaded = one.make(/*seed=*/2);
    std::stringstream stream;
    torch::serialize::OutputArchive out;
    saved->save(out);
    out.save_to(stream);
    torch::serialize::InputArchive in;
    in.load_from(stream);
    loaded->load(in);
    expect_same_state(*saved, *loaded);
    expect_same(loaded->forward(one.batch()), saved->forward(one.batch()), 0);
  });
}

TEST(fusion_contract, initial_parameters_follow_the_seed) {
  for_each(all_cases(), [](const Case& one) {
    const auto first = one.make(/*seed=*/1), again = one.make(/*seed=*/1),
               other = one.make(/*seed=*/2);
    expect_same_state(*first, *again);
    bool differs = false;
    const auto others = other->named_parameters();
    for (const auto& item : first->named_parameters())
      differs = differs || !item.value().equal(others[item.key()]);
    EXPECT_TRUE(differs);
  });
}

TEST(fusion_contract, evaluation_is_free_of_randomness) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    expect_same(fusion->forward(one.batch()), fusion->forward(one.batch()), 0);
  });
}

TEST(fusion_contract, dropout_only_in_training_and_from_the_scope) {
  for_each(all_cases(), [](const Case& one) {
    bool has_dropout = false;
    for (const FieldDoc& doc : one.method->describe())
      has_dropout = has_dropout || doc.name == "dropout";
    const auto fusion = has_dropout ? one.make(1, {{"dropout", 0.5}}) : one.make();
    const std::vector<Encoded> batch = one.batch();
    const Fused evaluated = fusion->forward(batch);
    fusion->train();
    if (has_dropout) {
      EXPECT_THROW(fusion->forward(batch), Error) << "training outside a RandomScope";
    }
    auto trained = [&](uint64_t seed) {
      ops::RandomScope scope(seed);
      return fusion->forward(batch);
    };
    expect_same(trained(1), trained(1), 0);
    const Tensor one_output = trained(1).output;
    EXPECT_EQ(has_dropout, !one_output.equal(trained(2).output));
    EXPECT_EQ(has_dropout, !one_output.equal(evaluated.output));
  });
}

TEST(fusion_contract, attention_is_handed_out_only_where_wanted) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    const Fused plain = fusion->forward(one.batch());
    EXPECT_TRUE(plain.attention.empty());
    fusion->wants_attention = true;
    EXPECT_TRUE(same_bits(fusion->forward(one.batch()).output, plain.output));
  });
}

TEST(fusion_contract, late_fusions_combine_what_forward_combines) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    const std::vector<Tensor> decision = fusion->decision_parameters();
    if (one.method->family != Family::late) {
      EXPECT_TRUE(decision.empty());
      return;
    }
    const std::vector<Tensor> all = fusion->parameters();
    for (const Tensor& parameter : decision) {
      const auto is_it = [&](const Tensor& other) { return other.is_same(parameter); };
      EXPECT_EQ(std::count_if(all.begin(), all.end(), is_it), 1);
    }
    const Fused fused = fusion->forward(one.batch());
    ASSERT_TRUE(fused.per_modality.defined());
    EXPECT_TRUE(same_bits(fusion->combine(fused.per_modality, one.subsets()).output, fused.output));
  });
}

TEST(fusion_contract, wrong_shapes_name_modality_and_argument) {
  for_each(all_cases(), [](const Case& one) {
    const auto fusion = one.make();
    for (size_t m = 0; m < one.context.widths.size(); ++m) {
      auto expect_refusal = [&](const std::string& argument,
                                const std::function<void(Encoded&)>& spoil) {
        std::vector<Encoded> batch = one.batch();
        spoil(batch[m]);
        expect_error(ErrorKind::shape, one.context.modalities[m] + ": " + argument + ": expected ",
                     [&] { fusion->forward(batch); });
      };
      const int64_t B = one.subsets().size(0), D = one.context.widths[m];
      expect_refusal("tokens", [&](Encoded& e) { e.tokens = at::zeros({B, kLengths[m], D + 1}); });
      expect_refusal("tokens", [&](Encoded& e) { e.tokens = at::zeros({B, D}); });
      expect_refusal("tokens", [&](Encoded& e) { e.tokens = at::zeros({B + 1, kLengths[m], D}); });
      expect_refusal("tokens", [&](Encoded& e) { e.tokens = Tensor(); });
      expect_refusal("mask", [&](Encoded& e) {
        e.mask = at::zeros({B, kLengths[m] + 1}, at::kBool);
      });
      expect_refusal("mask", [&](Encoded& e) { e.mask = Tensor(); });
      expect_refusal("pooled", [&](Encoded& e) { e.pooled = at::zeros({B, D + 1}); });
      expect_refusal("pooled", [&](Encoded& e) { e.pooled = Tensor(); });
      expect_refusal("present", [&](Encoded& e) { e.present = e.present.unsqueeze(1); });
      expect_refusal("present", [&](Encoded& e) { e.present = Tensor(); });
      if (!fusion->reads_taps()) continue;
      expect_refusal("taps", [&](Encoded& e) { e.taps.push_back(e.pooled); });
      const size_t num_taps = one.context.tap_widths[m].size();
      if (num_taps > 0) expect_refusal("taps", [&](Encoded& e) { e.taps.pop_back(); });
      for (size_t stage = 0; stage < num_taps; ++stage) {
        expect_refusal("taps", [&](Encoded& e) { e.taps[stage] = at::zeros({B, 99}); });
        expect_refusal("taps", [&](Encoded& e) { e.taps[stage] = Tensor(); });
      }
    }
  });
}

TEST(fusion_contract, unknown_keys_name_the_nearest) {
  for_each(all_cases(), [](const Case& one) {
    const std::vector<FieldDoc> docs = one.method->describe();
    if (docs.empty()) {
      expect_error(ErrorKind::config, "unknown config key 'model.fusion.widht'", [&] {
        one.make(1, {{"widht", 1}});
      });
      return;
    }
    for (const FieldDoc& doc : docs) {
      const std::string wrong = doc.name + "x";
      expect_error(
          ErrorKind::config,
          fmt::format("unknown config key 'model.fusion.{}'; did you mean 'model.fusion.{}'?",
                      wrong, doc.name),
          [&] {
            one.make(1, {{wrong, 1}});
          });
      EXPECT_FALSE(doc.help.empty()) << doc.name;
    }
  });
}

}  // namespace
}  // namespace braid::fusion
