#include "processors/image_processor.h"

#include <gtest/gtest.h>

#include "processors/golden_pictures.h"

namespace braid::processors {
namespace {

using braid::testing::Difference;
using braid::testing::difference;
using braid::testing::files_that_end_in;
using braid::testing::folders_of;
using braid::testing::goldens_folder;
using braid::testing::image_of;
using braid::testing::read_json;

std::string stem(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.substr(0, name.find('.'));
}

void compare_all(const std::string& speed) {
  const std::string root = goldens_folder() + "/processors/image";
  int num_compared = 0;
  for (const std::string& folder : folders_of(root)) {
    const std::string config_file = folder + "/preprocessor_config.json";
    if (!std::filesystem::exists(config_file)) continue;
    Json config = read_json(config_file);
    if (speed == "fast")
      config["image_processor_type"] = config["image_processor_type"].get<std::string>() + "Fast";
    for (const std::string& file : files_that_end_in(folder, "." + speed + ".npy")) {
      const ImageProcessor processor = ImageProcessor::parse(config, config_file);
      const std::string image = root + "/images/" + stem(file) + ".rgb.npy";
      if (!std::filesystem::exists(image)) continue;
      const Difference d =
          difference(processor(image_of(formats::read_npy(image))), formats::read_npy(file));
      printf("%s %g %g %ld\n", file.c_str(), d.largest, d.mean, d.num_unequal);
      EXPECT_EQ(d.num_unequal, 0) << file << " " << d.largest;
      ++num_compared;
    }
  }
  EXPECT_GT(num_compared, 50);
}

TEST(image_processor, slow) { compare_all("slow"); }
TEST(image_processor, fast) { compare_all("fast"); }

}  // namespace
}  // namespace braid::processors
