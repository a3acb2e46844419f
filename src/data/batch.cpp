#include "data/batch.h"

#include <algorithm>

#include "core/error.h"

namespace braid::data {
namespace {

struct Sizes {
  size_t values = 0, ids = 0, observed = 0, times = 0;  // per token
};

Sizes sizes_of(const ModalitySpec& spec) {
  switch (spec.kind) {
    case Kind::image:
      return {static_cast<size_t>(spec.channels * spec.height * spec.width)};
    case Kind::text:
      return {0, 1};
    case Kind::tabular:
      return {static_cast<size_t>(spec.features), spec.categories.size(),
              static_cast<size_t>(spec.features)};
    case Kind::video:
      return {static_cast<size_t>(spec.channels * spec.height * spec.width)};
    case Kind::volume:
      return {static_cast<size_t>(spec.depth * spec.height * spec.width)};
    case Kind::series:
      return {static_cast<size_t>(spec.features), 0, static_cast<size_t>(spec.features), 1};
    default:
      return {static_cast<size_t>(spec.features)};
  }
}

void check_fits(const ModalitySpec& spec, const Sizes& sizes, const Prepared& sample) {
  BRAID_CHECK(sample.length >= 1 && sample.length <= spec.max_length, shape,
              "modality \"{}\": expected 1 to {} tokens, got {}", spec.name, spec.max_length,
              sample.length);
  const size_t length = static_cast<size_t>(sample.length);
  BRAID_CHECK(
      sample.values.size() == length * sizes.values && sample.ids.size() == length * sizes.ids &&
          (spec.kind == Kind::text || sample.observed.size() == length * sizes.observed) &&
          sample.times.size() == length * sizes.times,
      shape,
      "modality \"{}\": expected {} values and {} ids for each of {} tokens, got {} and {} in all",
      spec.name, sizes.values, sizes.ids, length, sample.values.size(), sample.ids.size());
}

}  // namespace

ModalityBatch collate(const ModalitySpec& spec, const std::vector<const Prepared*>& samples) {
  const Sizes sizes = sizes_of(spec);
  ModalityBatch batch;
  batch.kind = spec.kind;
  batch.batch = static_cast<int64_t>(samples.size());
  for (const Prepared* sample : samples) {
    if (!sample->present) continue;
    check_fits(spec, sizes, *sample);
    batch.length = std::max(batch.length, sample->length);
  }
  const size_t count = samples.size(), length = static_cast<size_t>(batch.length);
  batch.values.assign(count * length * sizes.values, 0.0f);
  batch.ids.assign(count * length * sizes.ids, 0);
  batch.observed.assign(count * length * sizes.observed, 0);
  batch.times.assign(count * length * sizes.times, 0.0f);
  batch.mask.assign(count * length, 0);
  batch.present.assign(count, 0);
  for (size_t b = 0; b < count; ++b) {
    const Prepared& sample = *samples[b];
    if (!sample.present) continue;
    const size_t first = b * length;  // token of the batch
    std::copy(sample.values.begin(), sample.values.end(),
              batch.values.begin() + first * sizes.values);
    std::copy(sample.ids.begin(), sample.ids.end(), batch.ids.begin() + first * sizes.ids);
    if (sizes.observed > 0)  // of a text it is for augmentation alone
      std::copy(sample.observed.begin(), sample.observed.end(),
                batch.observed.begin() + first * sizes.observed);
    std::copy(sample.times.begin(), sample.times.end(), batch.times.begin() + first * sizes.times);
    std::fill_n(batch.mask.begin() + first, sample.length, 1);
    batch.present[b] = 1;
  }
  return batch;
}

Batch collate(const std::vector<ModalitySpec>& specs,
              const std::vector<std::vector<Prepared>>& samples) {
  Batch batch;
  batch.weights.assign(samples.size(), 1.0);
  for (size_t m = 0; m < specs.size(); ++m) {
    std::vector<const Prepared*> column;
    for (size_t b = 0; b < samples.size(); ++b) {
      BRAID_CHECK(samples[b].size() == specs.size(), shape,
                  "sample {}: expected {} modalities, got {}", b, specs.size(), samples[b].size());
      column.push_back(&samples[b][m]);
    }
    batch.modalities.push_back(collate(specs[m], column));
  }
  return batch;
}

}  // namespace braid::data
