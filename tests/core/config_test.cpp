// A field is declared once: default, parsing, bounds, dump and docs must all follow from it.
#include "core/config.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/expect_error.h"

namespace braid {
namespace {

using testing::expect_error;

struct Inner {
  int64_t size = 4;
  double noise = 0.5;
  template <class V>
  void visit(V& v) {
    v("size", size, at_least(1), "how large");
    v("noise", noise, between(0, 1), "how loud");
  }
};

struct Example {
  bool is_on = false;
  int64_t epochs = 10;
  double lr = 1e-3;
  std::string fit = "pad";
  std::string target;
  std::vector<std::string> fields;
  std::vector<double> weights = {1, 2.5};
  std::vector<int64_t> hidden = {64};
  Json extra = Json::object();
  Inner image;
  template <class V>
  void visit(V& v) {
    v("is_on", is_on, any(), "a switch");
    v("epochs", epochs, at_least(1), "passes");
    v("lr", lr, between(0, 1), "rate");
    v("fit", fit, one_of({"pad", "crop"}), "how to fit");
    v("target", target, any(), "a column");
    v("fields", fields, any(), "columns");
    v("weights", weights, at_least(0), "weights");
    v("hidden", hidden, at_least(1), "widths");
    v("extra", extra, any(), "a method's own keys");
    v("image", image, any(), "pictures");
  }
};

Example read(const std::string& yaml) {
  Example example;
  read_config(parse_yaml(yaml, "run.yaml"), "", example);
  return example;
}

void expect_config_error(const std::string& yaml, const std::string& part) {
  expect_error(ErrorKind::config, part, [&] { read(yaml); });
}

TEST(config, reads_every_type) {
  const Example e = read(
      "is_on: true\nepochs: 3\nlr: 0.25\nfit: crop\ntarget: label\nfields: [a, b c]\n"
      "weights: [0, 1e1]\nhidden: [8, 16]\nextra: {deep: [1, {x: null}]}\nimage: {size: 2}\n");
  EXPECT_TRUE(e.is_on);
  EXPECT_EQ(e.epochs, 3);
  EXPECT_EQ(e.lr, 0.25);
  EXPECT_EQ(e.fit, "crop");
  EXPECT_EQ(e.target, "label");
  EXPECT_EQ(e.fields, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(e.weights, (std::vector<double>{0, 10}));
  EXPECT_EQ(e.hidden, (std::vector<int64_t>{8, 16}));
  EXPECT_EQ(e.extra.dump(), R"({"deep":[1,{"x":null}]})");
  EXPECT_EQ(e.image.size, 2);
  EXPECT_EQ(e.image.noise, 0.5) << "what is not named keeps its default";
}

TEST(config, an_empty_value_is_the_default) {
  EXPECT_EQ(read("epochs:\nlr: ~\nimage: null\n").epochs, 10);
}

TEST(config, one_value_stands_for_a_list_of_one) {
  EXPECT_EQ(read("hidden: 8").hidden, std::vector<int64_t>{8});
  EXPECT_EQ(read("fields: a").fields, std::vector<std::string>{"a"});
  EXPECT_EQ(read("hidden: []").hidden, std::vector<int64_t>{});
}

TEST(config, unknown_keys_name_the_nearest_one) {
  expect_config_error("epoch: 3", "unknown config key 'epoch'; did you mean 'epochs'?");
  expect_config_error("image: {sise: 3}",
                      "unknown config key 'image.sise'; did you mean 'image.size'?");
}

TEST(config, bounds_hold_with_the_bound_in_the_message) {
  expect_config_error("epochs: 0", "epochs: expected at least 1, got 0");
  expect_config_error("lr: 1.5", "lr: expected a number between 0 and 1, got 1.5");
  expect_config_error("lr: -0.1", "lr: expected a number between 0 and 1, got -0.1");
  expect_config_error("hidden: [4, 0]", "hidden: expected at least 1, got 0");
  expect_config_error("fit: stretch", "fit: expected one of pad, crop, got 'stretch'");
  expect_config_error("image: {size: 0}", "image.size: expected at least 1, got 0");
  EXPECT_EQ(read("lr: 1").lr, 1) << "bounds are inside";
  EXPECT_EQ(read("lr: 0").lr, 0);
}

TEST(config, types_hold) {
  expect_config_error("epochs: 1.5", "epochs: expected a whole number, got 1.5");
  expect_config_error("epochs: many", "epochs: expected a whole number, got \"many\"");
  expect_config_error("lr: fast", "lr: expected a number, got \"fast\"");
  expect_config_error("lr: .inf", "lr: expected a number, got");
  expect_config_error("is_on: 1", "is_on: expected true or false, got 1");
  expect_config_error("target: [a]", "target: expected text, got a list");
  expect_config_error("image: 3", "image: expected an object, got a whole number");
  expect_config_error("[1, 2]", "config: expected an object, got a list");
  EXPECT_EQ(read("epochs: 3.0").epochs, 3);
  EXPECT_EQ(read("epochs: 1e3").epochs, 1000);
}

TEST(config, where_opens_the_message) {
  Inner inner;
  expect_error(ErrorKind::config, "model.encoders.image.size: expected at least 1, got -2", [&] {
    read_config(Json{{"size", -2}}, "model.encoders.image", inner);
  });
}

// What YAML takes for a number or a truth value may be a column's name.
TEST(config, text_may_look_like_something_else) {
  EXPECT_EQ(read("target: 3").target, "3");
  EXPECT_EQ(read("target: true").target, "true");
  EXPECT_EQ(read("target: no").target, "no");
  EXPECT_EQ(read("target: 007").target, "007");
  EXPECT_EQ(read("target: '3'").target, "3");
  EXPECT_EQ(read("target: \"null\"").target, "null");
  EXPECT_TRUE(read("is_on: yes").is_on);
  EXPECT_TRUE(read("is_on: on").is_on);
  EXPECT_FALSE(read("is_on: off").is_on);
}

TEST(config, yaml_scalars) {
  const Json node = parse_yaml(
      "a: 12\nb: -0.5\nc: +3\nd: 1e-3\ne: '12'\nf: True\ng: ~\nh: 1e999\n"
      "i: .5\nj: 9223372036854775808\nk: a b\n",
      "x.yaml");
  EXPECT_EQ(node.dump(),
            R"({"a":12,"b":-0.5,"c":3,"d":0.001,"e":"12","f":true,"g":null,"h":"1e999",)"
            R"("i":0.5,"j":9.223372036854776e+18,"k":"a b"})");
}

TEST(config, yaml_errors_name_the_line) {
  expect_error(ErrorKind::config, "x.yaml:3: key 'a' stands twice; remove one",
               [] { parse_yaml("a: 1\nb: 2\na: 3\n", "x.yaml"); });
  expect_error(ErrorKind::config, "x.yaml:2: expected YAML",
               [] { parse_yaml("a: 1\nb: }\nc: 2\n", "x.yaml"); });
  expect_error(ErrorKind::config, "x.yaml:1: expected a plain key",
               [] { parse_yaml("? [a, b]\n: 1\n", "x.yaml"); });
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  for (int i = 0; i < 100; ++i) deep += "]";
  expect_error(ErrorKind::config, "64 nested levels", [&] { parse_yaml(deep, "x.yaml"); });
}

TEST(config, overrides_set_dotted_keys) {
  Json node = parse_yaml("train: {epochs: 3, lr: 0.1}\nmodel: null\n", "x.yaml");
  apply_override(node, "train.epochs=5");
  apply_override(node, "model.fusion.hidden=[8, 4]");
  apply_override(node, "data.target=a=b");
  apply_override(node, "train.lr=");
  EXPECT_EQ(node.dump(), R"({"train":{"epochs":5,"lr":null},"model":{"fusion":{"hidden":[8,4]}},)"
                         R"("data":{"target":"a=b"}})");
}

TEST(config, overrides_that_make_no_sense_are_refused) {
  Json node = parse_yaml("train: {epochs: 3}", "x.yaml");
  expect_error(ErrorKind::usage, "'train.epochs': expected key=value",
               [&] { apply_override(node, "train.epochs"); });
  expect_error(ErrorKind::usage, "'=3': expected key=value", [&] { apply_override(node, "=3"); });
  expect_error(ErrorKind::usage, "expected key=value", [&] { apply_override(node, "train.=3"); });
  expect_error(ErrorKind::config, "'epochs' is not an object",
               [&] { apply_override(node, "train.epochs.x=3"); });
}

TEST(config, the_dump_is_complete_and_reads_back) {
  Example changed = read("epochs: 3\nfields: [a]\nimage: {noise: 0.25}\nextra: {k: [1]}");
  const Json dump = dump_config(changed);
  EXPECT_EQ(dump.dump(),
            R"({"is_on":false,"epochs":3,"lr":0.001,"fit":"pad","target":"","fields":["a"],)"
            R"("weights":[1.0,2.5],"hidden":[64],"extra":{"k":[1]},)"
            R"("image":{"size":4,"noise":0.25}})");
  Example back;
  read_config(dump, "", back);
  EXPECT_EQ(dump_config(back).dump(), dump.dump());
}

TEST(config, docs_hold_dotted_names_types_defaults_and_choices) {
  const std::vector<FieldDoc> docs = describe_config<Example>();
  ASSERT_EQ(docs.size(), 11u);
  EXPECT_EQ(docs[1].name, "epochs");
  EXPECT_EQ(docs[1].type, "integer");
  EXPECT_EQ(docs[1].default_value, "10");
  EXPECT_EQ(docs[3].help, "how to fit (pad, crop)");
  EXPECT_EQ(docs[9].name, "image.size");
  EXPECT_EQ(docs[10].default_value, "0.5");
}

}  // namespace
}  // namespace braid
