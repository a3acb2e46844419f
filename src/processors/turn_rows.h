// Eight rows to eight samples of each column, side by side, and back.
#pragma once
#include <cstddef>
#include <cstdint>

namespace braid::processors {

/// columns[8 i + r] = rows[r][i], i < size.
void turn_rows(const uint8_t* const* rows, size_t size, uint8_t* columns);

/// rows[r row_samples + c width + x] = columns[(x planes + c) 8 + r], x < width: planes apart.
void turn_back(const uint8_t* columns, size_t width, int planes, uint8_t* rows);
void turn_back(const float* columns, size_t width, int planes, float* rows);

}  // namespace braid::processors
