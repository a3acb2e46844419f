// compare.json (docs/compare-json.md) as structs, read once so that tables and charts need no key
// names.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "report/numbers.h"

namespace braid::report {

struct ModalityRow {
  std::string name, kind;
  std::vector<std::string> fields;
  double train = kAbsent, validation = kAbsent, test = kAbsent;  // share of rows that have it
};

struct RunRow {
  int64_t seed = -1, fold = -1, best_epoch = -1, epochs = -1;
  double metric = kAbsent, validation = kAbsent;
};

struct Curve {
  int64_t run = 0;
  std::vector<double> epoch, train_loss, validation_loss, validation_metric;
};

struct ClassRow {
  std::string label;
  double precision = kAbsent, recall = kAbsent, f1 = kAbsent;
  int64_t support = -1;
};

struct CalibrationBin {
  double confidence = kAbsent, accuracy = kAbsent, count = 0;
};

struct SubsetValue {
  std::vector<std::string> modalities;
  Value value;
};

struct MethodResult {
  std::string name, family, summary;
  std::vector<std::string> modalities;
  Value metric, difference;
  bool has_difference = false;
  double validation = kAbsent;
  std::vector<std::pair<std::string, Value>> metrics;
  int64_t parameters = -1;
  double train_seconds = kAbsent, latency_ms = kAbsent;
  std::vector<RunRow> runs;
  std::vector<Curve> curves;
  std::vector<std::vector<double>> confusion;  // rows are the truth; square, or empty
  std::vector<ClassRow> per_class;
  std::vector<CalibrationBin> calibration;
  std::vector<std::pair<double, double>> scatter;  // target, predicted
  std::vector<SubsetValue> subsets;
  std::vector<std::pair<std::string, double>> weights, gradient_shares;
  double cost = kAbsent;         // of obtaining its modalities for one sample
  double corrected_p = kAbsent;  // of its difference, among all differences
  std::string settings;          // of its own, "lr=0.002"
};

/// The winner without some of its modalities.
struct WithoutRow {
  std::vector<std::string> modalities;
  Value difference;
  double latency_change = kAbsent, cost_change = kAbsent;  // -0.8 = 80 % less
};

struct CandidateRow {
  std::string method, settings;
  double validation = kAbsent;
  bool goes_on = false;
};

/// Candidates that trained for the same epochs.
struct Rung {
  int64_t epochs = -1;
  std::vector<CandidateRow> candidates;
};

struct AdviceRow {
  std::string family;
  std::vector<std::string> methods, reasons;
};

struct SubsetRow {
  std::vector<std::string> modalities;
  std::vector<std::pair<std::string, double>> methods;
};

struct CompareData {
  std::string braid, created, command, manifest, fingerprint, cpu, task, target, group;
  std::string metric = "metric", best_single, winner, verdict;
  bool higher_is_better = true;
  double level = kAbsent;  // of the intervals
  int64_t seed = -1, cores = -1, threads = -1, resamples = -1;
  int64_t rows = -1, train = -1, validation = -1, test = -1, folds = 0, seeds = -1;
  std::vector<std::string> labels, skipped, warnings, notes;
  std::vector<ModalityRow> modalities;
  std::vector<MethodResult> methods;
  std::vector<SubsetRow> subsets;
  std::vector<WithoutRow> without;
  std::vector<std::string> front;  // methods that no other beats in result and cost at once
  AdviceRow advice;
  std::vector<Rung> rungs;
  int64_t search_epochs = -1, search_epochs_of_all = -1;
  Json stress;  // null, or stress documents side by side

  /// The method of that name, or null.
  const MethodResult* find(const std::string& name) const;
  /// Decimals for the compared metric, the same in every row.
  int decimals() const;
  /// Methods by family (single, linear, early, late, hybrid, others), the best first within each;
  /// n/a last.
  std::vector<const MethodResult*> by_family() const;
  /// Methods, the best first; n/a last.
  std::vector<const MethodResult*> by_metric() const;
};

/// Absent keys and nulls become the defaults above. Errors: format, naming the key, where a value
/// has the wrong type.
CompareData read_compare(const Json& compare);

/// Names of the methods in the subset rows, in the order they first occur.
std::vector<std::string> subset_methods(const CompareData& data);

/// The method's metric in that row, or NaN.
double subset_value(const SubsetRow& row, const std::string& method);

/// "image + audio"; "(none)" for an empty list.
std::string join_modalities(const std::vector<std::string>& modalities);

}  // namespace braid::report
