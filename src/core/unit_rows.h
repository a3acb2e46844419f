// Rows of floats scaled to length 1, and their inner products: cosine similarity for the search of
// neighbours and for measures of a shared space.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid {

/// Rows of length 1, each padded with zeros to a whole number of kRowLanes.
struct UnitRows {
  int64_t size = 0;           // N
  int64_t width = 0;          // D
  int64_t stride = 0;         // floats from one row to the next
  std::vector<float> values;  // [N, stride]
  const float* row(int64_t i) const { return values.data() + i * stride; }
};

inline constexpr int64_t kRowLanes = 8;

/// `width` rounded up to whole lanes.
int64_t padded_width(int64_t width);

/// Each row divided by its length (summed in double).
///
/// Shapes   values [N, width], row-major -> [N, stride].
/// Errors   shape: a width under 1, or values that do not fill rows of it. data: a row with a value
///          that is not finite, or of zeros alone, which has no direction; `where` opens the
///          message.
UnitRows unit_rows(const std::vector<float>& values, int64_t width, const std::string& where);

/// products[i * num_b + j] = the inner product of row i of `a` and row j of `b`.
///
/// Shapes   a [num_a, stride], b [num_b, stride] -> products [num_a, num_b]; stride is a multiple
/// of
///          kRowLanes.
/// Cost     num_a * num_b * stride multiply-adds on one thread. Each product has the same bits on
///          every machine, and however the rows are cut into calls.
void row_products(const float* a, int64_t num_a, const float* b, int64_t num_b, int64_t stride,
                  float* products);

/// One of those products, with the same bits.
float row_product(const float* a, const float* b, int64_t stride);

}  // namespace braid
