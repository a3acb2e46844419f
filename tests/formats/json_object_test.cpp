#include "formats/json_object.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(json_object, keeps_the_keys_in_order) {
  const JsonObject object = parse_json_object(R"({"z": 1, "a": {"q": 2}, "m": [{"r": 3}]})", "x");
  EXPECT_EQ(object.keys, (std::vector<std::string>{"z", "a", "m"}));
  EXPECT_EQ(object.members["a"]["q"], 2);
  EXPECT_EQ(object.members["m"][0]["r"], 3);
}

TEST(json_object, refuses_a_key_that_stands_twice_at_any_depth) {
  for (const char* text : {R"({"a":1,"b":2,"a":3})", R"({"b":{"a":1,"a":1}})",
                           R"({"b":[{"a":1,"a":1}]})", R"({"a":1,"\u0061":2})"})
    expect_error(ErrorKind::format, "x: the key 'a' stands twice",
                 [&] { parse_json_object(text, "x"); });
  EXPECT_EQ(parse_json_object(R"({"a":{"a":1},"b":{"a":1}})", "x").keys.size(), 2u);
}

TEST(json_object, says_what_is_wrong) {
  expect_error(ErrorKind::format, "x: byte 7: expected JSON, got something else",
               [] { parse_json_object(R"({"a": })", "x"); });  // byte 7 is the brace
  expect_error(ErrorKind::format, "expected JSON", [] { parse_json_object("", "x"); });
  expect_error(ErrorKind::format, "expected JSON", [] { parse_json_object("{} {}", "x"); });
  expect_error(ErrorKind::format, "expected JSON", [] { parse_json_object("{\"a\":NaN}", "x"); });
  expect_error(ErrorKind::format, "within double's range",
               [] { parse_json_object(R"({"a": 1e999})", "x"); });
  expect_error(ErrorKind::data, "x: expected an object {...}, got a list",
               [] { parse_json_object("[1]", "x"); });
  expect_error(ErrorKind::data, "got null", [] { parse_json_object("null", "x"); });
}

TEST(json_object, survives_deep_and_wide_text) {
  const std::string deep = "{\"a\":" + std::string(200000, '[') + std::string(200000, ']') + "}";
  EXPECT_TRUE(parse_json_object(deep, "x").members["a"].is_array());
  std::string wide = "{";
  for (int i = 0; i < 50000; ++i) wide += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":{}";
  EXPECT_EQ(parse_json_object(wide + "}", "x").keys.size(), 50000u);
}

TEST(json_object, names_every_type) {
  const char* expected[] = {"a number", "text", "true or false", "a list", "an object", "null"};
  const auto values = nlohmann::json::parse(R"([1.5, "a", true, [], {}, null])");
  for (size_t i = 0; i < values.size(); ++i) EXPECT_STREQ(json_type(values[i]), expected[i]);
}

}  // namespace
}  // namespace braid::formats
