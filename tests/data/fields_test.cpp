#include "data/fields.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/cells.h"

namespace braid::data {
namespace {

TEST(fields, every_kind_reads_back) {
  for (int i = 0; i < 9; ++i) {
    const Kind kind = static_cast<Kind>(i);
    EXPECT_EQ(parse_kind(to_string(kind)), kind);
  }
}

TEST(fields, unknown_kind_names_the_nearest) {
  try {
    parse_kind("imge");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::config);
    EXPECT_NE(std::string(e.what()).find("unknown kind 'imge'; did you mean 'image'?"),
              std::string::npos)
        << e.what();
  }
}

TEST(fields, numbers_are_read_whole_or_not_at_all) {
  double value = 99;
  EXPECT_EQ(read_number(" 3.5 ", &value), NumberCell::number);
  EXPECT_EQ(value, 3.5);
  EXPECT_EQ(read_number("+2", &value), NumberCell::number);
  EXPECT_EQ(value, 2);
  EXPECT_EQ(read_number("1e-999", &value), NumberCell::number);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(read_number("", &value), NumberCell::empty);
  EXPECT_EQ(read_number("  ", &value), NumberCell::empty);
  for (const char* cell : {"nan", "NaN", "inf", "-Infinity", "1e999"})
    EXPECT_EQ(read_number(cell, &value), NumberCell::not_finite) << cell;
  for (const char* cell : {"abc", "3 4", "1,5", "0x10", "12kg", "+-3", "-", "+"})
    EXPECT_EQ(read_number(cell, &value), NumberCell::text) << cell;
}

TEST(fields, media_by_extension) {
  Kind kind = Kind::text;
  std::string extension;
  EXPECT_TRUE(media_kind("a/B.PNG", &kind, &extension));
  EXPECT_EQ(kind, Kind::image);
  EXPECT_EQ(extension, ".png");
  EXPECT_TRUE(media_kind("x.flac", &kind, &extension));
  EXPECT_EQ(kind, Kind::audio);
  EXPECT_TRUE(media_kind("t.npy#17", &kind, &extension));
  EXPECT_EQ(kind, Kind::embedding);
  EXPECT_TRUE(media_kind("clip.mpg", &kind, &extension));
  EXPECT_EQ(kind, Kind::video);
  for (const char* cell : {"a.png#3", "a.npy#x", "png", "a.align", "see it.", ""})
    EXPECT_FALSE(media_kind(cell, &kind, &extension)) << cell;
}

TEST(fields, labels_sort_by_value_only_when_all_are_numbers) {
  EXPECT_EQ(sorted_labels({"10", "9", "1", "10"}), (std::vector<std::string>{"1", "9", "10"}));
  EXPECT_EQ(sorted_labels({"10", "9", "x"}), (std::vector<std::string>{"10", "9", "x"}));
  EXPECT_EQ(split_labels(" a ;b;; c;"), (std::vector<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace braid::data
