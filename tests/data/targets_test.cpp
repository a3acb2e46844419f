#include "data/targets.h"

#include <gtest/gtest.h>

#include "manifests.h"

namespace braid::data {
namespace {

formats::Table column_of(const std::vector<std::string>& cells) {
  formats::Table table("m.csv", {"label"});
  for (size_t i = 0; i < cells.size(); ++i) table.add_row({cells[i]}, static_cast<int64_t>(i) + 2);
  return table;
}

Targets read(const std::vector<std::string>& cells, const std::string& task = "auto") {
  return read_targets(column_of(cells), "label", task, {});
}

std::vector<std::string> numbers(int count, const std::string& suffix) {
  std::vector<std::string> cells;
  for (int i = 0; i < count; ++i) cells.push_back(std::to_string(i) + suffix);
  return cells;
}

TEST(targets, two_values_are_binary_and_the_second_is_positive) {
  const Targets targets = read({"yes", "no", "", "yes"});
  EXPECT_EQ(targets.task, metrics::Task::binary);
  EXPECT_EQ(targets.labels, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(targets.values, (std::vector<double>{1, 0, 0, 1}));
  EXPECT_EQ(targets.known, (std::vector<uint8_t>{1, 1, 0, 1}));
  EXPECT_EQ(targets.num_outputs(), 2);
}

TEST(targets, numbers_as_classes_sort_by_value) {
  const Targets targets = read({"10", "9", "1", "9"});
  EXPECT_EQ(targets.task, metrics::Task::multiclass);
  EXPECT_EQ(targets.labels, (std::vector<std::string>{"1", "9", "10"}));
  EXPECT_EQ(targets.values, (std::vector<double>{2, 1, 0, 1}));
}

TEST(targets, many_numbers_are_regression) {
  EXPECT_EQ(read(numbers(21, ".5")).task, metrics::Task::regression);
  EXPECT_EQ(read(numbers(20, ".5")).task, metrics::Task::multiclass);
  EXPECT_EQ(read(numbers(51, "")).task, metrics::Task::regression);
  EXPECT_EQ(read(numbers(50, "")).task, metrics::Task::multiclass);
  EXPECT_EQ(read({"1.5", "2.5", ""}, "regression").values[1], 2.5);
}

TEST(targets, semicolons_are_labels) {
  const Targets targets = read({"b;a", "", "b", "c; b"});
  EXPECT_EQ(targets.task, metrics::Task::multilabel);
  EXPECT_EQ(targets.labels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(targets.values, (std::vector<double>{1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1}));
  EXPECT_EQ(targets.known, (std::vector<uint8_t>{1, 0, 1, 1}));
}

TEST(targets, nothing_to_learn) {
  EXPECT_FAILURE(read({"a", "a", ""}), data, "expected at least 2 classes, got one ('a')");
  EXPECT_FAILURE(read({"", " "}), data, "every cell is empty");
  EXPECT_FAILURE(read({"3", "3"}, "regression"), data, "got 3 in every row");
}

TEST(targets, classes_that_do_not_fit_the_task) {
  EXPECT_FAILURE(read({"a", "b", "c"}, "binary"), data,
                 "expected 2 classes, got 3 (a, b, c); set task=multiclass");
  EXPECT_FAILURE(read({"1", "x"}, "regression"), data,
                 "m.csv:3: column \"label\": target: expected a finite number, got \"x\"");
  EXPECT_FAILURE(read(numbers(1001, "x")), data,
                 "expected at most 1000 classes, got 1001; is it an id");
}

TEST(targets, a_known_task_reads_other_rows_alike) {
  const Targets targets =
      read_targets_like(column_of({"1.0", "", "2"}), "label", metrics::Task::binary, {"1", "2"});
  EXPECT_EQ(targets.values, (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(targets.known, (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_FAILURE(
      read_targets_like(column_of({"cat", "dgo"}), "label", metrics::Task::binary, {"cat", "dog"}),
      data, "m.csv:3: column \"label\": target: unknown class 'dgo'; did you mean 'dog'?");
  const Targets absent =
      read_targets_like(column_of({"cat"}), "species", metrics::Task::binary, {"cat", "dog"});
  EXPECT_EQ(absent.known, (std::vector<uint8_t>{0}));
}

}  // namespace
}  // namespace braid::data
