#include <algorithm>
#include <numeric>
#include <set>

#include "core/rng.h"
#include "examples.h"
#include "metrics/metric.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

namespace {

constexpr Task kTasks[] = {Task::binary, Task::multiclass, Task::multilabel, Task::regression};
constexpr int64_t kRows = 60;

Predictions empty_of(Task task) {
  const int64_t num_outputs = task == Task::binary ? 2 : task == Task::regression ? 1 : 4;
  return {task, num_outputs, {}, {}};
}

// Targets of every class, and scores that say exactly them.
Predictions perfect(Task task, braid::Rng rng) {
  Predictions p = empty_of(task);
  for (int64_t row = 0; row < kRows; ++row) {
    if (task == Task::regression) {
      p.targets.push_back(rng.normal());
      p.scores.push_back(p.targets.back());
    } else if (task == Task::multilabel) {
      for (int64_t label = 0; label < p.num_outputs; ++label) {
        p.targets.push_back(double((row + label) % 3 == 0));
        p.scores.push_back(p.targets.back());
      }
    } else {
      const int64_t target = row % p.num_outputs;
      p.targets.push_back(double(target));
      for (int64_t k = 0; k < p.num_outputs; ++k) p.scores.push_back(double(k == target));
    }
  }
  return p;
}

// The same targets, with scores that know nothing of them.
Predictions random(Task task, braid::Rng rng) {
  Predictions p = perfect(task, rng);
  for (int64_t row = 0; row < kRows; ++row) {
    double* scores = p.scores.data() + row * p.num_outputs;
    double sum = 0;
    for (int64_t k = 0; k < p.num_outputs; ++k) sum += scores[k] = rng.uniform();
    const bool is_distribution = task == Task::binary || task == Task::multiclass;
    for (int64_t k = 0; is_distribution && k < p.num_outputs; ++k) scores[k] /= sum;
  }
  return p;
}

std::string label_of(const Method& metric, Task task) {
  return std::string(metric.name) + " on " + to_string(task);
}

// Runs `law` for each metric on each task it applies to.
template <class Law>
void for_each_metric_and_task(Law law) {
  for (const Method* metric : methods()) {
    for (Task task : kTasks) {
      if (!metric->applies(task)) continue;
      SCOPED_TRACE(label_of(*metric, task));
      law(*metric, task);
    }
  }
}

}  // namespace

TEST(metrics_contract, every_metric_is_described_and_applies_somewhere) {
  std::set<std::string> names;
  for (const Method* metric : methods()) {
    SCOPED_TRACE(metric->name);
    EXPECT_TRUE(names.insert(metric->name).second) << "name given twice";
    EXPECT_EQ(&find(metric->name), metric);
    EXPECT_STRNE(metric->summary, "");
    EXPECT_NE(metric->source, nullptr);
    EXPECT_TRUE(std::any_of(std::begin(kTasks), std::end(kTasks), metric->applies));
  }
  for (Task task : kTasks) EXPECT_EQ(&default_metric(task), methods_for(task).front());
}

TEST(metrics_contract, nothing_beats_perfect_predictions) {
  for_each_metric_and_task([](const Method& metric, Task task) {
    const double sign = metric.higher_is_better ? 1 : -1;
    for (uint64_t seed = 0; seed < 50; ++seed) {
      const double best = sign * metric.value(perfect(task, braid::Rng(seed)));
      const double other = sign * metric.value(random(task, braid::Rng(seed)));
      EXPECT_GT(best, other) << "seed " << seed;
    }
  });
}

TEST(metrics_contract, order_of_samples_does_not_matter) {
  for_each_metric_and_task([](const Method& metric, Task task) {
    const Predictions p = random(task, braid::Rng(7));
    std::vector<int64_t> order(kRows);
    std::iota(order.begin(), order.end(), 0);
    braid::Rng(8).shuffle(order);
    const double value = metric.value(p);
    EXPECT_FALSE(std::isnan(value));
    EXPECT_NEAR(metric.value(select(p, order)), value, 1e-12);
  });
}

TEST(metrics_contract, no_samples_give_nan) {
  for_each_metric_and_task([](const Method& metric, Task task) {
    EXPECT_TRUE(std::isnan(metric.value(empty_of(task))));
    EXPECT_TRUE(std::isnan(metric.value({task, 0, {}, {}})));
  });
}

TEST(metrics_contract, a_nan_score_gives_nan) {
  for_each_metric_and_task([](const Method& metric, Task task) {
    Predictions p = random(task, braid::Rng(7));
    p.scores[5] = std::nan("");
    EXPECT_TRUE(std::isnan(metric.value(p)));
  });
}

TEST(metrics_contract, one_sample_never_throws) {
  for_each_metric_and_task([](const Method& metric, Task task) {
    EXPECT_NO_THROW(metric.value(select(random(task, braid::Rng(7)), {3})));
  });
}

TEST(metrics_contract, wrong_sizes_and_tasks_are_named) {
  for (const Method* metric : methods()) {
    for (Task task : kTasks) {
      SCOPED_TRACE(label_of(*metric, task));
      Predictions p = random(task, braid::Rng(7));
      if (metric->applies(task)) p.targets.pop_back();
      EXPECT_THAT(
          error_of([&] { metric->value(p); }),
          testing::AllOf(testing::StartsWith(metric->applies(task) ? "shape: " : "config: "),
                         testing::HasSubstr(metric->name)));
    }
  }
}
