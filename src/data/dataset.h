// A manifest with its columns understood: fields with kinds, modalities, target, group, folds.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/log.h"
#include "data/fields.h"
#include "data/sample.h"
#include "formats/table.h"
#include "metrics/metric.h"

namespace braid::data {

struct DatasetConfig {
  std::string manifest;
  std::string target;                // column; "" = none (prediction on unlabelled rows)
  std::string task = "auto";         // auto, binary, multiclass, multilabel, regression
  std::vector<std::string> fields;   // columns to use as inputs; empty = all that can be inferred
  std::vector<std::string> exclude;  // columns never to use as inputs
  Json kinds = Json::object();       // {"column": "kind"}; overrides inference
  Json embeddings =
      Json::object();  // {"name": ["col_a", "col_b"]}: several numeric columns as one vector
  std::string group;   // column whose value never stands on two sides of a split
  std::string fold;    // column with fold numbers or names: cross-validation
  std::string split = "split";  // column with train/val/test (also validation, valid, dev,
                                // training, testing); used when it exists
  bool skip_bad = false;        // leave out rows whose values or files are bad, count and list them
  template <class V>
  void visit(V& v) {
    v("manifest", manifest, any(), "CSV, TSV or JSONL file, one row per sample");
    v("target", target, any(), "column to predict");
    v("task", task, one_of({"auto", "binary", "multiclass", "multilabel", "regression"}),
      "kind of target");
    v("fields", fields, any(), "input columns; empty = every column whose kind can be inferred");
    v("exclude", exclude, any(), "columns never to use as inputs");
    v("kinds", kinds, any(), "kind of a column, where the inferred one is wrong: {age: category}");
    v("embeddings", embeddings, any(), "numeric columns read as one vector: {gyro: [gx, gy, gz]}");
    v("group", group, any(), "column whose value never stands on two sides of a split");
    v("fold", fold, any(), "column of folds: cross-validation instead of one split");
    v("split", split, any(), "column with train, val and test");
    v("skip_bad", skip_bad, any(), "leave bad rows out, count and list them");
  }
};

/// The target of every row, and what it means.
struct Targets {
  metrics::Task task = metrics::Task::multiclass;
  std::vector<std::string> labels;  // class or label names, sorted (numerically where all are
                                    // numbers); empty for regression
  std::vector<double>
      values;  // classification: (N) class index; multilabel: (N, labels) 0/1; regression: (N)
  std::vector<uint8_t> known;  // (N) 0 where the target cell is empty: the row is then not used for
                               // training or tests
  int64_t num_outputs() const;  // binary 2, multiclass K, multilabel labels, regression 1
};

/// Why a column has its kind, for `inspect` and the log: "image: extension .png".
struct Inference {
  std::string column;
  std::string use;  // "field", "target", "group", "fold", "split", "id", "ignored"
  Kind kind = Kind::text;
  std::string reason;
};

class Dataset {
 public:
  /// Reads the manifest and understands its columns; opens no media file. Rows with an empty target
  /// are kept, but not `known`. Warns of columns that tell the target away (data/leak.h) and of
  /// rows left out with skip_bad. Errors: io, format and data as formats/table.h; data: empty
  /// manifest, target or other named column missing (with the nearest name), one class only, NaN or
  /// text in a numeric column (with line; with skip_bad the row is left out), no input column left;
  /// config: unknown kind, a column with two uses.
  static Dataset open(const DatasetConfig& config, const Sinks& sinks = {});
  /// The same columns, kinds, labels for other rows (prediction): missing columns are missing
  /// values; the target may be absent or empty. Errors: as open; data: an unknown class or label
  /// (with line), none of the fields' columns is there.
  static Dataset open_like(const std::string& manifest, const std::vector<Field>& fields,
                           const std::vector<Modality>& modalities, const std::string& target,
                           metrics::Task task, const std::vector<std::string>& labels,
                           const Sinks& sinks = {}, bool skip_bad = false);

  /// With skip_bad: one message per row left out, each opened by "manifest:line".
  const std::vector<std::string>& skipped() const { return skipped_; }

  int64_t size() const { return table_.num_rows(); }
  const std::string& manifest() const { return table_.name(); }
  const std::vector<Field>& fields() const { return fields_; }
  const std::vector<Modality>& modalities() const { return modalities_; }
  const std::vector<Inference>& inferences() const { return inferences_; }
  const Targets& targets() const { return targets_; }
  const DatasetConfig& config() const { return config_; }
  /// Raw values of one row; media as paths joined to the manifest's folder. Cost: no file is
  /// opened.
  Sample sample(int64_t row) const;
  /// Group of every row (dense numbers from 0), or empty where no group column is set. An empty
  /// group cell is a group of its own.
  const std::vector<int64_t>& groups() const { return groups_; }
  /// Cell of any column, "" where it is empty or the manifest has no such column.
  std::string_view cell(int64_t row, const std::string& column) const;
  /// "manifest:line" of a row.
  std::string where(int64_t row) const;
  const formats::Table& table() const { return table_; }
  /// Hash of the manifest's bytes (64 bit hex): goes into run folders and reports.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  void read_manifest(const std::string& path);
  void leave_out_bad_rows(const Sinks& sinks);
  void number_groups();
  Value value(int64_t row, const Field& field) const;

  DatasetConfig config_;
  formats::Table table_;
  std::string folder_, fingerprint_;
  std::vector<Field> fields_;
  std::vector<Modality> modalities_;
  std::vector<Inference> inferences_;
  Targets targets_;
  std::vector<int64_t> groups_;
  std::vector<std::string> skipped_;
  std::map<std::string, int64_t> columns_;
};

}  // namespace braid::data
