#include "report/heat_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/numbers.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

HeatMap map_of(size_t size) {
  HeatMap map;
  for (size_t i = 0; i < size; ++i) {
    map.rows.push_back("r" + std::to_string(i));
    map.columns.push_back("c" + std::to_string(i));
  }
  map.shade = [](size_t r, size_t c) { return r == c ? 1.0 : 0.0; };
  return map;
}

TEST(heat_map, cells_of_shade_zero_without_text_are_not_drawn) {
  const std::string svg = heat_map(map_of(3));
  size_t cells = 0;
  for (size_t at = svg.find("\"heat\""); at != std::string::npos; at = svg.find("\"heat\"", at + 1))
    ++cells;
  EXPECT_EQ(cells, 3u);  // the diagonal
}

TEST(heat_map, dark_cells_have_light_text_and_absent_ones_another_colour) {
  HeatMap map = map_of(2);
  map.shade = [](size_t r, size_t c) { return r == 0 ? (c == 0 ? 1.0 : 0.1) : kAbsent; };
  map.text = [](size_t r, size_t c) { return r == 0 ? (c == 0 ? "dark" : "pale") : "gone"; };
  const std::string svg = heat_map(map);
  EXPECT_THAT(svg, HasSubstr("class=\"on\">dark</text>"));
  EXPECT_THAT(svg, HasSubstr("text-anchor=\"middle\">pale</text>"));
  EXPECT_THAT(svg, HasSubstr("class=\"empty\""));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(heat_map, small_cells_label_every_nth_row) {
  HeatMap map = map_of(200);
  map.cell_width = map.cell_height = 3;
  const std::string svg = heat_map(map);
  EXPECT_THAT(svg, HasSubstr(">r0</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(">r1</text>")));
  EXPECT_THAT(svg, HasSubstr(">r5</text>"));  // a letter is 13 units high: every ceil(13 / 3) = 5th
}

TEST(heat_map, nothing_to_draw_is_nothing) { EXPECT_EQ(heat_map({}), ""); }

}  // namespace braid::report
