// Image processors of pretrained checkpoints: pictures a second beside the resize alone that a
// picture column does. One thread, CSV.
#include "processors/image_processor.h"

#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/rng.h"
#include "formats/image.h"

namespace braid::bench {
namespace {

// Slow waves with some noise: pixels that differ, and whose resize is known to be smooth.
formats::Image make_picture(int width, int height) {
  formats::Image image;
  image.width = width;
  image.height = height;
  image.channels = 3;
  Rng random(1);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(static_cast<uint8_t>(
            128 + 90 * std::sin(0.02 * x + c) * std::cos(0.03 * y) + random.uniform(-9, 9)));
  return image;
}

Json config_of(const std::string& type, int kernel, int side) {
  return {{"image_processor_type", type},
          {"resample", kernel},
          {"size", {{"height", side}, {"width", side}}},
          {"do_normalize", false}};
}

// Within the rounding of both passes of what formats::resize_image says, which has no such
// rounding; bicubic, which is another kernel, within what sharper edges may differ on average.
void check_result(const std::vector<float>& got, const std::vector<float>& bilinear,
                  bool is_bilinear, const std::string& name) {
  double largest = 0, mean = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double off = 255 * std::fabs(got[i] - bilinear[i]);
    largest = std::max(largest, off);
    mean += off / static_cast<double>(got.size());
  }
  BRAID_CHECK(is_bilinear ? largest <= 1.51 : mean <= 2, internal,
              "{}: expected the resized picture, got levels {} off, {} on average", name, largest,
              mean);
}

void print_line(const std::string& name, const formats::Image& image, int side, double median,
                double resize_s) {
  fmt::print("{},{}x{},{},{:.0f},{:.1f},{:.2f},{}\n", name, image.width, image.height, side,
             1 / median, 1e6 * median, resize_s / median, commit());
  std::fflush(stdout);
}

void measure(int width, int height, int side) {
  const formats::Image image = make_picture(width, height);
  const auto resize = [&] { return formats::resize_image(image, side, side, /*channels_out=*/3); };
  const std::vector<float> expected = resize();
  const double resize_s = median_s([&] { return resize()[0]; });
  print_line("resize_image bilinear", image, side, resize_s, resize_s);
  for (const char* type : {"ViTImageProcessor", "ViTImageProcessorFast"}) {
    for (const int kernel : {2, 3}) {
      const auto processor =
          processors::ImageProcessor::parse(config_of(type, kernel, side), "bench");
      const std::string name = fmt::format("{} {}", type, kernel == 2 ? "bilinear" : "bicubic");
      check_result(processor(image), expected, kernel == 2, name);
      print_line(name, image, side, median_s([&] { return processor(image)[0]; }), resize_s);
    }
  }
  const auto clip = processors::ImageProcessor::parse(
      {{"image_processor_type", "CLIPImageProcessor"}, {"size", side}, {"crop_size", side}},
      "bench");
  print_line("CLIPImageProcessor bicubic, cropped", image, side,
             median_s([&] { return clip(image)[0]; }), resize_s);
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    fmt::print("processor,picture,side,pictures_per_s,us_each,of_resize_image,commit\n");
    if (is_smallest) {
      braid::bench::measure(64, 48, 32);
    } else {
      braid::bench::measure(640, 480, 224);
      braid::bench::measure(1920, 1080, 224);
      braid::bench::measure(160, 120, 224);
    }
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
