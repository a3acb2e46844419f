// The main job: every baseline and every fusion on the same splits with the same budget, and what
// to make of it.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "core/log.h"
#include "train/config.h"

namespace braid::compare {

/// Successive halving: which methods, and which settings of each, are worth the whole training.
struct SearchOptions {
  std::string name = "none";
  int64_t factor = 3;
  int64_t first_epochs = 0;
  int64_t keep = 3;
  Json train = Json::object();
  Json fusions = Json::object();
  template <class V>
  void visit(V& v) {
    v("name", name, one_of({"none", "halving"}),
      "halving: all candidates train for a few epochs, the best go on");
    v("factor", factor, between(2, 10), "one in so many goes on, for so many times the epochs");
    v("first_epochs", first_epochs, at_least(0),
      "epochs before the first choice; 0 = train.epochs / factor^2");
    v("keep", keep, at_least(1), "candidates that are left at the end, at least");
    v("train", train, any(), "values to try of keys of train: {lr: [0.001, 0.003]}");
    v("fusions", fusions, any(),
      "settings to try of single fusions: {lmf: [{rank: 2}, {rank: 8}]}");
  }
};

struct CompareOptions {
  int64_t seeds = 3;
  std::vector<std::string> methods;
  std::string metric = "auto";
  Json fusions = Json::object();
  SearchOptions search;
  Json costs = Json::object();
  bool stress = false;
  template <class V>
  void visit(V& v) {
    v("seeds", seeds, between(1, 100), "trainings per method and split, each with its own seed");
    v("methods", methods, any(),
      "fusions to compare (see 'braid list fusion'), families (early, late, hybrid), all, or "
      "advised: those that fit what the single modalities show; empty = the usual ones; single "
      "modalities always run");
    v("metric", metric, any(),
      "what methods are judged by; auto = accuracy, macro_f1 for labels, rmse for values");
    v("fusions", fusions, any(), "keys of single fusions: {concat: {hidden: [64]}}");
    v("search", search, any(), "which settings of which methods are worth the whole training");
    v("costs", costs, any(),
      "what it costs to obtain a modality of one sample, in any unit: {video: 5}; left out = 1");
    v("stress", stress, any(),
      "measure the best of each family with modalities missing, corrupted and paired wrongly");
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
