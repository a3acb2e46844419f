#include "report/compare_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/file.h"

namespace braid::report {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> names(const std::vector<const MethodResult*>& methods) {
  std::vector<std::string> out;
  for (const MethodResult* method : methods) out.push_back(method->name);
  return out;
}

std::string message_of(const Json& compare) {
  try {
    read_compare(compare);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::format);
    return e.what();
  }
  return "";
}

TEST(compare_data, reads_the_fixture) {
  const CompareData data =
      read_compare(parse_json(read_file("tests/data_files/compare.json"), "compare.json"));
  EXPECT_EQ(data.task, "multiclass");
  EXPECT_EQ(data.test, 300);
  EXPECT_EQ(data.group, "speaker");
  EXPECT_EQ(data.methods.size(), 7u);
  EXPECT_EQ(data.subsets.size(), 7u);
  const MethodResult* gated = data.find("gated");
  ASSERT_NE(gated, nullptr);
  EXPECT_DOUBLE_EQ(gated->metric.mean, 0.884);
  EXPECT_DOUBLE_EQ(gated->difference.low, 0.06);
  EXPECT_EQ(gated->parameters, 133892);
  EXPECT_EQ(gated->confusion.size(), 4u);
  EXPECT_EQ(gated->curves.size(), 2u);
  EXPECT_FALSE(data.find("audio")->has_difference);
  EXPECT_EQ(data.find("no such"), nullptr);
}

TEST(compare_data, absent_and_null_are_the_same) {
  const CompareData data = read_compare(
      {{"group", nullptr},
       {"methods",
        {{{"name", "a"}, {"metric", {{"mean", nullptr}, {"interval", {nullptr, nullptr}}}}}}}});
  EXPECT_TRUE(std::isnan(data.methods[0].metric.mean));
  EXPECT_EQ(data.methods[0].parameters, -1);
  EXPECT_TRUE(data.higher_is_better);
  EXPECT_THAT(read_compare(Json::object()).methods, IsEmpty());
}

TEST(compare_data, errors_name_the_key) {
  EXPECT_EQ(message_of({{"methods", {{{"name", "a"}, {"metric", {{"mean", "high"}}}}}}}),
            "compare.json: methods[0].metric.mean: expected a number, got string; was the file "
            "written by braid compare?");
  EXPECT_THAT(message_of(Json::array()), HasSubstr("document: expected an object, got array"));
  EXPECT_THAT(message_of({{"labels", {1, 2}}}), HasSubstr("labels[0]: expected a string"));
  EXPECT_THAT(message_of({{"methods", {{{"confusion", {{1, 2}, {3}}}}}}}),
              HasSubstr("methods[0].confusion: expected a square matrix"));
  EXPECT_THAT(message_of({{"methods", {{{"scatter", {{1, 2, 3}}}}}}}),
              HasSubstr("methods[0].scatter[0]: expected two numbers"));
}

TEST(compare_data, order_is_best_first_with_the_unmeasured_last) {
  Json compare = {{"methods",
                   {{{"name", "late"}, {"family", "late"}, {"metric", {{"mean", 0.7}}}},
                    {{"name", "broken"}, {"family", "early"}, {"metric", {{"mean", nullptr}}}},
                    {{"name", "one"}, {"family", "single"}, {"metric", {{"mean", 0.6}}}},
                    {{"name", "new"}, {"family", "quantum"}, {"metric", {{"mean", 0.9}}}},
                    {{"name", "early"}, {"family", "early"}, {"metric", {{"mean", 0.8}}}}}}};
  EXPECT_THAT(names(read_compare(compare).by_metric()),
              ElementsAre("new", "early", "late", "one", "broken"));
  EXPECT_THAT(names(read_compare(compare).by_family()),
              ElementsAre("one", "early", "broken", "late", "new"));
  compare["metric"] = {{"name", "rmse"}, {"higher_is_better", false}};
  EXPECT_THAT(names(read_compare(compare).by_metric()),
              ElementsAre("one", "late", "early", "new", "broken"));
}

TEST(compare_data, subset_methods_keep_their_first_order) {
  const CompareData data =
      read_compare({{"subsets",
                     {{{"modalities", {"a"}}, {"methods", {{"x", 0.5}}}},
                      {{"modalities", {"b"}}, {"methods", {{"y", 0.6}, {"x", nullptr}}}}}}});
  EXPECT_THAT(subset_methods(data), ElementsAre("x", "y"));
  EXPECT_DOUBLE_EQ(subset_value(data.subsets[0], "x"), 0.5);
  EXPECT_TRUE(std::isnan(subset_value(data.subsets[0], "y")));
  EXPECT_TRUE(std::isnan(subset_value(data.subsets[1], "x")));
  EXPECT_EQ(join_modalities({"image", "audio"}), "image + audio");
  EXPECT_EQ(join_modalities({}), "(none)");
}

}  // namespace braid::report
