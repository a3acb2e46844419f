#include "text/json_fields.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(json_fields, asks_and_counts) {
  const PlainJson json = PlainJson::parse(
      R"({"text": "a", "flag": true, "number": 3, "letter": "▁", "none": null, "word": "two"})");
  Fields fields(json, "here");
  EXPECT_EQ(fields.text("text"), "a");
  EXPECT_TRUE(fields.flag("flag"));
  EXPECT_EQ(fields.number("number"), 3);
  EXPECT_EQ(fields.letter("letter"), 0x2581);
  EXPECT_EQ(fields.find("none"), nullptr);
  EXPECT_EQ(fields.number_or("absent", 7), 7);
  EXPECT_EQ(message_of([&] { fields.done(); }).substr(0, 25), "here: unknown key 'word' ");
  EXPECT_EQ(fields.one_of("word", {"one", "two"}, 0), 1u);
  fields.done();
}

TEST(json_fields, says_where) {
  const PlainJson json =
      PlainJson::parse(R"({"text": 1, "flag": "x", "number": -3, "letter": ""})");
  Fields fields(json, "here");
  EXPECT_EQ(message_of([&] { fields.text("text"); }),
            "here: \"text\": expected a text, got number");
  EXPECT_EQ(message_of([&] { fields.flag("flag"); }),
            "here: \"flag\": expected true or false, got string");
  EXPECT_EQ(message_of([&] { fields.number("number"); }),
            "here: \"number\": expected a whole number from 0 to 2^31 - 1, got -3");
  EXPECT_EQ(message_of([&] { fields.letter("letter"); }),
            "here: \"letter\": expected one letter, got ''");
  EXPECT_EQ(message_of([&] { fields.need("x"); }),
            "here: expected the key \"x\", got an object without it");
  EXPECT_EQ(message_of([] { Fields(PlainJson::parse("[]"), "here"); }),
            "here: expected an object, got array");
  EXPECT_EQ(message_of([] { parse_plain_json("{", "file"); }),
            "file: byte 2: expected JSON, got something else; is the file complete?");
}

}  // namespace
}  // namespace braid::text
