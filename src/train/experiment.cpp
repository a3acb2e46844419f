#include "train/experiment.h"

#include <malloc.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "data/survey.h"

namespace braid::train {
namespace {

void leave_out(const std::map<int64_t, std::string>& bad, Fold* fold) {
  for (auto* part : {&fold->split.train, &fold->split.validation, &fold->split.test}) {
    for (int64_t row : *part)
      if (bad.count(row) > 0) fold->bad_rows.push_back(bad.at(row));
    part->erase(
        std::remove_if(part->begin(), part->end(), [&](int64_t row) { return bad.count(row) > 0; }),
        part->end());
  }
}

// Understanding a large manifest leaves more free memory behind than the manifest takes, all of it
// in the one thread's part of the heap, where the threads that prepare samples cannot use it.
void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(/*pad=*/0);
#endif
}

// An encoder that starts from a folder reads what that folder's preprocessing makes, unless
// prepare.from says otherwise.
void take_preprocessing(ExperimentConfig* config) {
  if (!config->model.encoders.is_object() || !config->prepare.from.is_object()) return;
  for (const auto& item : config->model.encoders.items())
    if (item.value().is_object() && item.value().contains("from") &&
        !config->prepare.from.contains(item.key()))
      config->prepare.from[item.key()] = item.value()["from"];
}

}  // namespace

Experiment open_experiment(const ExperimentConfig& config, const Sinks& sinks) {
  Experiment experiment;
  experiment.config = config;
  take_preprocessing(&experiment.config);
  experiment.dataset = std::make_unique<data::Dataset>(data::Dataset::open(config.data, sinks));
  experiment.splits = data::make_splits(*experiment.dataset, config.split, sinks);
  give_back_free_memory();
  return experiment;
}

Fold Experiment::open_fold(size_t index, int num_threads, const Sinks& sinks) const {
  Fold fold;
  fold.split = splits.at(index);
  if (config.data.skip_bad) {
    // Files are judged before anything is learned from them.
    std::map<int64_t, std::string> bad;
    const auto surveyed = data::survey(*dataset, num_threads, sinks);
    for (size_t m = 0; m < surveyed.size(); ++m)
      for (size_t row = 0; row < surveyed[m].size(); ++row)
        if (surveyed[m][row].is_present && !surveyed[m][row].is_readable)
          bad.emplace(static_cast<int64_t>(row),
                      fmt::format("{}: field \"{}\": {}", dataset->where(static_cast<int64_t>(row)),
                                  dataset->modalities()[m].name, surveyed[m][row].problem));
    leave_out(bad, &fold);
  }
  data::Preparation preparation =
      data::Preparation::learn(*dataset, fold.split.train, config.prepare, num_threads, sinks);
  // The folds of a run share the room.
  const auto share_of_mib = [this](int64_t mib) {
    return (static_cast<uint64_t>(mib) << 20) / splits.size();
  };
  fold.store = std::make_unique<data::PreparedStore>(*dataset, std::move(preparation),
                                                     share_of_mib(config.prepare.memory_mb),
                                                     share_of_mib(config.prepare.spill_mb));
  if (config.data.skip_bad) {
    // What can be decoded may still not fit: an embedding of another length, NaN in an array.
    std::map<int64_t, std::string> bad;
    for (const auto* part : {&fold.split.train, &fold.split.validation, &fold.split.test})
      for (const data::BadRow& row : data::find_bad_rows(*fold.store, *part, num_threads, sinks))
        bad.emplace(row.row, row.message);
    leave_out(bad, &fold);
  }
  if (!fold.bad_rows.empty())
    sinks.warn(fmt::format("{} bad row{} left out; the first: {}", fold.bad_rows.size(),
                           fold.bad_rows.size() == 1 ? " is" : "s are", fold.bad_rows.front()));
  return fold;
}

}  // namespace braid::train
