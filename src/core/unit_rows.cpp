#include "core/unit_rows.h"

#include <cmath>
#include <cstring>

#include "core/clones.h"
#include "core/error.h"

namespace braid {
namespace {

typedef float Lanes __attribute__((vector_size(4 * kRowLanes)));

struct Products {
  const float* a;
  int64_t num_a;
  const float* b;
  int64_t num_b;
  int64_t stride;
  float* out;
};

// The lanes' sum, always in one order.
__attribute__((always_inline)) inline float total(const Lanes& sums) {
  const auto four = __builtin_shufflevector(sums, sums, 0, 1, 2, 3) +
                    __builtin_shufflevector(sums, sums, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// kTileA rows of `a` against kTileB of `b` at a time, their sums in registers. Each product has its
// own lanes, so the tile changes no bit of it. A tile at the edge repeats its last row.
template <int64_t kTileA, int64_t kTileB>
__attribute__((always_inline)) inline void multiply_tiles(const Products& p) {
  for (int64_t i = 0; i < p.num_a; i += kTileA) {
    const float* rows[kTileA];
    for (int64_t r = 0; r < kTileA; ++r)
      rows[r] = p.a + (i + r < p.num_a ? i + r : p.num_a - 1) * p.stride;
    for (int64_t j = 0; j < p.num_b; j += kTileB) {
      const float* columns[kTileB];
      for (int64_t c = 0; c < kTileB; ++c)
        columns[c] = p.b + (j + c < p.num_b ? j + c : p.num_b - 1) * p.stride;
      Lanes sums[kTileA][kTileB] = {};
      for (int64_t d = 0; d < p.stride; d += kRowLanes) {
        Lanes x[kTileB];
        for (int64_t c = 0; c < kTileB; ++c) std::memcpy(&x[c], columns[c] + d, sizeof x[c]);
        for (int64_t r = 0; r < kTileA; ++r) {
          Lanes y;
          std::memcpy(&y, rows[r] + d, sizeof y);
          for (int64_t c = 0; c < kTileB; ++c) sums[r][c] += y * x[c];
        }
      }
      for (int64_t r = 0; r < kTileA && i + r < p.num_a; ++r)
        for (int64_t c = 0; c < kTileB && j + c < p.num_b; ++c)
          p.out[(i + r) * p.num_b + j + c] = total(sums[r][c]);
    }
  }
}

}  // namespace

int64_t padded_width(int64_t width) { return (width + kRowLanes - 1) / kRowLanes * kRowLanes; }

UnitRows unit_rows(const std::vector<float>& values, int64_t width, const std::string& where) {
  BRAID_CHECK(width >= 1, shape, "{}: width: expected at least 1, got {}", where, width);
  BRAID_CHECK(values.size() % static_cast<size_t>(width) == 0, shape,
              "{}: expected whole rows of {} values, got {} values", where, width, values.size());
  UnitRows rows;
  rows.width = width;
  rows.size = static_cast<int64_t>(values.size()) / width;
  rows.stride = padded_width(width);
  rows.values.assign(static_cast<size_t>(rows.size * rows.stride), 0.0f);
  for (int64_t i = 0; i < rows.size; ++i) {
    const float* from = values.data() + i * width;
    double squares = 0;
    for (int64_t d = 0; d < width; ++d) squares += static_cast<double>(from[d]) * from[d];
    BRAID_CHECK(std::isfinite(squares), data,
                "{}: row {}: expected finite values, got NaN or infinity; leave the row out", where,
                i);
    BRAID_CHECK(squares > 0, data,
                "{}: row {}: expected a vector with a direction, got zeros; leave the row out",
                where, i);
    const double length = std::sqrt(squares);
    float* to = rows.values.data() + i * rows.stride;
    for (int64_t d = 0; d < width; ++d) to[d] = static_cast<float>(from[d] / length);
  }
  return rows;
}

// Eight sums fit AVX2's sixteen registers. A single row, as of one query, wants no tile that
// repeats it.
BRAID_CLONES
void row_products(const float* a, int64_t num_a, const float* b, int64_t num_b, int64_t stride,
                  float* products) {
  const Products all = {a, num_a, b, num_b, stride, products};
  if (num_a == 1) return multiply_tiles<1, 8>(all);
  multiply_tiles<4, 2>(all);
}

BRAID_CLONES
float row_product(const float* a, const float* b, int64_t stride) {
  float product;
  multiply_tiles<1, 1>({a, 1, b, 1, stride, &product});
  return product;
}

}  // namespace braid
