// Bands row by row against their definitions cell by cell.
#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

const std::vector<Band> kBands = {
    Band(),           Band::sakoe_chiba(0), Band::sakoe_chiba(1), Band::sakoe_chiba(5),
    Band::itakura(1), Band::itakura(1.15),  Band::itakura(2),     Band::itakura(3.7)};

TEST(dtw_window, rows_hold_the_cells_of_the_definition) {
  for (const Band& band : kBands)
    for (int64_t n = 1; n <= 24; ++n)
      for (int64_t m = 1; m <= 24; ++m) {
        if (band.kind == Band::Kind::itakura &&
            static_cast<double>(std::max(n, m) - 1) >
                band.slope * static_cast<double>(std::min(n, m) - 1))
          continue;
        const Window window(band, n, m);
        const Allowed may = allowed(band, n, m);
        std::vector<ColumnRange> rows;
        for (int64_t i = 0; i < n; ++i) {
          const ColumnRange columns = window.row(i);
          rows.push_back(columns);
          for (int64_t j = 0; j < m; ++j)
            ASSERT_EQ(j >= columns.first && j <= columns.last, may(i, j))
                << n << " x " << m << " at " << i << ", " << j << ", slope " << band.slope;
        }
        // What a list of rows has to be, a band is: a path exists.
        EXPECT_EQ(Window(rows, m).num_cells(), window.num_cells());
      }
}

TEST(dtw_window, worked_examples) {
  // Radius 1 of 5 x 3: columns within 1.5 of i / 2.
  const int64_t expected[5][2] = {{0, 1}, {0, 2}, {0, 2}, {0, 2}, {1, 2}};
  const Window wide(Band::sakoe_chiba(1), 5, 3);
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(wide.row(i).first, expected[i][0]) << i;
    EXPECT_EQ(wide.row(i).last, expected[i][1]) << i;
  }
  // Slope 2 of 7 x 7: i / 2 <= j <= 2 i and the same from the end.
  const int64_t diamond[7][2] = {{0, 0}, {1, 2}, {1, 4}, {2, 4}, {2, 5}, {4, 5}, {6, 6}};
  const Window steep(Band::itakura(2), 7, 7);
  for (int64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(steep.row(i).first, diamond[i][0]) << i;
    EXPECT_EQ(steep.row(i).last, diamond[i][1]) << i;
  }
  EXPECT_EQ(steep.num_cells(), 1 + 2 + 4 + 3 + 4 + 2 + 1);
}

TEST(dtw_window, the_largest_lengths_and_radii_do_not_overflow) {
  constexpr int64_t kLength = 1 << 30;
  const Window window(Band::sakoe_chiba(INT64_MAX), kLength, kLength - 1);
  EXPECT_EQ(window.row(kLength / 2).first, 0);
  EXPECT_EQ(window.row(kLength / 2).last, kLength - 2);
  const Window narrow(Band::sakoe_chiba(2), kLength, kLength);
  EXPECT_EQ(narrow.row(kLength - 1).first, kLength - 3);
  EXPECT_EQ(narrow.row(kLength - 1).last, kLength - 1);
}

TEST(dtw_window, errors_name_what_is_wrong) {
  expect_error(ErrorKind::usage, "radius: expected 0 or more, got -1",
               [] { Window(Band::sakoe_chiba(-1), 3, 3); });
  expect_error(ErrorKind::usage, "slope: expected 1 or more, got 0.5",
               [] { Window(Band::itakura(0.5), 3, 3); });
  expect_error(ErrorKind::usage, "slope: expected 1 or more, got nan",
               [] { Window(Band::itakura(NAN), 3, 3); });
  expect_error(ErrorKind::usage, "itakura band of slope 2: expected lengths whose steps differ by",
               [] { Window(Band::itakura(), 4, 8); });
  expect_error(ErrorKind::usage, "got 8 and 4; raise the slope",
               [] { Window(Band::itakura(), 8, 4); });
  expect_error(ErrorKind::usage, "got 0 and 3", [] { Window(Band(), 0, 3); });
  expect_error(ErrorKind::usage, "got 0 and 3", [] { Window(std::vector<ColumnRange>(), 3); });
  expect_error(ErrorKind::usage, "hold (0, 0) and (1, 2), got first column 0 and last 1", [] {
    Window({{0, 1}, {0, 1}}, 3);
  });
  expect_error(ErrorKind::usage, "row 1: expected ends that ascend", [] {
    Window({{0, 0}, {2, 2}}, 3);
  });
  expect_error(ErrorKind::usage, "row 1: expected ends that ascend", [] {
    Window({{0, 1}, {0, 0}, {0, 2}}, 3);
  });
}

}  // namespace
}  // namespace braid::align
