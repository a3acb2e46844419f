// Integrated gradients where they are known: of a linear model, and their sum of any.
#include "explain/gradients.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "explain/planted.h"
#include "explain/score.h"
#include "explain/units.h"
#include "support/module_checks.h"
#include "support/tiny_bundle.h"

namespace braid::explain {
namespace {

using checks::close;

// Of the first rows: inputs, and which output.
Rows first_rows(model::Bundle& bundle, data::PreparedStore& store, int64_t count) {
  std::vector<int64_t> rows, outputs;
  for (int64_t r = 0; r < count; ++r) {
    rows.push_back(r);
    outputs.push_back(bundle.model->head().num_outputs() > 1 ? r % 2 : 0);
  }
  Rows made;
  for_each_batch(bundle, store, rows, outputs, count, [&](const Rows& batch) { made = batch; });
  return made;
}

TEST(gradients, of_a_linear_model_are_weight_times_value) {
  checks::TinyOptions options;
  options.task = "regression";
  const checks::TinyData data(options);
  model::Bundle bundle = checks::tiny_bundle(data.config(), R"({"fusion": {"name": "linear"}})");
  const data::Dataset dataset = data::Dataset::open(data.config());
  data::PreparedStore store(dataset, bundle.preparation, /*limit_bytes=*/0);
  const Rows rows = first_rows(bundle, store, 5);
  GradientOptions one_step;
  one_step.steps = one_step.most_steps = 1;
  const Attributions made =
      integrated_gradients(*bundle.model, rows.inputs, rows.outputs, one_step);
  EXPECT_LT(made.gap.max().item<double>(), 1e-5);
  // What the value loses without each number is its weight times it.
  const torch::NoGradGuard no_grad;
  for (size_t m = 0; m < rows.inputs.size(); ++m) {
    const Tensor& values = rows.inputs[m].values;
    const Tensor flat = made.modalities[m].values.flatten(/*start_dim=*/1);
    EXPECT_GT(flat.abs().max().item<double>(), 1e-3);
    for (int64_t i = 0; i < flat.size(1); ++i) {
      std::vector<Input> without = rows.inputs;
      without[m].values = values.clone();
      without[m].values.flatten(/*start_dim=*/1).select(/*dim=*/1, i).zero_();
      const Tensor lost =
          made.score - score_of(*bundle.model, bundle.model->forward(without).output, rows.outputs);
      EXPECT_TRUE(close(flat.select(/*dim=*/1, i), lost, 1e-5)) << m << " " << i;
    }
  }
}

TEST(gradients, add_up_to_what_the_score_gained) {
  checks::Planted planted(checks::kMerged, /*epochs=*/8, /*rows=*/150);
  model::Bundle& bundle = planted.bundle();
  const Rows rows = first_rows(bundle, planted.run().store(), 12);
  bundle.model->zero_grad();  // what training left
  const Attributions made = integrated_gradients(*bundle.model, rows.inputs, rows.outputs);
  const Tensor gained = made.score - made.baseline;
  Tensor sum = at::zeros({12});
  for (const Attribution& one : made.modalities) {
    if (one.values.defined()) sum = sum + one.values.flatten(/*start_dim=*/1).sum(/*dim=*/1);
    if (one.scale.defined() && one.scale.size(1) > 0) sum = sum + one.scale.sum(/*dim=*/1);
  }
  EXPECT_TRUE(close(sum, gained, 0.02));
  EXPECT_TRUE(close((sum - gained).abs(), made.gap.to(at::kFloat), 1e-5));
  EXPECT_GT(gained.abs().max().item<double>(), 0.1);
  // One step is too few, and says so.
  GradientOptions one_step;
  one_step.steps = one_step.most_steps = 1;
  const Attributions coarse =
      integrated_gradients(*bundle.model, rows.inputs, rows.outputs, one_step);
  EXPECT_GT(coarse.gap.max().item<double>(), made.gap.max().item<double>());
  // Parameters have got no gradient from it.
  for (const Tensor& parameter : bundle.model->parameters())
    EXPECT_FALSE(parameter.grad().defined() && parameter.grad().ne(0).any().item<bool>());
}

TEST(gradients, of_tokens_find_the_word_that_decides) {
  checks::Planted planted(checks::kMerged);
  model::Bundle& bundle = planted.bundle();
  const Rows rows = first_rows(bundle, planted.run().store(), 20);
  Tensor outputs = rows.outputs.clone();
  std::vector<Encoded> encoded;
  {
    const torch::NoGradGuard no_grad;
    encoded = bundle.model->encode(rows.inputs);
    outputs = bundle.model->head()
                  .scores(bundle.model->fusion().forward(encoded).output)
                  .argmax(/*dim=*/1);
  }
  const Tensor tokens = token_gradients(*bundle.model, encoded, outputs);
  int64_t begin = 0;
  size_t text = 0;
  while (bundle.model->specs()[text].kind != data::Kind::text)
    begin += encoded[text++].mask.size(1);
  int found = 0;
  for (int64_t r = 0; r < 20; ++r) {
    const auto note =
        std::string(planted.run().dataset().cell(rows.rows[static_cast<size_t>(r)], "note"));
    const std::string before = note.substr(0, std::min(note.find("storm"), note.find("calm")));
    const auto place = std::count(before.begin(), before.end(), ' ');
    found += tokens[r].argmax().item<int64_t>() == begin + place;
  }
  // The encoder mixes its tokens, so the word's place is not always the one that carries it; by
  // chance it would be 3 or 4 of 20.
  EXPECT_GE(found, 8);
}

}  // namespace
}  // namespace braid::explain
