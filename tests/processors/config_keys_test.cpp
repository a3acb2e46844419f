#include "processors/config_keys.h"

#include <gmock/gmock.h>

#include <limits>

#include "formats/expect_error.h"

namespace braid::processors {
namespace {

using braid::testing::expect_error;
using ::testing::ElementsAre;

const std::string kWhere = "p.json";

TEST(config_keys, null_stands_for_an_absent_key) {
  const Json json = {{"a", nullptr}, {"b", true}, {"c", "word"}, {"d", 2.5}, {"e", 3}};
  const ConfigKeys keys(json, kWhere);
  EXPECT_FALSE(keys.has("a"));
  EXPECT_FALSE(keys.boolean("a", false));
  EXPECT_TRUE(keys.boolean("b", false));
  EXPECT_EQ(keys.text("c", ""), "word");
  EXPECT_EQ(keys.text("z", "other"), "other");
  EXPECT_EQ(keys.number_above("d", 0, 1), 2.5);
  EXPECT_EQ(keys.number_above("z", 0, 1), 1);
  EXPECT_THAT(keys.three_numbers("e"), ElementsAre(3, 3, 3));
}

TEST(config_keys, says_what_was_expected_and_shortens_what_was_got) {
  const Json json = {{"a", std::string(500, 'y')},
                     {"b", std::numeric_limits<double>::infinity()},
                     {"c", {1, "2", 3}}};
  const ConfigKeys keys(json, kWhere);
  expect_error(ErrorKind::config, "p.json: key \"a\": expected true or false, got \"yyyy",
               [&] { keys.boolean("a", true); });
  EXPECT_LE(shown(json["a"]).size(), 63u);
  expect_error(ErrorKind::config, "key \"b\": expected a number above 0",
               [&] { keys.number_above("b", 0, 1); });
  expect_error(ErrorKind::config, "key \"c\": expected a number for each of 3 channels",
               [&] { keys.three_numbers("c"); });
  expect_error(ErrorKind::config, "key \"z\": expected more, got nothing",
               [&] { keys.fail_at("z", "more"); });
}

TEST(config_keys, a_deeply_nested_value_is_not_written_out) {
  const Json json =
      parse_json("{\"a\": " + std::string(200000, '[') + std::string(200000, ']') + "}", "x");
  const ConfigKeys keys(json, kWhere);
  expect_error(ErrorKind::config, "key \"a\": expected true or false, got [...]",
               [&] { keys.boolean("a", true); });
}

}  // namespace
}  // namespace braid::processors
