#include <algorithm>

#include "core/error.h"
#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(corruption, table_entries_are_complete) {
  std::vector<std::string> names;
  for (const Method* method : methods()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), method->name), 0) << method->name;
    names.emplace_back(method->name);
    EXPECT_GT(std::string(method->summary).size(), 10u) << method->name;
    EXPECT_FALSE(std::string(method->level).empty()) << method->name;
    EXPECT_GE(method->levels.size(), 3u) << method->name;
    EXPECT_NE(method->change_sample == nullptr, method->change_prepared == nullptr) << method->name;
    EXPECT_EQ(&find(method->name), method);
  }
  for (data::Kind kind :
       {data::Kind::text, data::Kind::image, data::Kind::audio, data::Kind::video,
        data::Kind::series, data::Kind::volume, data::Kind::embedding, data::Kind::tabular})
    EXPECT_GE(methods_for(kind).size(), 2u) << data::to_string(kind);
}

TEST(corruption, unknown_names_get_help) {
  try {
    find("bluur");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::config);
    EXPECT_NE(std::string(e.what()).find("did you mean 'blur'?"), std::string::npos) << e.what();
  }
}

TEST(corruption, what_is_missing_stays_missing) {
  for (const Method* method : methods()) {
    if (method->change_sample == nullptr) continue;
    data::Sample sample;
    sample.values["y"] = std::string("other");
    method->change_sample({"x", method->kinds[0], {"x"}}, method->levels.back(), Rng(1), &sample);
    EXPECT_EQ(sample.values.size(), 1u) << method->name;
    sample.values["x"] = std::monostate();
    method->change_sample({"x", method->kinds[0], {"x"}}, method->levels.back(), Rng(1), &sample);
    const auto at = sample.values.find("x");
    EXPECT_TRUE(at == sample.values.end() || std::holds_alternative<std::monostate>(at->second))
        << method->name;
  }
}

TEST(corruption, a_bad_file_is_named_with_its_field) {
  try {
    corrupted("blur", data::Path{"absent.png"}, 0.1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("here:1: field \"x\": "), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("absent.png"), std::string::npos) << e.what();
  }
}

TEST(corruption, deep_pixels_and_alpha_become_eight_bits_of_colour) {
  formats::Image deep;
  deep.width = deep.height = 1;
  deep.channels = 4;
  deep.bits = 16;
  deep.pixels16 = {65535, 0, 0, 32896};  // half transparent red, on white
  const formats::Image image = corrupted_image("pixel_noise", deep, 0);
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.bits, 8);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{255, 127, 127}));
}

}  // namespace
}  // namespace braid::corruptions
