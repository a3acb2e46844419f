// JSON keeps its order, and broken text says where it breaks.
#include "core/json.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/expect_error.h"

namespace braid {
namespace {

TEST(json, keys_keep_their_order) {
  EXPECT_EQ(parse_json(R"({"b": 1, "a": [true, null, "x"]})", "x.json").dump(),
            R"({"b":1,"a":[true,null,"x"]})");
}

TEST(json, broken_text_names_the_file_and_the_byte) {
  // The object ends after 6 bytes; the parser misses its end at byte 7.
  testing::expect_error(ErrorKind::format, "x.json: byte 7: expected JSON",
                        [] { parse_json(R"({"a":1)", "x.json"); });
  testing::expect_error(ErrorKind::format, "x.json: byte 1: expected JSON",
                        [] { parse_json("", "x.json"); });
  testing::expect_error(ErrorKind::format, "x.json: expected JSON, got a number that fits no type",
                        [] { parse_json("[1e999]", "x.json"); });
}

}  // namespace
}  // namespace braid
