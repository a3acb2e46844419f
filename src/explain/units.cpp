#include "explain/units.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/error.h"

namespace braid::explain {
namespace {

using data::Kind;

constexpr int64_t kImageSide = 8, kTimes = 16, kBands = 4, kChannels = 8, kRuns = 16;

// Which of `parts` equal parts each of `size` places belongs to.
Tensor shared_out(int64_t size, int64_t parts) {
  return at::arange(size, at::kLong).mul(parts).floor_divide(size);
}

// Parts of a (rows, columns) grid, row by row. Shapes   -> (height, width) flat.
Units grid(int64_t height, int64_t width, int64_t rows, int64_t columns) {
  Units units;
  units.rows = std::min(rows, height);
  units.columns = std::min(columns, width);
  units.count = units.rows * units.columns;
  units.of_values = (shared_out(height, units.rows).unsqueeze(1) * units.columns +
                     shared_out(width, units.columns).unsqueeze(0))
                        .flatten();
  return units;
}

Units line(int64_t count) {
  Units units;
  units.count = units.columns = count;
  return units;
}

// Whether the row has each of its values. Shapes   -> (B, places).
Tensor real_values(const data::ModalitySpec& spec, const Input& input) {
  const int64_t B = input.values.size(0);
  const Tensor present = input.present.unsqueeze(1);  // [B, 1]
  if (spec.kind == Kind::tabular) return input.observed.logical_and(present);
  if (spec.kind == Kind::series)
    return real_tokens(input.mask, input.present)
        .unsqueeze(2)
        .logical_and(input.observed)
        .flatten(
            /*start_dim=*/1);
  if (spec.kind == Kind::image || spec.kind == Kind::volume)
    return present.expand({B, input.values.numel() / std::max<int64_t>(B, 1)});
  const Tensor real = real_tokens(input.mask, input.present).unsqueeze(2);  // [B, T, 1]
  return real.expand({B, real.size(1), input.values[0][0].numel()}).reshape({B, -1});
}

Tensor real_ids(const data::ModalitySpec& spec, const Input& input) {
  if (spec.kind == Kind::text) return real_tokens(input.mask, input.present);
  return input.ids.ne(0).logical_and(input.present.unsqueeze(1));
}

Tensor of_places(const Tensor& units, const Tensor& keep) {
  return keep.index_select(/*dim=*/1, units.to(keep.device()));
}

}  // namespace

Units make_units(const data::ModalitySpec& spec, const Input& input) {
  switch (spec.kind) {
    case Kind::image: {
      Units units = grid(spec.height, spec.width, kImageSide, kImageSide);
      units.of_values = units.of_values.repeat({spec.channels});
      return units;
    }
    case Kind::audio:
      return grid(input.values.size(1), spec.features, kTimes, kBands);
    case Kind::series:
      return grid(input.values.size(1), spec.features, kTimes, kChannels);
    case Kind::video:
      return grid(input.values.size(1), spec.channels * spec.height * spec.width, kTimes, 1);
    case Kind::volume:
      return grid(spec.depth, spec.height * spec.width, kTimes, 1);
    case Kind::text: {
      Units units = line(input.ids.size(1));
      units.of_ids = at::arange(units.count, at::kLong);
      return units;
    }
    case Kind::embedding:
      return spec.max_length > 1
                 ? grid(input.values.size(1), spec.features, input.values.size(1), 1)
                 : grid(1, spec.features, 1, kRuns);
    case Kind::tabular: {
      const auto num_categories = static_cast<int64_t>(spec.categories.size());
      Units units = line(spec.features + num_categories);
      if (spec.features > 0) units.of_values = at::arange(spec.features, at::kLong);
      if (num_categories > 0)
        units.of_ids = at::arange(spec.features, spec.features + num_categories, at::kLong);
      return units;
    }
    default:
      fail(ErrorKind::internal, "modality {}: no parts for kind {}", spec.name,
           data::to_string(spec.kind));
  }
}

Units units_of_words(const Tensor& unit_of, int64_t count) {
  Units units = line(count);
  units.of_ids = unit_of;
  return units;
}

Tensor real_units(const data::ModalitySpec& spec, const Units& units, const Input& input) {
  Tensor count =
      at::zeros({input.present.size(0), units.count}, input.present.options().dtype(at::kFloat));
  const auto add = [&count](const Tensor& unit, const Tensor& real) {
    count.index_add_(/*dim=*/1, unit.to(count.device()), real.to(count.options()));
  };
  if (units.of_values.defined()) add(units.of_values, real_values(spec, input));
  if (units.of_ids.defined()) add(units.of_ids, real_ids(spec, input));
  return count.gt(0);
}

Input keep_units(const data::ModalitySpec& spec, const Units& units, const Input& input,
                 const Tensor& keep) {
  Input kept = input;
  if (units.of_values.defined())
    kept.values = input.values.masked_fill(
        of_places(units.of_values, keep).view(input.values.sizes()).logical_not(), 0);
  if (!units.of_ids.defined()) return kept;
  const Tensor ids = of_places(units.of_ids, keep);
  if (spec.kind == Kind::text)
    kept.mask = input.mask.logical_and(ids);
  else
    kept.scale = ids.to(input.values.defined() ? input.values.scalar_type() : at::kFloat);
  return kept;
}

Tensor sum_units(const Units& units, const Tensor& values, const Tensor& scale) {
  const Tensor& like = values.defined() ? values : scale;
  Tensor sums = at::zeros({like.size(0), units.count}, like.options());
  if (values.defined() && units.of_values.defined())
    sums.index_add_(/*dim=*/1, units.of_values.to(like.device()), values.flatten(/*start_dim=*/1));
  if (scale.defined() && units.of_ids.defined())
    sums.index_add_(/*dim=*/1, units.of_ids.to(like.device()), scale);
  return sums;
}

}  // namespace braid::explain
