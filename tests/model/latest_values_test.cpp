#include "model/latest_values.h"

#include <gtest/gtest.h>

namespace braid::model {
namespace {

std::string text_of(const LatestValues& values, int64_t until_ns, int64_t now_ns) {
  const auto found = values.find({"note"}, until_ns, now_ns);
  return found.empty() ? "" : std::get<std::string>(found.at("note").value);
}

TEST(latest_values, the_newest_counts_whatever_the_order) {
  LatestValues values(INT64_MAX, {});
  values.push(20, "note", std::string("b"));
  values.push(10, "note", std::string("a"));
  values.push(30, "note", std::string("c"));
  values.push(30, "note", std::string("d"));
  EXPECT_EQ(text_of(values, 9, 9), "");
  EXPECT_EQ(text_of(values, 10, 10), "a");
  EXPECT_EQ(text_of(values, 29, 29), "b");
  EXPECT_EQ(text_of(values, 30, 30), "d");
  values.forget(25);
  EXPECT_EQ(text_of(values, 25, 25), "b");
  EXPECT_EQ(text_of(values, 19, 19), "");
}

TEST(latest_values, they_count_for_a_time) {
  LatestValues values(5, {{"age", 100}});
  values.push(10, "note", std::string("a"));
  values.push(10, "age", 33.0);
  EXPECT_EQ(text_of(values, 15, 15), "a");
  EXPECT_EQ(text_of(values, 15, 16), "");
  EXPECT_EQ(values.find({"age", "note"}, 110, 110).size(), 1u);
  EXPECT_TRUE(values.find({"age"}, 111, 111).empty());
}

TEST(latest_values, so_many_wait) {
  LatestValues values(INT64_MAX, {});
  for (int64_t t = 0; t < static_cast<int64_t>(LatestValues::kMostKept); ++t)
    EXPECT_EQ(values.push(t, "note", std::string("x")), align::kNever);
  EXPECT_EQ(values.push(5000, "note", std::string("y")), 0);
  EXPECT_EQ(text_of(values, 0, 0), "");
}

}  // namespace
}  // namespace braid::model
