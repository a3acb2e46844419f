#include "metrics/bootstrap.h"

#include "core/rng.h"
#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

namespace {

using TestRun = Run;  // testing::Test has a member of that name

// Binary rows of which each is predicted right with probability `accuracy`.
TestRun coin_run(braid::Rng& rng, int64_t num_rows, double accuracy) {
  TestRun run;
  run.predictions = {Task::binary, 2, {}, {}};
  for (int64_t row = 0; row < num_rows; ++row) {
    const double target = double(rng.below(2));
    const double score = rng.chance(accuracy) ? target : 1 - target;
    run.predictions.targets.push_back(target);
    run.predictions.scores.insert(run.predictions.scores.end(), {1 - score, score});
  }
  return run;
}

TestRun run_of(Predictions predictions, int64_t set = 0, std::vector<int64_t> groups = {}) {
  return {std::move(predictions), set, std::move(groups)};
}

double width(const Interval& interval) { return interval.high - interval.low; }

const Method& accuracy_metric() { return find("accuracy"); }

}  // namespace

TEST(bootstrap, covers_the_truth_as_often_as_it_says) {
  // 200 data sets of known accuracy .8; a 95 % interval misses about 10.
  braid::Rng rng(11);
  int64_t num_covered = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const Interval interval =
        bootstrap(accuracy_metric(), {coin_run(rng, 200, .8)}, {/*num_resamples=*/400, .95, i});
    num_covered += interval.low <= .8 && .8 <= interval.high;
  }
  EXPECT_GE(num_covered, 180);
  EXPECT_LE(num_covered, 198);
}

TEST(bootstrap, width_is_that_of_the_normal_interval) {
  // Accuracy a of 400 rows: 2 * 1.96 * sqrt(a (1 - a) / 400).
  braid::Rng rng(5);
  const TestRun run = coin_run(rng, 400, .7);
  const Interval interval = bootstrap(accuracy_metric(), {run}, {4000, .95, 1});
  const double a = accuracy_metric().value(run.predictions);
  EXPECT_EQ(interval.mean, a);
  EXPECT_NEAR(width(interval), 2 * 1.96 * std::sqrt(a * (1 - a) / 400), 0.006);
  EXPECT_LT(width(bootstrap(accuracy_metric(), {run}, {4000, .5, 1})), 0.5 * width(interval));
}

TEST(bootstrap, same_seed_same_interval) {
  braid::Rng rng(5);
  const std::vector<TestRun> runs = {coin_run(rng, 100, .7)};
  const Interval first = bootstrap(accuracy_metric(), runs, {200, .9, 3});
  bootstrap(accuracy_metric(), runs, {50, .9, 4});
  const Interval again = bootstrap(accuracy_metric(), runs, {200, .9, 3});
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
}

TEST(bootstrap, resamples_runs_within_their_set_only) {
  // One run always right, one always wrong. In one set both may be drawn twice (probability 1/4
  // each): [0, 1]. In two sets each is always there once: exactly 1/2.
  const Predictions right = binary({1, 1, 0}, {1, 1, 0});
  const Predictions wrong = binary({0, 0, 1}, {1, 1, 0});
  const Interval one_set = bootstrap(accuracy_metric(), {run_of(right, 0), run_of(wrong, 0)});
  EXPECT_EQ(one_set.mean, .5);
  EXPECT_EQ(one_set.low, 0);
  EXPECT_EQ(one_set.high, 1);
  const Interval two_sets = bootstrap(accuracy_metric(), {run_of(right, 0), run_of(wrong, 1)});
  EXPECT_EQ(two_sets.mean, .5);
  EXPECT_EQ(two_sets.low, .5);
  EXPECT_EQ(two_sets.high, .5);
}

TEST(bootstrap, runs_of_one_set_share_their_rows) {
  // Twice the same predictions tell no more than once; on two test sets the spread shrinks by
  // sqrt(2).
  braid::Rng rng(5);
  const TestRun run = coin_run(rng, 300, .7);
  TestRun other_set = run;
  other_set.set = 1;
  const BootstrapOptions options{4000, .95, 1};
  const double once = width(bootstrap(accuracy_metric(), {run}, options));
  EXPECT_NEAR(width(bootstrap(accuracy_metric(), {run, run}, options)) / once, 1, .08);
  EXPECT_NEAR(width(bootstrap(accuracy_metric(), {run, other_set}, options)) / once,
              1 / std::sqrt(2.0), .08);
}

TEST(bootstrap, clusters_widen_the_interval) {
  // 40 groups of 10 rows that are all right or all wrong: as good as 40 rows, sqrt(10) times wider.
  braid::Rng rng(9);
  TestRun run = run_of(binary({}, {}));
  for (int64_t group = 0; group < 40; ++group) {
    const double score = rng.chance(.7) ? 1 : 0;
    for (int64_t i = 0; i < 10; ++i) {
      run.predictions.targets.push_back(1);
      run.predictions.scores.insert(run.predictions.scores.end(), {1 - score, score});
    }
  }
  const BootstrapOptions options{4000, .95, 1};
  const double alone = width(bootstrap(accuracy_metric(), {run}, options));
  for (int64_t row = 0; row < 400; ++row) run.groups.push_back(row / 10);
  EXPECT_NEAR(width(bootstrap(accuracy_metric(), {run}, options)) / alone, std::sqrt(10.0), .35);
}

TEST(bootstrap, draws_clusters_whole_wherever_their_rows_stand) {
  // Two groups, rows 0 2 4 right and 1 3 wrong: a resample is both, or one of them twice; its
  // accuracy is 0, 3/5 or 1.
  const TestRun run = run_of(binary({1, 0, 1, 0, 1}, {1, 1, 1, 1, 1}), 0, {8, 3, 8, 3, 8});
  const Interval half = bootstrap(accuracy_metric(), {run}, {4000, .4, 1});
  EXPECT_EQ(half.mean, .6);
  EXPECT_EQ(half.low, .6);
  EXPECT_EQ(half.high, .6);
  const Interval most = bootstrap(accuracy_metric(), {run}, {4000, .9, 1});
  EXPECT_EQ(most.low, 0);
  EXPECT_EQ(most.high, 1);
}

TEST(bootstrap, difference_to_itself_is_nothing) {
  braid::Rng rng(5);
  const std::vector<TestRun> runs = {coin_run(rng, 100, .7), [&] {
                                       TestRun other = coin_run(rng, 50, .6);
                                       other.set = 1;
                                       return other;
                                     }()};
  const Interval interval = bootstrap_difference(accuracy_metric(), runs, runs);
  EXPECT_EQ(interval.mean, 0);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 0);
}

TEST(bootstrap, pairing_narrows_the_difference_of_models_alike) {
  // b errs where a errs, and on 10 more of 400 rows. Unpaired, the spreads would add up.
  braid::Rng rng(5);
  const TestRun a = coin_run(rng, 400, .7);
  TestRun b = a;
  int64_t num_worse = 0;
  for (int64_t row = 0; num_worse < 10; ++row) {
    if (double(predicted_class(b.predictions, row)) != b.predictions.targets[size_t(row)]) continue;
    std::swap(b.predictions.scores[size_t(2 * row)], b.predictions.scores[size_t(2 * row + 1)]);
    ++num_worse;
  }
  const Interval paired = bootstrap_difference(accuracy_metric(), {a}, {b}, {2000, .95, 1});
  EXPECT_NEAR(paired.mean, 10.0 / 400, 1e-12);
  EXPECT_GT(paired.low, 0);
  const double unpaired = std::hypot(width(bootstrap(accuracy_metric(), {a}, {2000, .95, 1})),
                                     width(bootstrap(accuracy_metric(), {b}, {2000, .95, 1})));
  EXPECT_LT(width(paired), 0.4 * unpaired);
}

TEST(bootstrap, leaves_undefined_resamples_and_runs_out) {
  // One positive of four rows: about (3/4)^4 = 32 % of resamples lack it; the others are perfect.
  const TestRun run = run_of(binary({.9, .1, .2, .3}, {1, 0, 0, 0}));
  const TestRun undefined = run_of(binary({.9, .1}, {1, 1}), 1);
  const Interval some = bootstrap(find("auroc"), {run, undefined});
  EXPECT_EQ(some.mean, 1);
  EXPECT_EQ(some.low, 1);
  EXPECT_EQ(some.high, 1);
  const Interval none = bootstrap(find("auroc"), {undefined});
  EXPECT_TRUE(std::isnan(none.mean));
  EXPECT_TRUE(std::isnan(none.low));
  EXPECT_TRUE(std::isnan(none.high));
  EXPECT_TRUE(std::isnan(bootstrap(find("auroc"), {run_of({Task::binary, 2, {}, {}})}).low));
}

TEST(bootstrap, any_statistics_of_the_same_resamples) {
  const std::vector<double> values = {1, 2, 3, 4, 100, 6, 7, 8};
  const auto statistics = [&](const std::vector<int64_t>& rows) {
    double sum = 0;
    for (int64_t row : rows) sum += values[static_cast<size_t>(row)];
    const double mean = sum / static_cast<double>(rows.size());
    return std::vector<double>{mean, 10 - mean, std::nan("")};
  };
  const std::vector<Interval> all = bootstrap_rows(8, {}, statistics);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_DOUBLE_EQ(all[0].mean, 131.0 / 8);
  EXPECT_LT(all[0].low, 131.0 / 8);
  EXPECT_GT(all[0].high, 131.0 / 8);
  EXPECT_NEAR(all[1].low, 10 - all[0].high, 1e-9);  // the mirror image, from the same draws
  EXPECT_TRUE(std::isnan(all[2].low));
  // Clusters are drawn whole: of one there is no interval.
  const std::vector<Interval> one = bootstrap_rows(8, std::vector<int64_t>(8, 5), statistics);
  EXPECT_DOUBLE_EQ(one[0].mean, 131.0 / 8);
  EXPECT_TRUE(std::isnan(one[0].low) && std::isnan(one[0].high));
  EXPECT_THAT(error_of([&] {
                bootstrap_rows(8, {1, 2}, statistics);
              }),
              testing::HasSubstr("bootstrap: groups: expected 8 or none, got 2"));
}

TEST(bootstrap, refuses_options_out_of_range) {
  const std::vector<TestRun> runs = {run_of(binary({1}, {1}))};
  EXPECT_EQ(error_of([&] {
              bootstrap(accuracy_metric(), runs, {0, .95, 1});
            }),
            "config: bootstrap: num_resamples: expected at least 1, got 0; 1000 serve most");
  EXPECT_EQ(error_of([&] {
              bootstrap(accuracy_metric(), runs, {10, 95, 1});
            }),
            "config: bootstrap: level: expected between 0 and 1, got 95; use 0.95");
  EXPECT_THAT(error_of([&] { bootstrap(find("rmse"), runs); }),
              testing::StartsWith("config: metric rmse: task"));
  EXPECT_EQ(error_of([&] { bootstrap(accuracy_metric(), {}); }),
            "data: bootstrap: runs: expected at least one, got none; train first");
}

TEST(bootstrap, refuses_runs_that_do_not_match) {
  const TestRun run = run_of(binary({1, 0}, {1, 1}));
  const TestRun shorter = run_of(binary({1}, {1}));
  const TestRun relabelled = run_of(binary({1, 0}, {1, 0}));
  const TestRun elsewhere = run_of(binary({1, 0}, {1, 1}), 4);
  const TestRun grouped = run_of(binary({1, 0}, {1, 1}), 0, {1, 1});
  const TestRun misgrouped = run_of(binary({1, 0}, {1, 1}), 0, {1});
  const Method& metric = accuracy_metric();
  EXPECT_EQ(
      error_of([&] {
        bootstrap(metric, {run, shorter});
      }),
      "data: bootstrap: runs 0 and 1 of set 0: expected the same rows, got 2 and 1 rows; give "
      "each test set its own `set`");
  EXPECT_EQ(
      error_of([&] { bootstrap_difference(metric, {run}, {relabelled}); }),
      "data: bootstrap: pair 0: expected the same targets, got 1 and 0 at target 1; predict the "
      "rows in one order");
  EXPECT_EQ(
      error_of([&] { bootstrap_difference(metric, {run}, {elsewhere}); }),
      "data: bootstrap: pair 0: expected one test set, got 0 and 4; pair runs by seed and set");
  EXPECT_EQ(
      error_of([&] {
        bootstrap_difference(metric, {run}, {run, elsewhere});
      }),
      "data: bootstrap: paired runs: expected the same number, got 1 and 2; pair them by seed "
      "and set");
  EXPECT_THAT(error_of([&] { bootstrap_difference(metric, {run}, {grouped}); }),
              testing::HasSubstr("expected the same groups"));
  EXPECT_EQ(error_of([&] { bootstrap(metric, {misgrouped}); }),
            "data: bootstrap: run 0: groups: expected 2 or none, got 1; give one for each row");
}

TEST(bootstrap, differences_alone_are_those_of_pairs) {
  braid::Rng rng(3);
  const TestRun base = coin_run(rng, 120, .6);
  std::vector<std::vector<TestRun>> methods;
  for (double accuracy : {.6, .75, .9}) {
    methods.push_back({coin_run(rng, 120, accuracy)});
    methods.back()[0].predictions.targets = base.predictions.targets;
  }
  const std::vector<Difference> all = bootstrap_differences(accuracy_metric(), methods, {base});
  ASSERT_EQ(all.size(), 3u);
  for (size_t m = 0; m < 3; ++m) {
    const Interval pair = bootstrap_difference(accuracy_metric(), methods[m], {base});
    EXPECT_EQ(all[m].alone.mean, pair.mean);
    EXPECT_EQ(all[m].alone.low, pair.low);
    EXPECT_EQ(all[m].alone.high, pair.high);
    EXPECT_GT(width(all[m].corrected), width(pair)) << "three are judged together";
  }
}

TEST(bootstrap, one_difference_needs_no_correction) {
  braid::Rng rng(4);
  const TestRun base = coin_run(rng, 400, .6);
  TestRun other = coin_run(rng, 400, .6);
  other.predictions.targets = base.predictions.targets;
  const Difference only =
      bootstrap_differences(accuracy_metric(), {{other}}, {base}, {4000, .95, 1})[0];
  EXPECT_NEAR(width(only.corrected), width(only.alone), 0.1 * width(only.alone));
}

TEST(bootstrap, nothing_is_found_among_many_that_are_no_better) {
  // 60 comparisons of 20 methods with a baseline of the same accuracy. Judged alone, most of the
  // comparisons have a method that "differs"; together about one in twenty may.
  braid::Rng rng(21);
  int num_alone = 0, num_together = 0;
  for (int i = 0; i < 60; ++i) {
    std::vector<double> targets;
    const auto rows = [&] {
      TestRun run = coin_run(rng, 150, .7);
      for (size_t r = 0; r < targets.size(); ++r)  // the same truth, an error of its own
        if (run.predictions.targets[r] != targets[r]) {
          run.predictions.targets[r] = targets[r];
          std::swap(run.predictions.scores[2 * r], run.predictions.scores[2 * r + 1]);
        }
      return run;
    };
    const TestRun base = rows();
    targets = base.predictions.targets;
    std::vector<std::vector<TestRun>> methods;
    for (int m = 0; m < 20; ++m) methods.push_back({rows()});
    bool alone = false, together = false;
    for (const Difference& one :
         bootstrap_differences(accuracy_metric(), methods, {base}, {300, .95, 1})) {
      alone = alone || one.alone.low > 0 || one.alone.high < 0;
      together = together || one.p < .05;
      if (one.p < .045) EXPECT_TRUE(one.corrected.low > 0 || one.corrected.high < 0);
    }
    num_alone += alone;
    num_together += together;
  }
  EXPECT_GE(num_alone, 25);
  EXPECT_LE(num_together, 8);
}

TEST(bootstrap, a_method_with_the_baselines_own_predictions_does_not_differ) {
  braid::Rng rng(5);
  const TestRun base = coin_run(rng, 50, .8);
  const Difference same = bootstrap_differences(accuracy_metric(), {{base}}, {base})[0];
  EXPECT_EQ(same.p, 1);
  EXPECT_EQ(same.corrected.low, 0);
  EXPECT_EQ(same.corrected.high, 0);
}
