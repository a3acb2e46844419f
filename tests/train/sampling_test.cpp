// Balanced draws, class weights and modality dropout, where a shared coin or a shifted stream would
// go unseen in training.
#include "train/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace braid::train {
namespace {

data::Targets classes(const std::vector<double>& values, int64_t count) {
  data::Targets targets;
  for (int64_t k = 0; k < count; ++k)
    targets.labels.push_back(std::string(1, static_cast<char>('a' + k)));
  targets.values = values;
  targets.known.assign(values.size(), 1);
  return targets;
}

// 90 rows of class 0, 9 of class 1, one of class 2.
data::Targets lopsided() {
  std::vector<double> values(100, 0.0);
  std::fill(values.begin() + 90, values.begin() + 99, 1.0);
  values[99] = 2;
  return classes(values, 3);
}

std::vector<int64_t> all_rows(int64_t count) {
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < count; ++r) rows.push_back(r);
  return rows;
}

TEST(sampling, shuffle_is_a_permutation_of_its_seed) {
  const auto rows = all_rows(100);
  const auto order = epoch_order("shuffle", rows, lopsided(), Rng(1));
  EXPECT_NE(order, rows);
  EXPECT_EQ(order, epoch_order("shuffle", rows, lopsided(), Rng(1)));
  EXPECT_NE(order, epoch_order("shuffle", rows, lopsided(), Rng(2)));
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, rows);
}

TEST(sampling, balanced_draws_every_class_equally_often) {
  const data::Targets targets = lopsided();
  std::map<double, int> counts;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const auto order = epoch_order("balanced", all_rows(100), targets, Rng(seed));
    ASSERT_EQ(order.size(), 100u);
    for (int64_t row : order) ++counts[targets.values[static_cast<size_t>(row)]];
  }
  for (const auto& [label, count] : counts)
    EXPECT_NEAR(count, 2000, 200) << label;  // deviation sqrt(6000 * 2 / 9) = 37
}

TEST(sampling, buckets_hold_rows_of_like_length) {
  // Lengths 1 to 1000 in random order.
  std::vector<int64_t> order = all_rows(1000), lengths;
  Rng(3).shuffle(order);
  for (const int64_t row : order) lengths.push_back(row + 1);
  const auto padded = [](const std::vector<int64_t>& rows) {
    int64_t sum = 0;
    for (size_t first = 0; first < rows.size(); first += 10) {
      int64_t longest = 0;
      for (size_t i = first; i < std::min(first + 10, rows.size()); ++i)
        longest = std::max(longest, rows[i] + 1);
      sum += 10 * longest;
    }
    return static_cast<double>(sum);
  };
  const auto bucketed = in_buckets(order, lengths, 10, Rng(1));
  auto sorted = bucketed;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, all_rows(1000));
  // All real tokens: 1000 * 1001 / 2. In random batches of ten the longest is ten elevenths of all.
  EXPECT_GT(padded(order), 1.7 * 500500);
  EXPECT_LT(padded(bucketed), 1.1 * 500500);
  EXPECT_EQ(bucketed, in_buckets(order, lengths, 10, Rng(1)));
  EXPECT_NE(bucketed, in_buckets(order, lengths, 10, Rng(2)));
  // The batches themselves come in random order, short ones not first.
  int64_t rising = 0;
  for (size_t b = 1; b < 100; ++b) rising += bucketed[10 * b] > bucketed[10 * (b - 1)] ? 1 : 0;
  EXPECT_GT(rising, 30);
  EXPECT_LT(rising, 70);
}

TEST(sampling, a_last_smaller_batch_stays_last) {
  const std::vector<int64_t> order = all_rows(7), lengths = {5, 1, 4, 2, 3, 9, 8};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto bucketed = in_buckets(order, lengths, 3, Rng(seed));
    EXPECT_EQ(bucketed.back(), 5);  // the longest of the one bucket
    ASSERT_EQ(bucketed.size(), 7u);
  }
}

TEST(sampling, balanced_draws_from_the_given_rows_alone) {
  const std::vector<int64_t> rows = {3, 95, 97};
  for (int64_t row : epoch_order("balanced", rows, lopsided(), Rng(1)))
    EXPECT_EQ(std::count(rows.begin(), rows.end(), row), 1) << row;
}

TEST(sampling, balanced_labels_have_a_stratum_each_and_one_for_none) {
  data::Targets targets = classes({}, 2);
  targets.task = metrics::Task::multilabel;
  // Eight rows with label 0, one with label 1, one with neither.
  for (int r = 0; r < 8; ++r) targets.values.insert(targets.values.end(), {1, 0});
  targets.values.insert(targets.values.end(), {0, 1, 0, 0});
  int of_label_1 = 0, of_none = 0;
  for (uint64_t seed = 0; seed < 300; ++seed)
    for (int64_t row : epoch_order("balanced", all_rows(10), targets, Rng(seed))) {
      of_label_1 += row == 8;
      of_none += row == 9;
    }
  EXPECT_NEAR(of_label_1, 1000, 150);  // a third of 3000, deviation 26
  EXPECT_NEAR(of_none, 1000, 150);
}

TEST(sampling, balanced_values_are_a_plain_shuffle) {
  data::Targets targets = classes({1, 2, 3, 4, 5, 6}, 0);
  targets.task = metrics::Task::regression;
  auto order = epoch_order("balanced", all_rows(6), targets, Rng(1));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, all_rows(6));
}

TEST(sampling, class_weights_are_inverse_frequencies_with_mean_1) {
  // Classes 0, 0, 0, 1: 4 / (2 * 3) and 4 / (2 * 1). The mean over rows: (3 * 2/3 + 2) / 4 = 1.
  // Class 2 is not there.
  const data::Targets targets = classes({0, 0, 0, 1, 2}, 3);
  const std::vector<double> weights = class_weights("balanced", {0, 1, 2, 3}, targets);
  ASSERT_EQ(weights.size(), 3u);
  EXPECT_DOUBLE_EQ(weights[0], 2.0 / 3);
  EXPECT_DOUBLE_EQ(weights[1], 2);
  EXPECT_EQ(weights[2], 0);
  data::Targets values = targets;
  values.task = metrics::Task::regression;
  EXPECT_TRUE(class_weights("balanced", {0, 1}, values).empty());
}

// A batch of `rows` samples and M modalities of two tokens, all present.
data::Batch full_batch(size_t rows, size_t M) {
  data::Batch batch;
  batch.rows.assign(rows, 0);
  for (size_t m = 0; m < M; ++m) {
    data::ModalityBatch modality;
    modality.batch = static_cast<int64_t>(rows);
    modality.length = 2;
    modality.mask.assign(2 * rows, 1);
    modality.present.assign(rows, 1);
    batch.modalities.push_back(modality);
  }
  return batch;
}

std::vector<double> every(double rate, const data::Batch& batch) {
  return std::vector<double>(batch.modalities.size(), rate);
}

TEST(sampling, each_sample_has_its_own_coins) {
  data::Batch batch = full_batch(200, 2);
  drop_modalities(every(0.3, batch), Rng(1), &batch);
  const auto& first = batch.modalities[0].present;
  const auto hidden = std::count(first.begin(), first.end(), 0);
  // One coin for the whole batch would hide all or none.
  EXPECT_GT(hidden, 20);
  EXPECT_LT(hidden, 100);
  EXPECT_NE(first, batch.modalities[1].present) << "and each modality its own";
}

TEST(sampling, never_hides_all_that_a_sample_has) {
  data::Batch batch = full_batch(500, 3);
  for (size_t b = 0; b < 500; b += 5)
    batch.modalities[0].present[b] = batch.modalities[2].present[b] = 0;
  drop_modalities(every(0.9, batch), Rng(2), &batch);
  for (size_t b = 0; b < 500; ++b) {
    int left = 0;
    for (const auto& modality : batch.modalities) left += modality.present[b];
    EXPECT_GE(left, 1) << b;
    if (b % 5 == 0) {
      EXPECT_EQ(batch.modalities[1].present[b], 1) << "the only one it had";
      EXPECT_EQ(batch.modalities[0].present[b], 0) << "what is absent stays absent";
    }
  }
}

TEST(sampling, hides_at_its_rate) {
  data::Batch batch = full_batch(20000, 2);
  drop_modalities(every(0.2, batch), Rng(3), &batch);
  for (const auto& modality : batch.modalities) {
    // 0.2, less the half of 0.2 * 0.2 cases in which both coins fell and this one was spared: 0.18.
    // Deviation 0.0027.
    const double rate =
        static_cast<double>(std::count(modality.present.begin(), modality.present.end(), 0)) /
        20000;
    EXPECT_NEAR(rate, 0.18, 0.012);
  }
}

TEST(sampling, spares_each_of_two_equally_often_among_three_modalities) {
  // Only the modalities 0 and 1 are present, and nearly always both coins fall: half the rows keep
  // 0, half keep 1.
  data::Batch batch = full_batch(6000, 3);
  batch.modalities[2].present.assign(6000, 0);
  drop_modalities(every(0.95, batch), Rng(4), &batch);
  const auto& first = batch.modalities[0].present;
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), 1)) / 6000, 0.5,
              0.03);  // deviation 0.0065
}

TEST(sampling, masks_follow_presence) {
  data::Batch batch = full_batch(100, 2);
  drop_modalities(every(0.5, batch), Rng(5), &batch);
  for (const auto& modality : batch.modalities)
    for (size_t b = 0; b < 100; ++b)
      for (size_t t = 0; t < 2; ++t) EXPECT_EQ(modality.mask[2 * b + t], modality.present[b]);
}

TEST(sampling, a_rows_coins_do_not_depend_on_its_neighbours) {
  data::Batch batch = full_batch(50, 3), other = full_batch(50, 3);
  for (size_t m = 0; m < 3; ++m) other.modalities[m].present[7] = m == 1;  // row 7 lacks two
  drop_modalities(every(0.4, batch), Rng(6), &batch);
  drop_modalities(every(0.4, other), Rng(6), &other);
  for (size_t m = 0; m < 3; ++m)
    for (size_t b = 0; b < 50; ++b)
      if (b != 7)
        EXPECT_EQ(batch.modalities[m].present[b], other.modalities[m].present[b]) << m << " " << b;
  data::Batch again = full_batch(50, 3);
  drop_modalities(every(0.4, again), Rng(6), &again);
  for (size_t m = 0; m < 3; ++m)
    EXPECT_EQ(again.modalities[m].present, batch.modalities[m].present);
}

TEST(sampling, nothing_to_hide) {
  data::Batch none = full_batch(50, 2), single = full_batch(50, 1);
  drop_modalities(every(0, none), Rng(1), &none);
  drop_modalities(every(0.9, single), Rng(1), &single);
  EXPECT_EQ(none.modalities[0].present, std::vector<uint8_t>(50, 1));
  EXPECT_EQ(single.modalities[0].present, std::vector<uint8_t>(50, 1));
}

TEST(sampling, each_modality_has_its_own_rate) {
  data::Batch batch = full_batch(4000, 3);
  drop_modalities({0.1, 0.5, 0}, Rng(8), &batch);
  const double expected[] = {0.1, 0.5, 0};
  for (size_t m = 0; m < 3; ++m) {
    const auto& present = batch.modalities[m].present;
    const auto hidden = std::count(present.begin(), present.end(), 0);
    EXPECT_NEAR(static_cast<double>(hidden) / 4000, expected[m], 0.032) << m;  // four deviations
  }
}

TEST(sampling, dropout_rises_or_falls_over_the_epochs) {
  EXPECT_EQ(dropout_factor("constant", 7, 10), 1);
  EXPECT_EQ(dropout_factor("rising", 1, 11), 0);
  EXPECT_DOUBLE_EQ(dropout_factor("rising", 6, 11), 0.5);
  EXPECT_EQ(dropout_factor("rising", 11, 11), 1);
  EXPECT_DOUBLE_EQ(dropout_factor("falling", 3, 11), 0.8);
  EXPECT_EQ(dropout_factor("rising", 1, 1), 1);
}

TEST(sampling, effective_weights_lie_between_none_and_balanced) {
  // 90 and 10 of 100 rows; beta = 0.99: effective numbers (1 - 0.99^n) / 0.01.
  std::vector<double> values(100, 0);
  std::fill(values.begin(), values.begin() + 10, 1);
  const data::Targets targets = classes(values, 2);
  const std::vector<double> got = class_weights("effective", all_rows(100), targets);
  const double large = (1 - std::pow(0.99, 90)) / 0.01, small = (1 - std::pow(0.99, 10)) / 0.01;
  EXPECT_NEAR(got[1] / got[0], large / small, 1e-9);
  EXPECT_NEAR(90 * got[0] + 10 * got[1], 100, 1e-9);
  EXPECT_LT(got[1], class_weights("balanced", all_rows(100), targets)[1]);
  EXPECT_GT(got[1], 1);
  EXPECT_TRUE(class_weights("none", all_rows(100), targets).empty());
}

TEST(sampling, square_root_draws_classes_by_the_root_of_their_count) {
  // 90 and 10 rows: 3 to 1.
  std::vector<double> values(100, 0);
  std::fill(values.begin(), values.begin() + 10, 1);
  const data::Targets targets = classes(values, 2);
  double rare = 0, all = 0;
  for (uint64_t seed = 0; seed < 100; ++seed)
    for (int64_t row : epoch_order("square_root", all_rows(100), targets, Rng(seed))) {
      rare += row < 10;
      ++all;
    }
  EXPECT_NEAR(rare / all, 0.25, 0.018);  // four deviations
}

}  // namespace
}  // namespace braid::train
