// The main job: every baseline and every fusion on the same splits with the same budget, and what
// to make of it.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "core/log.h"
#include "train/config.h"

namespace braid::compare {

struct CompareOptions {
  int64_t seeds = 3;
  std::vector<std::string> methods;
  std::string metric = "auto";
  Json fusions = Json::object();
  template <class V>
  void visit(V& v) {
    v("seeds", seeds, between(1, 100), "trainings per method and split, each with its own seed");
    v("methods", methods, any(),
      "fusions to compare (see 'braid list fusion'); empty = the usual ones, [all] = every one; "
      "single modalities always run");
    v("metric", metric, any(),
      "what methods are judged by; auto = accuracy, macro_f1 for labels, rmse for values");
    v("fusions", fusions, any(), "keys of single fusions: {concat: {hidden: [64]}}");
  }
};

struct CompareConfig : train::ExperimentConfig {
  CompareOptions compare;
  template <class V>
  void visit(V& v) {
    ExperimentConfig::visit(v);
    v("compare", compare, any(), "what is compared");
  }
};

struct CompareJob {
  CompareConfig config;
  std::string out;      // folder; trials that are finished there are not trained again
  std::string command;  // as typed, for the report
  int num_threads = 1;
  std::string device = "cpu";
  const std::atomic<bool>* stop = nullptr;
  Sinks sinks;
};

/// Trains, judges and writes `out`/compare.json (docs/compare-json.md), report.html, best/ (the
/// winner's bundle), best_single/ and runs/. Returns the content of compare.json. The winner is
/// chosen on the validation split; the test split is looked at once, at the end. Null where `stop`
/// was set before the end. Errors: config, data, io. Cost: (modalities + fusions without a learned
/// late part) * seeds * folds trainings, one per core at a time.
Json compare(const CompareJob& job);

/// What compare() would do, as text: rows, splits, methods with their parameters, number of
/// trainings. Trains and writes nothing.
std::string plan_text(const CompareJob& job);

}  // namespace braid::compare
