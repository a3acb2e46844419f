#include "explain/picture.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base64.h"
#include "formats/image.h"

namespace braid::explain {
namespace {

constexpr int64_t kLargestSide = 64;

// Shapes   values (H, W, C) in [0, 1].
std::string png_uri(const at::Tensor& values) {
  if (!formats::has_ffmpeg()) return "";
  const at::Tensor bytes = values.clamp(0, 1).mul(255).round().to(at::kCPU, at::kByte).contiguous();
  formats::Image image;
  image.height = static_cast<int>(bytes.size(0));
  image.width = static_cast<int>(bytes.size(1));
  image.channels = static_cast<int>(bytes.size(2));
  image.pixels.assign(bytes.data_ptr<uint8_t>(), bytes.data_ptr<uint8_t>() + bytes.numel());
  return "data:image/png;base64," + base64(formats::encode_png(image));
}

// What the preparation makes of a picture all of one grey, per channel. Shapes   -> (C, 1, 1).
at::Tensor prepared_grey(const model::Bundle& bundle, size_t modality, uint8_t grey) {
  const size_t m = bundle.modalities[modality];
  const data::ModalitySpec& spec = bundle.model->specs()[modality];
  formats::Image image;
  image.height = image.width = 2;
  image.channels = static_cast<int>(spec.channels);
  image.pixels.assign(static_cast<size_t>(4 * image.channels), grey);
  data::Sample sample;
  sample.where = "explain";
  sample.values[bundle.preparation.modalities()[m].fields.at(0)] = image;
  const data::Prepared prepared = bundle.preparation.prepare(sample, m);
  return torch::tensor(prepared.values)
      .view({spec.channels, spec.height, spec.width})
      .slice(/*dim=*/1, 0, 1)
      .slice(/*dim=*/2, 0, 1);
}

}  // namespace

std::string image_picture(const model::Bundle& bundle, size_t modality, const at::Tensor& values) {
  const at::Tensor black = prepared_grey(bundle, modality, 0),
                   white = prepared_grey(bundle, modality, 255);
  return png_uri(((values.cpu() - black) / (white - black)).permute({1, 2, 0}));
}

std::string sound_picture(const at::Tensor& values) {
  const at::Tensor low = values.min(), high = values.max();
  return png_uri(((values - low) / (high - low).clamp_min(1e-6)).t().flip(0).unsqueeze(2));
}

Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.3g}", value).c_str(), nullptr);
}

Json map_of(const at::Tensor& values) {
  const at::Tensor small = at::adaptive_avg_pool2d(values.to(at::kCPU, at::kDouble).unsqueeze(0),
                                                   {std::min(values.size(0), kLargestSide),
                                                    std::min(values.size(1), kLargestSide)})
                               .squeeze(0)
                               .contiguous();
  Json rows = Json::array();
  for (int64_t y = 0; y < small.size(0); ++y) {
    Json row = Json::array();
    for (int64_t x = 0; x < small.size(1); ++x)
      row.push_back(rounded(small.data_ptr<double>()[y * small.size(1) + x]));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace braid::explain
