#include "processors/image_config.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "processors/config_keys.h"

namespace braid::processors {
namespace {

constexpr int64_t kMaxSide = 4096;
constexpr int64_t kUncroppedFrom = 384;  // ConvNeXt: from this size on the whole picture is taken

constexpr std::array<double, 3> kClipMean = {0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kClipStd = {0.26862954, 0.26130258, 0.27577711};
constexpr std::array<double, 3> kHalves = {0.5, 0.5, 0.5};

// What a processor's class does where its file is silent.
struct Family {
  const char* name;
  bool takes_shortest, takes_exact;  // as "size"
  bool can_crop, has_crop_pct, has_fast;
  int64_t size, crop_size;  // crop_size 0: not cropped
  Kernel kernel;
  const std::array<double, 3>*mean, *std;
};

constexpr Family kFamilies[] = {
    {"CLIP", true, true, true, false, true, 224, 224, Kernel::bicubic, &kClipMean, &kClipStd},
    {"Siglip", false, true, false, false, true, 224, 0, Kernel::bicubic, &kHalves, &kHalves},
    {"ViT", false, true, false, false, true, 224, 0, Kernel::bilinear, &kHalves, &kHalves},
    {"DeiT", false, true, true, false, true, 256, 224, Kernel::bicubic, &kHalves, &kHalves},
    {"Bit", true, true, true, false, true, 224, 224, Kernel::bicubic, &kClipMean, &kClipStd},
    {"ConvNext", true, false, false, true, true, 384, 0, Kernel::bilinear, &kHalves, &kHalves},
    {"VideoMAE", true, true, true, false, false, 224, 224, Kernel::bilinear, &kHalves, &kHalves},
};

struct Processor {
  const Family* family = nullptr;
  bool is_fast = false;
};

Processor find_processor(const ConfigKeys& keys) {
  const bool is_new = keys.has("image_processor_type");
  const char* key = is_new ? "image_processor_type" : "feature_extractor_type";
  const std::string type = keys.text(key, "");
  std::vector<std::string> known;
  for (const Family& family : kFamilies) {
    const std::string name = family.name;
    if (type == name + "ImageProcessor" || type == name + "FeatureExtractor")
      return {&family, false};
    if (family.has_fast &&
        (type == name + "ImageProcessorFast" || type == name + "FeatureExtractorFast"))
      return {&family, true};
    known.push_back(name + "ImageProcessor");
    if (family.has_fast) known.push_back(name + "ImageProcessorFast");
  }
  BRAID_CHECK(!type.empty(), config,
              "{}: expected the key \"image_processor_type\", got none; add the processor of the "
              "checkpoint's model (known: {})",
              keys.where(), fmt::join(known, ", "));
  fail(ErrorKind::config, "{}: key \"{}\": {}", keys.where(), key,
       unknown_name("image processor", type, known));
}

// Keys that decide nothing here, though their names look like ones that do.
bool is_bookkeeping(const std::string& key) {
  for (const char* name : {"do_reduce_labels", "reduce_labels", "input_data_format", "size_divisor",
                           "pad_size", "crop_pct", "crop_size"})
    if (key == name) return true;
  return false;
}

// A step that is asked for and not known, and a key that is misspelt, would change the result.
void check_unknown(const ConfigKeys& keys) {
  const std::vector<std::string> known = {"image_processor_type",
                                          "feature_extractor_type",
                                          "do_resize",
                                          "size",
                                          "resample",
                                          "do_center_crop",
                                          "crop_size",
                                          "crop_pct",
                                          "do_rescale",
                                          "rescale_factor",
                                          "do_normalize",
                                          "image_mean",
                                          "image_std",
                                          "do_convert_rgb",
                                          "data_format",
                                          "alpha"};
  for (const auto& [key, value] : keys.json().items()) {
    bool is_known = is_bookkeeping(key);
    for (const std::string& name : known) is_known = is_known || name == key;
    if (is_known || value.is_null() || value == Json(false)) continue;
    const std::string near = nearest(key, known);
    const bool is_step = key.rfind("do_", 0) == 0;
    if (near.empty() && !is_step) continue;
    fail(ErrorKind::config, "{}: key \"{}\": expected {}, got {}; {}", keys.where(), key,
         is_step ? "no step that is not known" : "a known key", shown(value),
         near.empty() ? "remove it if the checkpoint does without that step"
                      : fmt::format("did you mean \"{}\"?", near));
  }
  const std::string format = keys.text("data_format", "channels_first");
  if (format != "channels_first" && format != "FIRST")
    keys.fail_at("data_format", "\"channels_first\"");
}

int64_t side(const ConfigKeys& keys, const char* key, const Json& value) {
  const bool is_whole = value.is_number() && value.get<double>() == std::floor(value.get<double>());
  if (!is_whole || value.get<double>() < 1 || value.get<double>() > kMaxSide)
    keys.fail_at(key, fmt::format("whole numbers of pixels from 1 to {}", kMaxSide));
  return static_cast<int64_t>(value.get<double>());
}

struct Size {
  int64_t height = 0, width = 0, shortest = 0;
};

Json json_of(const Size& size) {
  if (size.shortest > 0) return {{"shortest_edge", size.shortest}};
  return {{"height", size.height}, {"width", size.width}};
}

// "size" and "crop_size": {"height", "width"}, {"shortest_edge"}, [height, width], or one number,
// which is the shortest side where the class takes that.
Size read_size(const ConfigKeys& keys, const char* key, bool takes_shortest, bool takes_exact,
               int64_t otherwise) {
  const std::string expected = takes_shortest && takes_exact
                                   ? "{\"shortest_edge\": N} or {\"height\": N, \"width\": N}"
                               : takes_shortest ? "{\"shortest_edge\": N}"
                                                : "{\"height\": N, \"width\": N}";
  if (!keys.has(key) || keys.at(key).is_number()) {
    const int64_t one = keys.has(key) ? side(keys, key, keys.at(key)) : otherwise;
    if (takes_shortest) return {0, 0, one};
    return {one, one, 0};
  }
  const Json& value = keys.at(key);
  if (value.is_array() && value.size() == 2 && takes_exact)
    return {side(keys, key, value[0]), side(keys, key, value[1]), 0};
  if (!value.is_object()) keys.fail_at(key, expected);
  Size size;
  for (const auto& [name, number] : value.items()) {
    if (number.is_null()) continue;
    if (name == "shortest_edge" && takes_shortest)
      size.shortest = side(keys, key, number);
    else if (name == "height" && takes_exact)
      size.height = side(keys, key, number);
    else if (name == "width" && takes_exact)
      size.width = side(keys, key, number);
    else
      keys.fail_at(key, expected);
  }
  const bool is_exact = size.height > 0 && size.width > 0 && size.shortest == 0;
  const bool is_shortest = size.shortest > 0 && size.height == 0 && size.width == 0;
  if (!is_exact && !is_shortest) keys.fail_at(key, expected);
  return size;
}

Kernel read_kernel(const ConfigKeys& keys, const Processor& processor) {
  if (!keys.has("resample")) return processor.family->kernel;
  const Json& value = keys.at("resample");
  const bool is_number = value.is_number_integer() && value >= 0 && value <= 5;
  if (!is_number)
    keys.fail_at("resample",
                 "0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) or 5 (hamming)");
  const auto kernel = static_cast<Kernel>(value.get<int>());
  const bool is_fast_kernel =
      kernel == Kernel::nearest || kernel == Kernel::bilinear || kernel == Kernel::bicubic;
  if (processor.is_fast && !is_fast_kernel)
    keys.fail_at("resample", "0 (nearest), 2 (bilinear) or 3 (bicubic) for a fast processor");
  return kernel;
}

// ConvNeXt resizes somewhat larger and cuts a square, or takes the whole picture as a square.
void set_convnext_size(const ConfigKeys& keys, const Size& size, ImageConfig* config) {
  const double crop_pct = keys.number_above("crop_pct", 0, 224.0 / 256);
  config->json["crop_pct"] = crop_pct;
  config->output_height = config->output_width = size.shortest;
  if (config->size_rule == SizeRule::keep) return;
  if (size.shortest >= kUncroppedFrom) {
    config->size_rule = SizeRule::exact;
    config->height = config->width = size.shortest;
    return;
  }
  const double edge = static_cast<double>(size.shortest) / crop_pct;
  if (!(edge >= 1 && edge <= 4 * kMaxSide))
    keys.fail_at("crop_pct", fmt::format("one that keeps the side from 1 to {}", 4 * kMaxSide));
  config->size_rule = SizeRule::shortest;
  config->shortest = static_cast<int64_t>(edge);
  config->is_cropped = true;
}

void set_size(const ConfigKeys& keys, const Processor& processor, ImageConfig* config) {
  const Family& family = *processor.family;
  const Size size = read_size(keys, "size", family.takes_shortest, family.takes_exact, family.size);
  const bool is_resized = keys.boolean("do_resize", true);
  config->json["do_resize"] = is_resized;
  config->json["size"] = json_of(size);
  config->height = size.height;
  config->width = size.width;
  config->shortest = size.shortest;
  config->size_rule = !is_resized         ? SizeRule::keep
                      : size.shortest > 0 ? SizeRule::shortest
                                          : SizeRule::exact;
  const bool can_crop = family.can_crop || (processor.is_fast && !family.has_crop_pct);
  const bool asks_for_crop = keys.boolean("do_center_crop", family.crop_size > 0);
  if (asks_for_crop && !can_crop)
    keys.fail_at("do_center_crop", fmt::format("false for {}ImageProcessor", family.name));
  if (can_crop) config->json["do_center_crop"] = asks_for_crop;
  if (family.has_crop_pct) set_convnext_size(keys, size, config);
  if (asks_for_crop) {
    const Size crop = read_size(keys, "crop_size", /*takes_shortest=*/false, /*takes_exact=*/true,
                                family.crop_size > 0 ? family.crop_size : 224);
    config->json["crop_size"] = json_of(crop);
    config->is_cropped = true;
    config->output_height = crop.height;
    config->output_width = crop.width;
  } else if (config->size_rule == SizeRule::exact) {
    config->output_height = config->height;
    config->output_width = config->width;
  }
  BRAID_CHECK(config->is_cropped || config->size_rule == SizeRule::exact, config,
              "{}: expected keys that fix the output's size, got {} without a crop; set {}",
              keys.where(), is_resized ? "a \"size\" of the shortest side" : "\"do_resize\" false",
              can_crop ? "\"do_center_crop\" and \"crop_size\"" : "\"do_resize\" to true");
}

std::array<double, 3> read_statistic(const ConfigKeys& keys, const char* key,
                                     const std::array<double, 3>& otherwise) {
  return keys.has(key) ? keys.three_numbers(key) : otherwise;
}

void set_levels(const ConfigKeys& keys, const Family& family, ImageConfig* config) {
  config->is_rescaled = keys.boolean("do_rescale", true);
  config->rescale_factor = keys.number_above("rescale_factor", 0, 1.0 / 255);
  config->is_normalized = keys.boolean("do_normalize", true);
  config->mean = read_statistic(keys, "image_mean", *family.mean);
  config->std = read_statistic(keys, "image_std", *family.std);
  for (double std : config->std)
    if (std <= 0) keys.fail_at("image_std", "numbers above 0");
  keys.boolean("do_convert_rgb", true);
  const std::string alpha = keys.text("alpha", "drop");
  if (alpha != "drop" && alpha != "white") keys.fail_at("alpha", "\"drop\" or \"white\"");
  config->is_on_white = alpha == "white";
  Json& json = config->json;
  json["do_rescale"] = config->is_rescaled;
  json["rescale_factor"] = config->rescale_factor;
  json["do_normalize"] = config->is_normalized;
  json["image_mean"] = config->mean;
  json["image_std"] = config->std;
  json["do_convert_rgb"] = true;
  json["alpha"] = alpha;
}

}  // namespace

ImageConfig parse_image_config(const Json& json, const std::string& where) {
  const ConfigKeys keys(json, where);
  const Processor processor = find_processor(keys);
  check_unknown(keys);
  ImageConfig config;
  config.is_fast = processor.is_fast;
  config.json["image_processor_type"] =
      std::string(processor.family->name) + "ImageProcessor" + (processor.is_fast ? "Fast" : "");
  if (processor.is_fast)
    config.centre_rule =
        processor.family->has_crop_pct ? CentreRule::torchvision : CentreRule::fast;
  set_size(keys, processor, &config);
  config.kernel = read_kernel(keys, processor);
  config.json["resample"] = static_cast<int>(config.kernel);
  set_levels(keys, *processor.family, &config);
  return config;
}

}  // namespace braid::processors
