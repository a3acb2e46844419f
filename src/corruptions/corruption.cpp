#include "corruptions/corruption.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/error.h"
#include "core/registry.h"

namespace braid::corruptions {

#include "corruptions/table.inc"

namespace {

std::vector<uint8_t> eight_bits(const std::vector<uint16_t>& values) {
  std::vector<uint8_t> out;
  out.reserve(values.size());
  for (uint16_t value : values) out.push_back(static_cast<uint8_t>((value + 128) / 257));
  return out;
}

// Alpha on white, as preparation does it.
void drop_alpha(formats::Image* image) {
  std::vector<uint8_t> colours;
  colours.reserve(image->pixels.size() / 4 * 3);
  for (size_t i = 0; i + 3 < image->pixels.size(); i += 4) {
    const int alpha = image->pixels[i + 3];
    for (size_t c = 0; c < 3; ++c)
      colours.push_back(
          static_cast<uint8_t>((image->pixels[i + c] * alpha + 255 * (255 - alpha) + 127) / 255));
  }
  image->pixels = std::move(colours);
  image->channels = 3;
}

}  // namespace

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

const Method& find(const std::string& name) { return find_method(methods(), "corruption", name); }

bool applies(const Method& method, data::Kind kind) {
  return std::find(method.kinds.begin(), method.kinds.end(), kind) != method.kinds.end();
}

std::vector<const Method*> methods_for(data::Kind kind) {
  std::vector<const Method*> some;
  for (const Method* method : methods())
    if (applies(*method, kind)) some.push_back(method);
  return some;
}

void change_value(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(data::Value*)>& change) {
  const std::string& field = modality.fields[0];
  const auto at = sample->values.find(field);
  if (at == sample->values.end() || std::holds_alternative<std::monostate>(at->second)) return;
  try {
    change(&at->second);
  } catch (const Error& e) {
    throw Error(e.kind(), fmt::format("{}: field \"{}\": {}", sample->where, field, e.what()));
  }
}

void change_image(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(formats::Image*)>& change) {
  change_value(modality, sample, [&change](data::Value* value) {
    if (const auto* path = std::get_if<data::Path>(value)) *value = formats::read_image(path->path);
    auto* image = std::get_if<formats::Image>(value);
    BRAID_CHECK(image != nullptr, data, "expected a picture");
    if (image->bits == 16) {
      image->pixels = eight_bits(image->pixels16);
      image->pixels16.clear();
      image->bits = 8;
    }
    if (image->channels == 4) drop_alpha(image);
    change(image);
  });
}

void change_audio(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(formats::Audio*)>& change) {
  change_value(modality, sample, [&change](data::Value* value) {
    if (const auto* path = std::get_if<data::Path>(value))
      *value = formats::read_audio(path->path, /*rate_hz=*/0);
    auto* audio = std::get_if<formats::Audio>(value);
    BRAID_CHECK(audio != nullptr, data, "expected sound");
    change(audio);
  });
}

void change_text(const data::Modality& modality, data::Sample* sample,
                 const std::function<std::string(const std::string&)>& change) {
  change_value(modality, sample, [&change](data::Value* value) {
    auto* text = std::get_if<std::string>(value);
    BRAID_CHECK(text != nullptr, data, "expected text");
    *text = change(*text);
  });
}

std::pair<double, double> own_moments(const std::vector<float>& values) {
  double sum = 0, squares = 0;
  const double count = std::max<double>(static_cast<double>(values.size()), 1);
  for (float value : values) sum += value;
  for (float value : values) squares += std::pow(value - sum / count, 2);
  return {sum / count, std::sqrt(squares / count)};
}

}  // namespace braid::corruptions
