// Source rows come in blocks of eight, turned so that the eight samples of one column lie side by
// side: the pass across is then plain sums of vectors. Its rows are added at once to those output
// rows that read them, of which only the unfinished are held.
#include "processors/pixel_resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/clones.h"

#define BRAID_INLINE inline __attribute__((always_inline))

namespace braid::processors {
namespace {

constexpr int kRows = 8;    // of a block
constexpr int kAtOnce = 4;  // rows added to an output row by one call

BRAID_INLINE int32_t level_of(int32_t sum, int shift) {
  return std::clamp(sum >> shift, 0, 255);
}
// Half to even: at this size a float's last digit is 1.
BRAID_INLINE int32_t level_of(float sum, int /*shift*/) {
  constexpr float kDigit = 1.5f * (1 << 23);
  const float rounded = (sum + kDigit) - kDigit;
  return static_cast<int32_t>(std::clamp(rounded, 0.0f, 255.0f));
}
BRAID_INLINE void keep(int32_t sum, int shift, uint8_t* row) {
  *row = static_cast<uint8_t>(level_of(sum, shift));
}
BRAID_INLINE void keep(float sum, int /*shift*/, float* row) { *row = sum; }

BRAID_INLINE int32_t add_product(int32_t sum, int32_t weight, uint8_t sample) {
  return sum + weight * sample;
}
// As a fused multiply-add, which the reference's sums are made of, on every machine: in double the
// product is exact, and so is the sum but for a weight below 2^-10 or so.
template <class Sample>
BRAID_INLINE float add_product(float sum, float weight, Sample sample) {
  return static_cast<float>(static_cast<double>(weight) * static_cast<double>(sample) + static_cast<double>(sum));
}

// All output samples across of a block: both arrays have kPlanes * kRows samples per column.
template <int kPlanes, class Sum, class Row>
BRAID_INLINE void weigh_columns(const uint8_t* __restrict columns, const PixelTaps& taps,
                                const Sum* __restrict weights, Sum half, Row* __restrict out) {
  constexpr int kLanes = kPlanes * kRows;
  const size_t width = taps.first.size();
  const int shift = taps.shift, stride = taps.stride, low = taps.low;
  const int* firsts = taps.first.data();
  const int* counts = taps.count.data();
  for (size_t x = 0; x < width; ++x, weights += stride, out += kLanes) {
    const uint8_t* samples = columns + static_cast<size_t>(firsts[x] - low) * kLanes;
    const int count = counts[x];
    Sum sums[kLanes];
    for (int i = 0; i < kLanes; ++i) sums[i] = half;
    for (int k = 0; k < count; ++k, samples += kLanes)
      for (int i = 0; i < kLanes; ++i) sums[i] = add_product(sums[i], weights[k], samples[i]);
    for (int i = 0; i < kLanes; ++i) keep(sums[i], shift, out + i);
  }
}
BRAID_CLONES void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps,
                              int32_t half, uint8_t* out) {
  if (planes == 1) weigh_columns<1>(columns, taps, taps.fixed.data(), half, out);
  if (planes == 3) weigh_columns<3>(columns, taps, taps.fixed.data(), half, out);
}
BRAID_CLONES void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, float half,
                              float* out) {
  if (planes == 1) weigh_columns<1>(columns, taps, taps.real.data(), half, out);
  if (planes == 3) weigh_columns<3>(columns, taps, taps.real.data(), half, out);
}

// sums += weights[0] * row 0 + ... + weights[3] * row 3, in this order.
template <class Sum, class Row>
BRAID_INLINE void add_four(const Row* __restrict rows, size_t size, const Sum* __restrict weights,
                           Sum* __restrict sums) {
  const Sum a = weights[0], b = weights[1], c = weights[2], d = weights[3];
  for (size_t i = 0; i < size; ++i) {
    Sum sum = sums[i];
    sum = add_product(sum, a, rows[i]);
    sum = add_product(sum, b, rows[size + i]);
    sum = add_product(sum, c, rows[2 * size + i]);
    sum = add_product(sum, d, rows[3 * size + i]);
    sums[i] = sum;
  }
}
BRAID_CLONES void add_rows(const uint8_t* rows, size_t size, const int32_t* weights,
                           int32_t* sums) {
  add_four(rows, size, weights, sums);
}
BRAID_CLONES void add_rows(const float* rows, size_t size, const float* weights, float* sums) {
  add_four(rows, size, weights, sums);
}

BRAID_CLONES void to_levels(const int32_t* __restrict sums, size_t size, int shift,
                            uint8_t* __restrict levels) {
  for (size_t i = 0; i < size; ++i) levels[i] = static_cast<uint8_t>(level_of(sums[i], shift));
}
BRAID_CLONES void to_levels(const float* __restrict sums, size_t size, int shift,
                            uint8_t* __restrict levels) {
  for (size_t i = 0; i < size; ++i) levels[i] = static_cast<uint8_t>(level_of(sums[i], shift));
}

// columns[kRows * i + r] = row r [i].
BRAID_CLONES void turn_rows(const uint8_t* const* rows, size_t size, uint8_t* __restrict columns) {
  const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
  const uint8_t *e = rows[4], *f = rows[5], *g = rows[6], *h = rows[7];
  for (size_t i = 0; i < size; ++i, columns += kRows) {
    columns[0] = a[i];
    columns[1] = b[i];
    columns[2] = c[i];
    columns[3] = d[i];
    columns[4] = e[i];
    columns[5] = f[i];
    columns[6] = g[i];
    columns[7] = h[i];
  }
}

// The other way round: rows[r * size + i] = columns[kRows * i + r].
template <class Row>
BRAID_INLINE void turn_columns(const Row* __restrict columns, size_t size, Row* __restrict rows) {
  for (size_t i = 0; i < size; ++i, columns += kRows, ++rows) {
    rows[0] = columns[0];
    rows[size] = columns[1];
    rows[2 * size] = columns[2];
    rows[3 * size] = columns[3];
    rows[4 * size] = columns[4];
    rows[5 * size] = columns[5];
    rows[6 * size] = columns[6];
    rows[7 * size] = columns[7];
  }
}
BRAID_CLONES void turn_back(const uint8_t* columns, size_t size, uint8_t* rows) {
  turn_columns(columns, size, rows);
}
BRAID_CLONES void turn_back(const float* columns, size_t size, float* rows) {
  turn_columns(columns, size, rows);
}

uint8_t on_white(int level, int alpha) {
  return static_cast<uint8_t>((level * alpha + 255 * (255 - alpha) + 127) / 255);
}

// Samples [low, high) of rows as 8-bit grey or RGB, where they are not so already.
class SourceRows {
 public:
  SourceRows(const formats::Image& image, bool is_on_white, int low, int high)
      : image_(image), is_on_white_(is_on_white), low_(low), high_(high) {
    is_plain_ = image.bits == 8 && image.channels != 4;
    if (!is_plain_) converted_.resize(kRows * size());
  }
  int planes() const { return image_.channels == 1 ? 1 : 3; }
  size_t size() const { return static_cast<size_t>(high_ - low_) * planes(); }

  /// Row y, valid until the same `slot` is asked for again.
  const uint8_t* row(int y, int slot) {
    const size_t at = (static_cast<size_t>(y) * image_.width + low_) * image_.channels;
    if (is_plain_) return image_.pixels.data() + at;
    uint8_t* to = converted_.data() + slot * size();
    if (image_.bits == 8)
      convert(image_.pixels.data() + at, /*shift=*/0, to);
    else
      convert(image_.pixels16.data() + at, /*shift=*/8, to);
    return to;
  }

 private:
  template <class T>
  void convert(const T* from, int shift, uint8_t* to) const {
    const int num_planes = planes();
    const bool has_alpha = image_.channels == 4;
    for (int x = low_; x < high_; ++x, from += image_.channels, to += num_planes) {
      for (int c = 0; c < num_planes; ++c) to[c] = static_cast<uint8_t>(from[c] >> shift);
      if (has_alpha && is_on_white_)
        for (int c = 0; c < num_planes; ++c) to[c] = on_white(to[c], from[3] >> shift);
    }
  }

  const formats::Image& image_;
  bool is_on_white_, is_plain_ = true;
  int low_, high_;
  std::vector<uint8_t> converted_;
};

// How many output rows may be begun and not yet finished, when source rows come in blocks.
size_t most_unfinished(const PixelTaps& down) {
  size_t most = 1, begun = 0;
  for (size_t y = 0; y < down.first.size(); ++y) {
    const int before_last_block = down.low + (down.first[y] + down.count[y] - 1 - down.low) / kRows * kRows;
    while (begun < down.first.size() && down.first[begun] < before_last_block) ++begun;
    if (begun > y) most = std::max(most, begun - y);
  }
  return most;
}

// The pass down the columns: takes blocks of resized rows, hands out finished rows.
template <class Sum, class Row>
class Columns {
 public:
  Columns(const PixelTaps& down, const Sum* weights, Sum half, int planes, size_t width,
          const LevelTables& tables, const PixelTarget& target)
      : down_(down),
        weights_(weights),
        half_(half),
        planes_(planes),
        width_(width),
        tables_(tables),
        target_(target),
        num_held_(most_unfinished(down)),
        sums_(num_held_ * planes * width),
        levels_(planes * width) {}

  /// `rows` holds source rows [begin, begin + kRows), and kAtOnce more that only weights of zero
  /// meet.
  void add_block(const Row* rows, int begin) {
    const int end = begin + kRows;
    for (size_t y = finished_; y < down_.first.size() && down_.first[y] < end; ++y) {
      if (y == begun_) std::fill_n(sums(begun_++), size(), half_);
      add_to(y, rows, begin);
      if (down_.first[y] + down_.count[y] > end) continue;
      finish(y);
      ++finished_;
    }
  }

 private:
  size_t size() const { return planes_ * width_; }
  Sum* sums(size_t y) { return sums_.data() + y % num_held_ * size(); }

  void add_to(size_t y, const Row* rows, int begin) {
    const int first = std::max(down_.first[y], begin);
    const int last = std::min(down_.first[y] + down_.count[y], begin + kRows);
    const Sum* weights = weights_ + y * down_.stride + (first - down_.first[y]);
    for (int k = 0; k < last - first; k += kAtOnce) {
      Sum four[kAtOnce] = {};
      std::copy_n(weights + k, std::min(kAtOnce, last - first - k), four);
      add_rows(rows + (first - begin + k) * size(), size(), four, sums(y));
    }
  }

  void finish(size_t y) {
    to_levels(sums(y), size(), down_.shift, levels_.data());
    for (size_t c = 0; c < 3; ++c) {
      const uint8_t* levels = levels_.data() + (planes_ == 1 ? 0 : c);
      const float* table = tables_[c].data();
      float* out = target_.out + c * target_.plane_samples + y * target_.row_samples;
      for (size_t x = 0; x < width_; ++x) out[x] = table[levels[x * planes_]];
    }
  }

  const PixelTaps& down_;
  const Sum* weights_;
  Sum half_;
  size_t planes_, width_;
  const LevelTables& tables_;
  const PixelTarget& target_;
  size_t num_held_, begun_ = 0, finished_ = 0;
  std::vector<Sum> sums_;
  std::vector<uint8_t> levels_;
};

// What is added to a sum so that the shift rounds it.
int32_t half_of(const PixelTaps& taps) { return taps.shift == 0 ? 0 : 1 << (taps.shift - 1); }

template <class Row, class Sum>
void resize_in(SourceRows& source, const PixelTaps& across, Sum across_half, const PixelTaps& down,
               const Sum* down_weights, Sum down_half, const LevelTables& tables,
               const PixelTarget& target) {
  const int planes = source.planes();
  const size_t width = across.first.size(), num_columns = source.size() / planes;
  Columns<Sum, Row> columns_pass(down, down_weights, down_half, planes, width, tables, target);
  std::vector<uint8_t> columns(num_columns * planes * kRows);
  std::vector<Row> resized(kRows * planes * width);
  std::vector<Row> rows((kRows + kAtOnce) * planes * width);
  for (int begin = down.low; begin < down.high; begin += kRows) {
    const uint8_t* block[kRows];
    // Rows beyond the last are the last again: no weight reads them.
    for (int r = 0; r < kRows; ++r)
      block[r] = source.row(std::min(begin + r, down.high - 1), /*slot=*/r);
    turn_rows(block, source.size(), columns.data());
    pass_across(columns.data(), planes, across, across_half, resized.data());
    turn_back(resized.data(), planes * width, rows.data());
    columns_pass.add_block(rows.data(), begin);
  }
}

}  // namespace

void resize_pixels(const formats::Image& image, bool is_on_white, const PixelTaps& across,
                   const PixelTaps& down, const LevelTables& tables, const PixelTarget& target) {
  SourceRows source(image, is_on_white, across.low, across.high);
  if (across.real.empty())
    resize_in<uint8_t>(source, across, half_of(across), down, down.fixed.data(), half_of(down),
                       tables, target);
  else
    resize_in<float>(source, across, 0.0f, down, down.real.data(), 0.0f, tables, target);
}

}  // namespace braid::processors
