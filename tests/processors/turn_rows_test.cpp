#include "processors/turn_rows.h"

#include <gtest/gtest.h>

#include <vector>

namespace braid::processors {
namespace {

TEST(turn_rows, eight_rows_stand_side_by_side) {
  for (size_t size : {1, 7, 8, 9, 30}) {
    std::vector<std::vector<uint8_t>> rows(8);
    const uint8_t* pointers[8];
    for (size_t r = 0; r < 8; ++r) {
      for (size_t i = 0; i < size; ++i) rows[r].push_back(static_cast<uint8_t>(30 * r + i));
      pointers[r] = rows[r].data();
    }
    std::vector<uint8_t> columns(8 * size);
    turn_rows(pointers, size, columns.data());
    for (size_t i = 0; i < size; ++i)
      for (size_t r = 0; r < 8; ++r) EXPECT_EQ(columns[8 * i + r], rows[r][i]) << size;
  }
}

template <class Row>
void check_back(size_t width, size_t planes) {
  std::vector<Row> columns(width * planes * 8), rows(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<Row>(i % 251);
  turn_back(columns.data(), width, static_cast<int>(planes), rows.data());
  for (size_t r = 0; r < 8; ++r)
    for (size_t c = 0; c < planes; ++c)
      for (size_t x = 0; x < width; ++x)
        EXPECT_EQ(rows[r * planes * width + c * width + x], columns[(x * planes + c) * 8 + r]);
}

TEST(turn_rows, columns_come_back_as_planes) {
  for (size_t width : {1, 8, 13}) {
    for (size_t planes : {1, 3}) {
      check_back<uint8_t>(width, planes);
      check_back<float>(width, planes);
    }
  }
}

}  // namespace
}  // namespace braid::processors
