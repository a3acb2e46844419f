// Audio follows SpecAugment (Park et al. 2019, arXiv:1904.08779): one block of frames and one of
// bands hidden; Differs: no time warping, a shift instead, and noise.
#include "data/augment.h"

#include <algorithm>
#include <cmath>

#include "text/wordpiece.h"

namespace braid::data {
namespace {

// A whole number in [-most, most].
int64_t draw_shift(double most, Rng& rng) {
  const int64_t limit = static_cast<int64_t>(std::floor(most + 1e-9));
  return limit <= 0 ? 0
                    : static_cast<int64_t>(rng.below(static_cast<uint64_t>(2 * limit + 1))) - limit;
}

// Moves a (rows, columns) plane by `down` and `right`; what comes in from outside is 0, the mean.
void shift_plane(float* plane, int64_t rows, int64_t columns, int64_t down, int64_t right) {
  if (down == 0 && right == 0) return;
  std::vector<float> moved(static_cast<size_t>(rows * columns), 0.0f);
  for (int64_t r = std::max<int64_t>(0, down); r < std::min(rows, rows + down); ++r)
    for (int64_t c = std::max<int64_t>(0, right); c < std::min(columns, columns + right); ++c)
      moved[r * columns + c] = plane[(r - down) * columns + c - right];
  std::copy(moved.begin(), moved.end(), plane);
}

// A (rows, columns) plane seen `factor` times as large about its middle, bilinear; the edge goes on
// beyond itself.
void zoom_plane(float* plane, int64_t rows, int64_t columns, double factor) {
  const std::vector<float> old(plane, plane + rows * columns);
  const auto place = [factor](int64_t i, int64_t size, int64_t* low, float* share) {
    const double middle = static_cast<double>(size - 1) / 2;
    const double at = std::clamp(middle + (static_cast<double>(i) - middle) / factor, 0.0,
                                 static_cast<double>(size - 1));
    *low = std::min(static_cast<int64_t>(at), std::max<int64_t>(0, size - 2));
    *share = static_cast<float>(at - static_cast<double>(*low));
  };
  for (int64_t r = 0; r < rows; ++r) {
    int64_t top = 0, left = 0;
    float down = 0, right = 0;
    place(r, rows, &top, &down);
    const float* above = old.data() + top * columns;
    const float* below = old.data() + std::min(top + 1, rows - 1) * columns;
    for (int64_t c = 0; c < columns; ++c) {
      place(c, columns, &left, &right);
      const int64_t next = std::min(left + 1, columns - 1);
      plane[r * columns + c] = (1 - down) * ((1 - right) * above[left] + right * above[next]) +
                               down * ((1 - right) * below[left] + right * below[next]);
    }
  }
}

void add_noise(double deviation, Rng& rng, const std::vector<uint8_t>* observed,
               std::vector<float>* values) {
  if (deviation <= 0) return;
  for (size_t i = 0; i < values->size(); ++i) {
    if (observed != nullptr && (*observed)[i] == 0) continue;
    (*values)[i] += static_cast<float>(deviation * rng.normal());
  }
}

// One change for all planes: a picture's channels, a video's frames, a volume's slices.
void augment_planes(const ModalitySpec& spec, const AugmentConfig& config, int64_t planes, Rng& rng,
                    Prepared* prepared) {
  const auto for_each_plane = [&](auto change) {
    for (int64_t p = 0; p < planes; ++p)
      change(prepared->values.data() + p * spec.height * spec.width);
  };
  if (config.image_zoom > 0) {
    const double factor = 1 + rng.uniform(-config.image_zoom, config.image_zoom);
    for_each_plane([&](float* plane) { zoom_plane(plane, spec.height, spec.width, factor); });
  }
  if (config.image_flip > 0 && rng.chance(config.image_flip))
    for_each_plane([&](float* plane) {
      for (int64_t r = 0; r < spec.height; ++r)
        std::reverse(plane + r * spec.width, plane + (r + 1) * spec.width);
    });
  const int64_t down = draw_shift(config.image_shift * static_cast<double>(spec.height), rng);
  const int64_t right = draw_shift(config.image_shift * static_cast<double>(spec.width), rng);
  for_each_plane([&](float* plane) { shift_plane(plane, spec.height, spec.width, down, right); });
  add_noise(config.image_noise, rng, nullptr, &prepared->values);
}

template <class T>
void cut(std::vector<T>* list, int64_t length, int64_t first, int64_t count) {
  const int64_t each = static_cast<int64_t>(list->size()) / length;
  list->erase(list->begin() + (first + count) * each, list->end());
  list->erase(list->begin(), list->begin() + first * each);
}

// A run of tokens of random length at a random place; times start at its first.
void crop_time(double shortest, Rng& rng, Prepared* prepared) {
  const int64_t length = prepared->length;
  const int64_t least = std::max<int64_t>(
      1, static_cast<int64_t>(std::ceil(shortest * static_cast<double>(length) - 1e-9)));
  if (least >= length) return;
  const int64_t count =
      least + static_cast<int64_t>(rng.below(static_cast<uint64_t>(length - least + 1)));
  const int64_t first = static_cast<int64_t>(rng.below(static_cast<uint64_t>(length - count + 1)));
  cut(&prepared->values, length, first, count);
  cut(&prepared->observed, length, first, count);
  cut(&prepared->times, length, first, count);
  prepared->length = count;
  if (prepared->times.empty()) return;
  const float zero = prepared->times[0];
  for (float& time : prepared->times) time -= zero;
}

// First and length of a block of at most `share` of `size`.
std::pair<int64_t, int64_t> draw_block(double share, int64_t size, Rng& rng) {
  const int64_t longest =
      static_cast<int64_t>(std::floor(share * static_cast<double>(size) + 1e-9));
  const int64_t length = static_cast<int64_t>(rng.below(static_cast<uint64_t>(longest + 1)));
  const int64_t first = static_cast<int64_t>(rng.below(static_cast<uint64_t>(size - length + 1)));
  return {first, length};
}

void augment_audio(const ModalitySpec& spec, const AugmentConfig& config, Rng& rng,
                   Prepared* prepared) {
  const int64_t frames = prepared->length, bands = spec.features;
  const int64_t later = draw_shift(config.audio_shift * static_cast<double>(frames), rng);
  const int64_t higher = draw_shift(config.audio_pitch, rng);
  shift_plane(prepared->values.data(), frames, bands, later, higher);
  add_noise(config.audio_noise, rng, nullptr, &prepared->values);
  const auto [first_frame, num_frames] = draw_block(config.audio_mask, frames, rng);
  const auto [first_band, num_bands] = draw_block(config.audio_mask, bands, rng);
  for (int64_t t = 0; t < frames; ++t)
    for (int64_t f = 0; f < bands; ++f)
      if ((t >= first_frame && t < first_frame + num_frames) ||
          (f >= first_band && f < first_band + num_bands))
        prepared->values[t * bands + f] = 0.0f;
}

// Tokens of the text itself go, but never all of them.
void leave_out_tokens(double chance, Rng& rng, Prepared* prepared) {
  std::vector<int32_t> kept;
  bool has_own = false;
  for (size_t t = 0; t < prepared->ids.size(); ++t) {
    const bool is_own = prepared->observed[t] != 0;
    if (is_own && rng.chance(chance)) continue;
    has_own = has_own || is_own;
    kept.push_back(prepared->ids[t]);
  }
  if (!has_own) return;
  prepared->ids = std::move(kept);
  prepared->observed.clear();
  prepared->length = static_cast<int64_t>(prepared->ids.size());
}

}  // namespace

void augment(const ModalitySpec& spec, const AugmentConfig& config, Rng& rng, Prepared* prepared) {
  if (!prepared->present) return;
  if (spec.kind == Kind::series || spec.kind == Kind::video)
    crop_time(config.time_crop, rng, prepared);
  switch (spec.kind) {
    case Kind::image:
      return augment_planes(spec, config, spec.channels, rng, prepared);
    case Kind::audio:
      return augment_audio(spec, config, rng, prepared);
    case Kind::video:
      return augment_planes(spec, config, prepared->length * spec.channels, rng, prepared);
    case Kind::volume:
      return augment_planes(spec, config, spec.depth, rng, prepared);
    case Kind::series:
      return add_noise(config.series_noise, rng, &prepared->observed, &prepared->values);
    case Kind::text:
      if (!prepared->observed.empty()) return leave_out_tokens(config.text_drop, rng, prepared);
      for (int32_t& id : prepared->ids)
        if (rng.chance(config.text_drop)) id = text::kUnknown;
      return;
    case Kind::tabular:
      return add_noise(config.tabular_noise, rng, &prepared->observed, &prepared->values);
    default:
      return add_noise(config.embedding_noise, rng, nullptr, &prepared->values);
  }
}

}  // namespace braid::data
