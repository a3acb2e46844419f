// The published families at the sizes people use, as their config.json describes them.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "data/modality_spec.h"

namespace braid::bench {

/// A checkpoint to write and time, and what it is fed.
struct PublishedSubject {
  std::string name;  // of the family
  Json config;       // config.json
  data::ModalitySpec spec;
  int64_t rows;  // of a batch
};

/// Base sizes; with `is_smallest` the same kinds of model, a hundredth of the work.
std::vector<PublishedSubject> published_subjects(bool is_smallest);

}  // namespace braid::bench
