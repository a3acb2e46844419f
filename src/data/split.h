// Which rows train, choose and judge: a split column, a seeded stratified split, or folds, never
// parting a group.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/log.h"
#include "data/dataset.h"

namespace braid::data {

struct SplitConfig {
  double validation = 0.15;  // fraction, where no split column says otherwise
  double test = 0.2;
  int64_t folds = 0;               // >= 2: k-fold cross-validation
  Json hold_out = Json::object();  // {"column": ["value"]}: rows to judge by alone
  int64_t seed = 1;
  template <class V>
  void visit(V& v) {
    v("validation", validation, between(0.0, 0.9),
      "fraction of rows that choose epochs and methods");
    v("test", test, between(0.0, 0.9), "fraction of rows that judge");
    v("folds", folds, at_least(0), "number of cross-validation folds; 0 = one split");
    v("hold_out", hold_out, any(),
      "rows with these values are the test part, and no others: {site: [north]}");
    v("seed", seed, at_least(0), "seed of the split");
  }
};

/// Rows of the dataset, ascending; where it has a target, only rows whose target is known.
struct Split {
  std::vector<int64_t> train, validation, test;
};

/// One split, or one per fold (the fold tests, a group-safe stratified part of the rest validates).
///
/// Order of preference: the dataset's fold column, config.folds, the dataset's split column (a
/// validation part is drawn from train where it has none; a test part likewise, with a warning), a
/// seeded split. Fractions are of all rows with a target; 0 leaves the part empty. With
/// config.hold_out the rows that have one of the values it names in any of its columns are the test
/// part, whatever the split column says of them; the others train and validate as if they were all,
/// less those that say test and those of a held out row's group, which are in no part. Stratified
/// by class (by label where there are several, by tenth of the values for regression); whole groups
/// move together, except where the user's own split or fold column parts them: then with a warning.
/// Missing  rows whose target is unknown are in no part, nor are rows whose split cell is empty or
/// says something else than train, val or test
///          (with a warning that counts them).
/// Without a target every row has a part, and all are alike.
/// Errors   config: config.hold_out names an unknown column or value, or all rows, or folds are
/// asked for beside it. data: a class has no row in train (names the class
/// and what to do), an empty part, no train row
///          in the split column, fewer groups than folds or parts.
/// Cost     rows * parts * classes of a row.
std::vector<Split> make_splits(const Dataset& dataset, const SplitConfig& config,
                               const Sinks& sinks = {});

/// What a cell of a split column says, in any case and by any usual word: 0 train, 1 validation, 2
/// test, -1 none of them.
int side_of(std::string_view cell);

}  // namespace braid::data
