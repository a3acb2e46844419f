#include "processors/image_config.h"

#include <gmock/gmock.h>

#include "formats/expect_error.h"

namespace braid::processors {
namespace {

using braid::testing::expect_error;
using ::testing::ElementsAre;

// A config of the older kind, with numbers as sizes and no word on rescaling.
Json clip() {
  return {{"feature_extractor_type", "CLIPFeatureExtractor"}, {"size", 224}, {"crop_size", 224}};
}
Json with(Json config, const char* key, const Json& value) {
  config[key] = value;
  return config;
}
void expect_config_error(const Json& config, const std::string& part) {
  expect_error(ErrorKind::config, part, [&] { parse_image_config(config, "model: p.json"); });
  expect_error(ErrorKind::config,
               "model: p.json: ", [&] { parse_image_config(config, "model: p.json"); });
}

TEST(image_config, a_number_as_size_is_read_as_its_class_reads_it) {
  const ImageConfig c = parse_image_config(clip(), "x");
  EXPECT_EQ(c.size_rule, SizeRule::shortest);
  EXPECT_EQ(c.shortest, 224);
  EXPECT_TRUE(c.is_cropped);
  EXPECT_EQ(c.output_height, 224);
  EXPECT_EQ(c.kernel, Kernel::bicubic);
  EXPECT_TRUE(c.is_rescaled);
  EXPECT_DOUBLE_EQ(c.rescale_factor, 1.0 / 255);
  EXPECT_THAT(c.mean, ElementsAre(0.48145466, 0.4578275, 0.40821073));
  EXPECT_FALSE(c.is_fast);
  const ImageConfig vit =
      parse_image_config({{"image_processor_type", "ViTImageProcessorFast"}, {"size", 96}}, "x");
  EXPECT_EQ(vit.size_rule, SizeRule::exact);
  EXPECT_EQ(vit.output_height, 96);
  EXPECT_EQ(vit.output_width, 96);
  EXPECT_EQ(vit.kernel, Kernel::bilinear);
  EXPECT_TRUE(vit.is_fast);
}

TEST(image_config, convnext_cuts_a_share_below_384) {
  const Json small = {{"image_processor_type", "ConvNextImageProcessor"}, {"size", 224}};
  const ImageConfig c = parse_image_config(small, "x");
  EXPECT_EQ(c.size_rule, SizeRule::shortest);
  EXPECT_EQ(c.shortest, 256);  // 224 / 0.875
  EXPECT_EQ(c.output_width, 224);
  const ImageConfig large = parse_image_config(with(small, "size", 384), "x");
  EXPECT_EQ(large.size_rule, SizeRule::exact);
  EXPECT_EQ(large.height, 384);
  EXPECT_FALSE(large.is_cropped);
}

TEST(image_config, names_unknown_processors) {
  expect_config_error({{"size", 224}}, "expected the key \"image_processor_type\", got none");
  expect_config_error({{"image_processor_type", "ClipImageProcesor"}},
                      "unknown image processor 'ClipImageProcesor'; did you mean "
                      "'CLIPImageProcessor'? (known: CLIPImageProcessor, CLIPImageProcessorFast,");
  expect_config_error({{"image_processor_type", "VideoMAEImageProcessorFast"}},
                      "did you mean 'VideoMAEImageProcessor'?");
  expect_config_error(Json::array(), "expected a JSON object, got []");
}

TEST(image_config, checks_sizes) {
  expect_config_error(with(clip(), "size", 0),
                      "key \"size\": expected whole numbers of pixels from 1 to 4096, got 0");
  expect_config_error(with(clip(), "size", 1e9), "from 1 to 4096, got 1000000000.0");
  expect_config_error(with(clip(), "size", "big"), "expected {\"shortest_edge\": N} or");
  expect_config_error(with(clip(), "size", {{"height", 3}}), "got {\"height\":3}");
  expect_config_error(with(clip(), "size", {{"shortest_edge", 3}, {"longest_edge", 9}}),
                      "got {\"shortest_edge\":3,\"longest_edge\":9}");
  expect_config_error(with(clip(), "crop_size", {{"shortest_edge", 3}}),
                      "key \"crop_size\": expected {\"height\": N, \"width\": N}");
  expect_config_error(with(clip(), "do_center_crop", false),
                      "got a \"size\" of the shortest side without a crop; set \"do_center_crop\"");
  expect_config_error(
      {{"image_processor_type", "ViTImageProcessor"}, {"size", {{"shortest_edge", 3}}}},
      "key \"size\": expected {\"height\": N, \"width\": N}, got {\"shortest_edge\":3}");
  expect_config_error({{"image_processor_type", "ViTImageProcessor"}, {"do_resize", false}},
                      "got \"do_resize\" false without a crop; set \"do_resize\" to true");
  expect_config_error(
      {{"image_processor_type", "ConvNextImageProcessor"}, {"size", 224}, {"crop_pct", 1e-9}},
      "key \"crop_pct\"");
  expect_config_error(
      {{"image_processor_type", "ConvNextImageProcessor"}, {"size", 224}, {"crop_pct", 500}},
      "key \"crop_pct\": expected one that keeps the side from 1 to 16384, got 500");
}

TEST(image_config, checks_types) {
  expect_config_error(with(clip(), "do_resize", 1), "key \"do_resize\": expected true or false");
  expect_config_error(with(clip(), "resample", 9), "key \"resample\": expected 0 (nearest)");
  expect_config_error(with(clip(), "resample", "bicubic"), "got \"bicubic\"");
  expect_config_error(with(clip(), "rescale_factor", 0), "expected a number above 0, got 0");
  expect_config_error(with(clip(), "image_mean", {1, 2}), "expected a number for each of 3");
  expect_config_error(with(clip(), "image_std", {1, 0, 1}), "expected numbers above 0");
  expect_config_error(with(clip(), "alpha", "black"), "expected \"drop\" or \"white\"");
  expect_config_error(with(clip(), "data_format", "channels_last"), "\"channels_first\"");
  Json fast = clip();
  fast["image_processor_type"] = "CLIPImageProcessorFast";
  expect_config_error(with(fast, "resample", 1), "or 3 (bicubic) for a fast processor, got 1");
}

TEST(image_config, unknown_keys_matter_where_they_would_change_the_result) {
  const ImageConfig plain = parse_image_config(clip(), "x");
  Json config = clip();
  config["processor_class"] = "CLIPProcessor";
  config["_valid_processor_keys"] = {"images", "do_resize"};
  config["do_pad"] = false;
  config["do_flip_channel_order"] = nullptr;
  config["pad_size"] = {{"height", 3}, {"width", 3}};
  config["image_seq_length"] = 576;
  EXPECT_EQ(parse_image_config(config, "x").json, plain.json);
  expect_config_error(
      with(clip(), "do_flip_channel_order", true),
      "key \"do_flip_channel_order\": expected no step that is not known, got true");
  expect_config_error(with(clip(), "image_maen", {0, 0, 0}), "did you mean \"image_mean\"?");
}

}  // namespace
}  // namespace braid::processors
