// Laws of every registered head for every task that it applies to.
#include "core/registry.h"
#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

using namespace checks;
using metrics::Task;

Context context_of(Task task) {
  Context context;
  context.task = task;
  context.num_labels = task == Task::binary ? 2 : task == Task::regression ? 1 : 3;
  context.target_mean = 5;
  context.target_deviation = 2;
  return context;
}

// Targets of 4 rows, as data::Batch holds them.
Tensor targets_of(Task task) {
  if (task == Task::binary) return at::tensor({0.0, 1.0, 1.0, 0.0}, at::kDouble);
  if (task == Task::multiclass) return at::tensor({0.0, 1.0, 2.0, 1.0}, at::kDouble);
  if (task == Task::regression) return at::tensor({1.0, 9.0, 5.5, 4.0}, at::kDouble);
  return at::tensor({0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1}, at::kDouble).view({4, 3});
}

Tensor ones(int64_t rows) { return at::ones({rows}, at::kDouble); }

Tensor output_of(const Head& head, int64_t rows) {
  return at::randn({rows, head.num_outputs()}, at::detail::createCPUGenerator(4), at::kDouble);
}

void for_each(const std::function<void(const Head&, Task, const Context&)>& law) {
  for (const Method* method : methods())
    for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression}) {
      if (!method->applies(task)) continue;
      SCOPED_TRACE(std::string(method->name) + " on " + metrics::to_string(task));
      const Context context = context_of(task);
      law(*method->make(Json::object(), "head", context), task, context);
    }
}

TEST(heads_contract, every_task_has_a_default) {
  for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression})
    EXPECT_TRUE(default_for(task).applies(task));
  expect_error(ErrorKind::config, "unknown head", [] { find("no_such_head"); });
}

TEST(heads_contract, scores_are_what_metrics_want) {
  for_each([](const Head& head, Task task, const Context& context) {
    const Tensor scores = head.scores(output_of(head, 4));
    EXPECT_EQ(scores.sizes().vec(), (std::vector<int64_t>{4, context.num_labels}));
    if (task == Task::regression) return;
    EXPECT_TRUE(scores.ge(0).logical_and(scores.le(1)).all().item<bool>());
    if (task != Task::multilabel) {
      EXPECT_TRUE(close(scores.sum(/*dim=*/1), ones(4)));
    }
  });
}

TEST(heads_contract, descending_the_loss_finds_the_targets) {
  for_each([](const Head& head, Task task, const Context&) {
    Tensor output = at::zeros({4, head.num_outputs()}, at::kDouble).requires_grad_(true);
    const Tensor target = targets_of(task);
    const double before = head.loss(output, target, ones(4)).item<double>();
    for (int step = 0; step < 300; ++step) {
      output.mutable_grad() = Tensor();
      head.loss(output, target, ones(4)).backward();
      torch::NoGradGuard no_grad;
      output.sub_(0.5 * output.grad());
    }
    EXPECT_LT(head.loss(output, target, ones(4)).item<double>(), before / 5);
    const Tensor scores = head.scores(output.detach());
    if (task == Task::regression)
      EXPECT_TRUE(close(scores.squeeze(1), target, 0.01));
    else if (task == Task::multilabel)
      EXPECT_TRUE(same_bits(scores.ge(0.5).to(at::kDouble), target));
    else
      EXPECT_TRUE(same_bits(scores.argmax(/*dim=*/1).to(at::kDouble), target));
  });
}

TEST(heads_contract, gradient_matches_finite_differences) {
  for_each([](const Head& head, Task task, const Context&) {
    torch::nn::Linear probe(4, head.num_outputs());  // its weight stands in for `output`
    probe->to(at::kDouble);
    const Tensor weight = at::tensor({1.0, 0.5, 2.0, 0.0}, at::kDouble);
    matches_finite_differences(
        *probe, [&] { return head.loss(probe(at::eye(4, at::kDouble)), targets_of(task), weight); },
        6);
  });
}

TEST(heads_contract, huge_outputs_keep_loss_and_gradient_finite) {
  for_each([](const Head& head, Task task, const Context&) {
    for (double size : {1e4, -1e4}) {
      Tensor output = at::full({4, head.num_outputs()}, size, at::kFloat);
      output.select(/*dim=*/1, 0).neg_();
      output.requires_grad_(true);
      const Tensor loss = head.loss(output, targets_of(task), ones(4));
      loss.backward();
      expect_finite(loss);
      expect_finite(output.grad());
      expect_finite(head.scores(output));
    }
  });
}

TEST(heads_contract, a_weight_of_two_is_the_row_twice_and_zero_is_no_row) {
  for_each([](const Head& head, Task task, const Context&) {
    const Tensor output = output_of(head, 4), target = targets_of(task);
    const Tensor weighted =
        head.loss(output, target, at::tensor({2.0, 1.0, 0.0, 1.0}, at::kDouble));
    const Tensor rows = at::tensor({0, 0, 1, 3}, at::kLong);
    const Tensor repeated =
        head.loss(output.index_select(0, rows), target.index_select(0, rows), ones(4));
    EXPECT_NEAR(weighted.item<double>(), repeated.item<double>(), 1e-12);
    const Tensor none = head.loss(output, target, at::zeros({4}, at::kDouble));
    EXPECT_EQ(none.item<double>(), 0);
  });
}

TEST(heads_contract, order_of_rows_does_not_matter) {
  for_each([](const Head& head, Task task, const Context&) {
    const Tensor output = output_of(head, 4), target = targets_of(task);
    const Tensor order = at::tensor({2, 0, 3, 1}, at::kLong);
    EXPECT_NEAR(head.loss(output, target, ones(4)).item<double>(),
                head.loss(output.index_select(0, order), target.index_select(0, order), ones(4))
                    .item<double>(),
                1e-12);
  });
}

TEST(heads_contract, a_wrong_shape_names_the_argument) {
  for_each([](const Head& head, Task task, const Context&) {
    const Tensor output = output_of(head, 4), target = targets_of(task);
    const Tensor wide = at::cat({output, output}, /*dim=*/1);
    expect_error(ErrorKind::shape, "output: expected [B, ", [&] { head.scores(wide); });
    expect_error(ErrorKind::shape, "output: expected [B, ",
                 [&] { head.loss(wide, target, ones(4)); });
    expect_error(ErrorKind::shape, "target: expected [4",
                 [&] { head.loss(output, target.slice(0, 1), ones(4)); });
    expect_error(ErrorKind::shape, "weight: expected [4], got [3]",
                 [&] { head.loss(output, target, ones(3)); });
  });
}

TEST(heads_contract, a_bad_config_is_an_error) {
  for (const Method* method : methods()) {
    for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression}) {
      Context context = context_of(task);
      if (!method->applies(task)) {
        expect_error(ErrorKind::config,
                     std::string("train.head: head ") + method->name + ": expected a task",
                     [&] { method->make(Json::object(), "train.head", context); });
        continue;
      }
      Json config = Json::object();
      const auto fields = method->describe();
      const std::string known = fields.empty() ? "key" : fields[0].name;
      config[known + "x"] = 1;
      expect_error(ErrorKind::config,
                   fields.empty() ? "train.head.keyx" : "did you mean 'train.head." + known + "'?",
                   [&] { method->make(config, "train.head", context); });
      context.class_weights.assign(size_t(context.num_labels) + 1, 1.0);
      expect_error(ErrorKind::config, "class weights: expected ",
                   [&] { method->make(Json::object(), "train.head", context); });
    }
  }
}

}  // namespace
}  // namespace braid::heads
