#include "processors/image_processor.h"

#include <gmock/gmock.h>

#include "formats/expect_error.h"
#include "processors/golden_pictures.h"

namespace braid::processors {
namespace {

using braid::testing::Difference;
using braid::testing::difference;
using braid::testing::expect_error;
using braid::testing::files_that_end_in;
using braid::testing::folders_of;
using braid::testing::goldens_folder;
using braid::testing::image_of;
using braid::testing::read_json;
using formats::Image;
using formats::read_npy;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;

#define SKIP_WITHOUT_GOLDENS() \
  if (goldens_folder().empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS"

bool exists(const std::string& path) { return std::filesystem::exists(path); }

// "a/gray.slow.npy" -> "gray"
std::string stem(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.substr(0, name.find('.'));
}

struct Golden {
  std::string config, picture, values;
  bool is_fast = false;
};

// Every golden picture of every processor of "processors/image".
std::vector<Golden> processor_goldens() {
  const std::string root = goldens_folder() + "/processors/image";
  std::vector<Golden> goldens;
  for (const std::string& folder : folders_of(root)) {
    for (const char* speed : {"slow", "fast"}) {
      for (const std::string& values :
           files_that_end_in(folder, std::string(".") + speed + ".npy")) {
        const std::string picture = root + "/images/" + stem(values) + ".png";
        if (!exists(picture)) continue;
        goldens.push_back(
            {folder + "/preprocessor_config.json", picture, values, speed == std::string("fast")});
      }
    }
  }
  return goldens;
}

ImageProcessor processor_of(const Golden& golden) {
  Json config = read_json(golden.config);
  if (golden.is_fast)
    config["image_processor_type"] = config["image_processor_type"].get<std::string>() + "Fast";
  return ImageProcessor::parse(config, golden.config);
}

// The pictures as the reference's decoder gave them, so that no decoder is needed here.
TEST(image_processor, agrees_with_pillow_and_torchvision) {
  SKIP_WITHOUT_GOLDENS();
  int num_slow = 0, num_fast = 0;
  int64_t num_unequal = 0;
  for (const Golden& golden : processor_goldens()) {
    const ImageProcessor processor = processor_of(golden);
    std::string picture = golden.picture;
    picture.replace(picture.size() - 4, 4, ".rgb.npy");
    const formats::NpyArray expected = read_npy(golden.values);
    EXPECT_THAT(expected.shape, ElementsAre(1, 3, processor.height(), processor.width()));
    const Difference d = difference(processor(image_of(read_npy(picture))), expected);
    if (golden.is_fast) {
      // The float sums of bilinear may fall on the other side of a half: one level of 255 then.
      EXPECT_LE(d.largest, 1.001 / 255 / 0.22) << golden.values;
      num_unequal += d.num_unequal;
      ++num_fast;
    } else {
      EXPECT_EQ(d.num_unequal, 0) << golden.values << ": " << d.largest;
      ++num_slow;
    }
  }
  EXPECT_GT(num_slow, 50);
  EXPECT_GT(num_fast, 50);
  EXPECT_LE(num_unequal, 1);  // of a million: one of convnext_64's
}

TEST(image_processor, agrees_from_the_files_on) {
  SKIP_WITHOUT_GOLDENS();
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  std::vector<Golden> goldens = processor_goldens();
  const std::string root = goldens_folder();
  for (const std::string& values : files_that_end_in(root + "/real/media", ".npy")) {
    const std::string name = std::filesystem::path(values).filename().string();
    const std::string kind = name.substr(name.find('.') + 1, name.rfind('.') - name.find('.') - 1);
    const std::string config = root + "/real/media/" + kind + ".preprocessor_config.json";
    if (exists(config)) goldens.push_back({config, root + "/real/media/CLIP.png", values});
  }
  const size_t num_before = goldens.size();
  for (const std::string& model : folders_of(root + "/models"))
    for (const std::string& picture : files_that_end_in(model + "/e2e", ".png"))
      goldens.push_back({model + "/preprocessor_config.json", picture,
                         model + "/e2e/" + stem(picture) + ".pixel_values.npy"});
  EXPECT_GT(goldens.size(), num_before + 10);
  for (const Golden& golden : goldens) {
    if (golden.is_fast) continue;
    const Image image = formats::read_image(golden.picture);
    const Difference d = difference(processor_of(golden)(image), read_npy(golden.values));
    EXPECT_EQ(d.num_unequal, 0) << golden.values << ": " << d.largest;
  }
}

TEST(image_processor, agrees_on_a_pipeline_s_batch) {
  SKIP_WITHOUT_GOLDENS();
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  const std::string folder = goldens_folder() + "/pipelines/clip";
  const std::string config = folder + "/preprocessor_config.json";
  const ImageProcessor processor = ImageProcessor::parse(read_json(config), config);
  std::vector<Image> images;
  for (const std::string& file : files_that_end_in(folder, ".png"))
    images.push_back(formats::read_image(file));
  const formats::NpyArray expected = read_npy(folder + "/pixel_values.npy");
  ASSERT_EQ(static_cast<int64_t>(images.size()), expected.shape[0]);
  EXPECT_EQ(difference(processor.video(images), expected).num_unequal, 0);
}

TEST(image_processor, agrees_on_the_frames_of_a_video) {
  SKIP_WITHOUT_GOLDENS();
  const std::string model = goldens_folder() + "/models/videomae";
  const formats::NpyArray levels = read_npy(model + "/e2e/frames.frames_uint8.npy");
  const std::string config = model + "/preprocessor_config.json";
  const ImageProcessor processor = ImageProcessor::parse(read_json(config), config);
  std::vector<Image> frames;
  for (int64_t t = 0; t < levels.shape[0]; ++t) frames.push_back(image_of(levels, t));
  const formats::NpyArray expected = read_npy(model + "/e2e/frames.pixel_values.npy");
  EXPECT_EQ(difference(processor.video(frames), expected).num_unequal, 0);
}

// Levels as they are: nothing is rescaled or normalised.
Json levels_config(const std::string& type, int kernel, int height, int width) {
  return {{"image_processor_type", type},
          {"resample", kernel},
          {"size", {{"height", height}, {"width", width}}},
          {"do_rescale", false},
          {"do_normalize", false}};
}

Image grey_image(int width, int height, std::vector<uint8_t> pixels) {
  Image image;
  image.width = width;
  image.height = height;
  image.channels = 1;
  image.pixels = std::move(pixels);
  return image;
}

std::vector<float> grey_of(const Json& config, const Image& image) {
  const ImageProcessor processor = ImageProcessor::parse(config, "x");
  std::vector<float> out = processor(image);
  const auto plane = static_cast<size_t>(processor.height() * processor.width());
  EXPECT_EQ(out.size(), 3 * plane);
  for (size_t i = 0; i < 2 * plane; ++i) EXPECT_EQ(out[i], out[i + plane]);
  out.resize(plane);
  return out;
}

TEST(image_processor, grows_two_by_two_as_worked_out) {
  // Bilinear to 4: centres at 0.25, 0.75, 1.25, 1.75 weigh the two samples 1 : 0, 3 : 1, 1 : 3,
  // 0 : 1. Across, 10 and 50 become 10, 20, 40, 50, and 90 and 250 become 90, 130, 210, 250; then
  // down in the same way.
  const Image image = grey_image(2, 2, {10, 50, 90, 250});
  const std::vector<float> expected = {10, 20,  40,  50,  30, 48,  83,  100,
                                       70, 103, 168, 200, 90, 130, 210, 250};
  // 47.5 and 82.5 and 102.5 and 167.5 are rounded up by Pillow, to even by torchvision.
  EXPECT_EQ(grey_of(levels_config("ViTImageProcessor", 2, 4, 4), image), expected);
  std::vector<float> even = expected;
  even[6] = 82;
  even[9] = 102;
  EXPECT_EQ(grey_of(levels_config("ViTImageProcessorFast", 2, 4, 4), image), even);
}

TEST(image_processor, takes_the_nearest_as_worked_out) {
  // 3 of 2: Pillow takes floor((i + 0.5) 2 / 3) = 0, 1, 1; torchvision floor(i 2 / 3) = 0, 0, 1.
  const Image image = grey_image(2, 1, {7, 9});
  EXPECT_THAT(grey_of(levels_config("ViTImageProcessor", 0, 1, 3), image), ElementsAre(7, 9, 9));
  EXPECT_THAT(grey_of(levels_config("ViTImageProcessorFast", 0, 1, 3), image),
              ElementsAre(7, 7, 9));
}

TEST(image_processor, averages_by_box) {
  // 2 of 4 by box: the mean of two, halves rounded up.
  const Image image = grey_image(4, 1, {10, 21, 30, 40});
  EXPECT_THAT(grey_of(levels_config("ViTImageProcessor", 4, 1, 2), image), ElementsAre(16, 35));
}

TEST(image_processor, rescales_and_normalizes) {
  Json config = levels_config("ViTImageProcessor", 2, 1, 1);
  config["do_rescale"] = true;
  config["do_normalize"] = true;
  config["image_mean"] = {0.5, 0, 1};
  config["image_std"] = {0.5, 1, 2};
  config["rescale_factor"] = 0.0078125;  // 1 / 128: 64 becomes 0.5
  EXPECT_THAT(ImageProcessor::parse(config, "x")(grey_image(1, 1, {64})),
              ElementsAre(0, 0.5f, -0.25f));
  config["image_processor_type"] = "ViTImageProcessorFast";
  EXPECT_THAT(ImageProcessor::parse(config, "x")(grey_image(1, 1, {64})),
              ElementsAre(0, 0.5f, -0.25f));
}

Json crop_config(const std::string& type, int height, int width) {
  Json config = levels_config(type, 2, 1, 1);
  config["do_resize"] = false;
  config["do_center_crop"] = true;
  config["crop_size"] = {{"height", height}, {"width", width}};
  return config;
}

TEST(image_processor, cuts_the_centre_and_adds_black) {
  // Of 5 the 2 from floor(3 / 2) on. To 4 from 1: three more, the odd one before the picture in
  // the slow processors, after it in the fast ones.
  const Image image = grey_image(5, 1, {1, 2, 3, 4, 5});
  EXPECT_THAT(grey_of(crop_config("CLIPImageProcessor", 1, 2), image), ElementsAre(2, 3));
  EXPECT_THAT(grey_of(crop_config("CLIPImageProcessor", 4, 1), image), ElementsAre(0, 0, 3, 0));
  EXPECT_THAT(grey_of(crop_config("CLIPImageProcessorFast", 4, 1), image), ElementsAre(0, 3, 0, 0));
}

TEST(image_processor, drops_alpha_or_composites_on_white) {
  // 100 with alpha 51 of 255, a fifth, on white: 0.2 * 100 + 0.8 * 255 = 224.
  Image image;
  image.width = 2;
  image.height = 1;
  image.channels = 4;
  image.pixels = {100, 0, 255, 51, 9, 8, 7, 0};
  Json config = levels_config("ViTImageProcessor", 2, 1, 2);
  EXPECT_THAT(ImageProcessor::parse(config, "x")(image), ElementsAre(100, 9, 0, 8, 255, 7));
  config["alpha"] = "white";
  EXPECT_THAT(ImageProcessor::parse(config, "x")(image), ElementsAre(224, 255, 204, 255, 255, 255));
}

TEST(image_processor, colours_under_transparent_pixels_survive_decoding) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  // The lower right quarter's white of this palette has alpha 64.
  const Image palette = formats::read_image("tests/data_files/media/palette_alpha.png");
  ASSERT_EQ(palette.channels, 4);
  const Json config = levels_config("ViTImageProcessor", 0, 2, 2);
  EXPECT_THAT(ImageProcessor::parse(config, "x")(palette),
              ElementsAre(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255));
  Image clear;
  clear.width = clear.height = 1;
  clear.channels = 4;
  clear.pixels = {12, 34, 56, 0};
  const Image decoded = formats::decode_image(formats::encode_png(clear), "clear.png");
  EXPECT_EQ(decoded.pixels, clear.pixels);
}

TEST(image_processor, reads_the_upper_half_of_16_bits) {
  Image image = grey_image(2, 1, {});
  image.bits = 16;
  image.pixels16 = {0x12ff, 0xff00};
  EXPECT_THAT(grey_of(levels_config("ViTImageProcessor", 2, 1, 2), image), ElementsAre(0x12, 0xff));
}

TEST(image_processor, pictures_of_any_shape_give_a_result) {
  const std::vector<std::pair<int, int>> sizes = {
      {1, 1}, {1, 3000}, {3000, 1}, {2, 1}, {1 << 20, 1}};
  for (const char* type :
       {"CLIPImageProcessor", "CLIPImageProcessorFast", "ConvNextImageProcessor",
        "ConvNextImageProcessorFast", "ViTImageProcessor", "ViTImageProcessorFast"}) {
    const ImageProcessor processor = ImageProcessor::parse(
        {{"image_processor_type", type}, {"size", 24}, {"crop_size", 24}}, "x");
    for (const auto& [width, height] : sizes) {
      const Image image =
          grey_image(width, height, std::vector<uint8_t>(static_cast<size_t>(width) * height, 200));
      const std::vector<float> out = processor(image);
      ASSERT_EQ(out.size(), 3u * 24 * 24) << type;
      // A picture of one level stays so.
      const std::vector<float> first(out.begin(), out.begin() + 24 * 24);
      EXPECT_THAT(first, Each(FloatEq(out[0]))) << type << " " << width << "x" << height;
    }
  }
}

TEST(image_processor, refuses_what_is_no_picture) {
  const ImageProcessor processor =
      ImageProcessor::parse(levels_config("ViTImageProcessor", 2, 2, 2), "x");
  expect_error(ErrorKind::shape, "expected 4 samples for 2x2x1, got 3", [&] {
    processor(grey_image(2, 2, {1, 2, 3}));
  });
  expect_error(ErrorKind::shape, "got 0x2x1 of 8 bits", [&] { processor(grey_image(2, 0, {})); });
  expect_error(ErrorKind::data, "expected sides of at most 1048576 pixels, got 1048577x1",
               [&] { processor(grey_image(1048577, 1, std::vector<uint8_t>(1048577))); });
}

TEST(image_processor, its_config_reads_back_to_the_same_processor) {
  const Image image = grey_image(40, 31, std::vector<uint8_t>(40 * 31, 77));
  for (const char* type : {"CLIPFeatureExtractor", "SiglipImageProcessorFast", "ViTImageProcessor",
                           "DeiTImageProcessorFast", "BitImageProcessor",
                           "ConvNextFeatureExtractor", "VideoMAEImageProcessor"}) {
    const ImageProcessor processor = ImageProcessor::parse(
        {{"feature_extractor_type", type}, {"alpha", "white"}, {"size", 30}}, "x");
    const ImageProcessor again = ImageProcessor::parse(processor.config(), "x");
    EXPECT_EQ(again.config(), processor.config()) << type;
    EXPECT_EQ(again(image), processor(image)) << type;
  }
}

}  // namespace
}  // namespace braid::processors
