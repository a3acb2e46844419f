// Samples of one value and what a corruption makes of them.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "corruptions/corruption.h"

namespace braid::corruptions {

inline data::Value corrupted(const std::string& name, data::Value value, double level,
                             uint64_t seed = 1) {
  const Method& method = find(name);
  data::Sample sample;
  sample.where = "here:1";
  sample.values["x"] = std::move(value);
  method.change_sample({"x", method.kinds[0], {"x"}}, level, Rng(seed), &sample);
  return sample.values["x"];
}

/// A picture of `value` everywhere.
inline formats::Image plain_image(int width, int height, int channels, uint8_t value) {
  formats::Image image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  image.pixels.assign(static_cast<size_t>(width * height * channels), value);
  return image;
}

inline formats::Image corrupted_image(const std::string& name, const formats::Image& image,
                                      double level, uint64_t seed = 1) {
  return std::get<formats::Image>(corrupted(name, image, level, seed));
}

inline std::vector<float> corrupted_sound(const std::string& name, std::vector<float> samples,
                                          double level, int rate_hz = 1000) {
  return std::get<formats::Audio>(
             corrupted(name, formats::Audio{std::move(samples), rate_hz}, level))
      .samples;
}

inline std::string corrupted_text(const std::string& name, const std::string& text, double level,
                                  uint64_t seed = 1) {
  return std::get<std::string>(corrupted(name, text, level, seed));
}

}  // namespace braid::corruptions
