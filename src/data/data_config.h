// The parts of a run's config that are about data, for every verb that opens a data set.
#pragma once
#include "core/config.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/prepare.h"
#include "data/split.h"

namespace braid::data {

struct DataConfig {
  DatasetConfig data;
  SplitConfig split;
  PrepareConfig prepare;
  AugmentConfig augment;
  template <class V>
  void visit(V& v) {
    v("data", data, any(), "the manifest and its columns");
    v("split", split, any(), "which rows train, choose and judge");
    v("prepare", prepare, any(), "from files to arrays");
    v("augment", augment, any(), "random changes of training samples");
  }
};

}  // namespace braid::data
