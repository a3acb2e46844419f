// Source rows come in blocks of eight, turned so that the eight samples of one column lie side by
// side: the pass across is then plain sums of vectors. Its rows are added at once to those output
// rows that read them, of which only the unfinished are held.
#include "processors/pixel_resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/clones.h"
#include "processors/add_rows.h"
#include "processors/pass_across.h"
#include "processors/turn_rows.h"

namespace braid::processors {
namespace {

int32_t level_of(int32_t sum, int shift) { return std::clamp(sum >> shift, 0, 255); }
// Half to even: at this size a float's last digit is 1.
int32_t level_of(float sum, int /*shift*/) {
  constexpr float kDigit = 1.5f * (1 << 23);
  const float rounded = (sum + kDigit) - kDigit;
  return static_cast<int32_t>(std::clamp(rounded, 0.0f, 255.0f));
}

BRAID_CLONES void to_levels(const int32_t* __restrict sums, size_t size, int shift,
                            uint8_t* __restrict levels) {
  for (size_t i = 0; i < size; ++i) levels[i] = static_cast<uint8_t>(level_of(sums[i], shift));
}
BRAID_CLONES void to_levels(const float* __restrict sums, size_t size, int shift,
                            uint8_t* __restrict levels) {
  for (size_t i = 0; i < size; ++i) levels[i] = static_cast<uint8_t>(level_of(sums[i], shift));
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
    if (!is_plain_) converted_.resize(kRowsAtOnce * size());
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
    const int before_last_block =
        down.low + (down.first[y] + down.count[y] - 1 - down.low) / kRowsAtOnce * kRowsAtOnce;
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

  /// `rows` holds source rows [begin, begin + kRowsAtOnce), and kRowsAdded more that only weights
  /// of zero meet.
  void add_block(const Row* rows, int begin) {
    const int end = begin + kRowsAtOnce;
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
    const int last = std::min(down_.first[y] + down_.count[y], begin + kRowsAtOnce);
    const Sum* weights = weights_ + y * down_.stride + (first - down_.first[y]);
    for (int k = 0; k < last - first; k += kRowsAdded) {
      Sum four[kRowsAdded] = {};
      std::copy_n(weights + k, std::min(kRowsAdded, last - first - k), four);
      add_rows(rows + (first - begin + k) * size(), size(), four, sums(y));
    }
  }

  void finish(size_t y) {
    to_levels(sums(y), size(), down_.shift, levels_.data());
    for (size_t c = 0; c < 3; ++c) {
      const uint8_t* levels = levels_.data() + (planes_ == 1 ? 0 : c * width_);
      const float* table = tables_[c].data();
      float* out = target_.out + c * target_.plane_samples + y * target_.row_samples;
      for (size_t x = 0; x < width_; ++x) out[x] = table[levels[x]];
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

template <class Row, class Sum>
void resize_in(SourceRows& source, const PixelTaps& across, const PixelTaps& down,
               const Sum* down_weights, Sum half, const LevelTables& tables,
               const PixelTarget& target) {
  const int planes = source.planes();
  const size_t width = across.first.size(), num_columns = source.size() / planes;
  Columns<Sum, Row> columns_pass(down, down_weights, half, planes, width, tables, target);
  std::vector<uint8_t> columns(num_columns * planes * kRowsAtOnce);
  std::vector<Row> resized(kRowsAtOnce * planes * width);
  std::vector<Row> rows((kRowsAtOnce + kRowsAdded) * planes * width);
  for (int begin = down.low; begin < down.high; begin += kRowsAtOnce) {
    const uint8_t* block[kRowsAtOnce];
    // Rows beyond the last are the last again: no weight reads them.
    for (int r = 0; r < kRowsAtOnce; ++r)
      block[r] = source.row(std::min(begin + r, down.high - 1), /*slot=*/r);
    turn_rows(block, source.size(), columns.data());
    pass_across(columns.data(), planes, across, resized.data());
    turn_back(resized.data(), width, planes, rows.data());
    columns_pass.add_block(rows.data(), begin);
  }
}

}  // namespace

void resize_pixels(const formats::Image& image, bool is_on_white, const PixelTaps& across,
                   const PixelTaps& down, const LevelTables& tables, const PixelTarget& target) {
  SourceRows source(image, is_on_white, across.low, across.high);
  if (across.real.empty())
    resize_in<uint8_t>(source, across, down, down.fixed.data(), rounding(down), tables, target);
  else
    resize_in<float>(source, across, down, down.real.data(), 0.0f, tables, target);
}

}  // namespace braid::processors
