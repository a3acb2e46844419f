// Three-dimensional pictures: brought to one cube of voxels, by their spacing or stretched,
// standardised.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/prepare_kinds.h"
#include "formats/resize_taps.h"

namespace braid::data {
namespace {

struct VolumeState {
  int64_t size = 0;
  std::string fit = "pad", intensity = "volume";
  Standardizer voxel;
  template <class V>
  void visit(V& v) {
    v("size", size, between(1, 512), "voxels along each axis");
    v("fit", fit, one_of({"pad", "stretch"}), "keep the proportions in millimetres, or not");
    v("intensity", intensity, one_of({"volume", "training"}),
      "whose mean and deviation standardise");
    v("voxel", voxel, any(), "statistics of the training files");
  }
};

void check_voxels(const formats::Volume& volume) {
  const bool has_size = volume.depth > 0 && volume.height > 0 && volume.width > 0;
  BRAID_CHECK(has_size && volume.values.size() == static_cast<uint64_t>(volume.depth) *
                                                      static_cast<uint64_t>(volume.height) *
                                                      static_cast<uint64_t>(volume.width),
              data, "expected {} x {} x {} voxels, got {} values", volume.depth, volume.height,
              volume.width, volume.values.size());
  for (const double mm : volume.spacing_mm)
    BRAID_CHECK(std::isfinite(mm) && mm > 0, data, "expected a spacing above 0 mm, got {}", mm);
  for (const float x : volume.values)
    BRAID_CHECK(std::isfinite(x), data, "expected finite voxels, got {}", x);
}

// The volume itself where it is in memory; otherwise it is read into `file`.
const formats::Volume& load_voxels(const Value& value, formats::Volume* file) {
  const auto* volume = std::get_if<formats::Volume>(&value);
  if (volume == nullptr) {
    const auto* path = std::get_if<Path>(&value);
    BRAID_CHECK(path != nullptr, data, "expected a volume, got {}", describe(value));
    if (!std::filesystem::is_directory(path->path)) check_exists(path->path);
    *file = formats::read_volume(path->path);
    volume = file;
  }
  check_voxels(*volume);
  return *volume;
}

// Along the middle axis. Shapes   (outer, in.size, inner) -> (outer, out, inner).
std::vector<float> resize_axis(const std::vector<float>& in, size_t outer, size_t size,
                               size_t inner, int out) {
  const formats::Taps taps =
      formats::make_taps(static_cast<int>(size), 0, static_cast<double>(size), out);
  std::vector<float> result(outer * static_cast<size_t>(out) * inner, 0.0f);
  for (size_t o = 0; o < outer; ++o)
    for (int i = 0; i < out; ++i) {
      float* to = result.data() + (o * static_cast<size_t>(out) + static_cast<size_t>(i)) * inner;
      for (int k = 0; k < taps.count[i]; ++k) {
        const float weight = taps.weights[static_cast<size_t>(i * taps.stride + k)];
        const float* from = in.data() + (o * size + static_cast<size_t>(taps.first[i] + k)) * inner;
        for (size_t j = 0; j < inner; ++j) to[j] += weight * from[j];
      }
    }
  return result;
}

// Voxels along each axis of what the body becomes within the cube.
std::array<int, 3> placed(const formats::Volume& volume, const VolumeState& state) {
  const int side = static_cast<int>(state.size);
  if (state.fit == "stretch") return {side, side, side};
  const std::array<double, 3> mm = {static_cast<double>(volume.depth) * volume.spacing_mm[0],
                                    static_cast<double>(volume.height) * volume.spacing_mm[1],
                                    static_cast<double>(volume.width) * volume.spacing_mm[2]};
  const double longest = *std::max_element(mm.begin(), mm.end());
  std::array<int, 3> out{};
  for (size_t a = 0; a < 3; ++a)
    out[a] = std::clamp(static_cast<int>(std::lround(side * mm[a] / longest)), 1, side);
  return out;
}

std::pair<double, double> moments_of(const std::vector<float>& values) {
  Moments all;
  for (const float x : values) all.add(x);
  const double deviation = std::sqrt(all.squares / static_cast<double>(all.count));
  return {all.mean, deviation > 1e-12 * std::fabs(all.mean) && deviation > 1e-30 ? deviation : 1};
}

// (D, H, W), standardised; the cube around the body holds 0, the mean. Without `voxel` as it is.
std::vector<float> load_cube(const Value& value, const VolumeState& state, bool is_standardised,
                             std::vector<float>* body = nullptr) {
  formats::Volume file;
  const formats::Volume& volume = load_voxels(value, &file);
  const std::array<int, 3> size = placed(volume, state);
  const auto at = [&](size_t a) { return static_cast<size_t>(size[a]); };
  const size_t D = static_cast<size_t>(volume.depth), H = static_cast<size_t>(volume.height),
               W = static_cast<size_t>(volume.width);
  std::vector<float> x = resize_axis(volume.values, 1, D, H * W, size[0]);  // (d, H, W)
  x = resize_axis(x, at(0), H, W, size[1]);                                 // (d, h, W)
  x = resize_axis(x, at(0) * at(1), W, 1, size[2]);                         // (d, h, w)
  if (is_standardised) {
    const auto [mean, deviation] = state.intensity == "volume"
                                       ? moments_of(x)
                                       : std::pair(state.voxel.mean[0], state.voxel.deviation[0]);
    for (float& v : x) v = static_cast<float>((v - mean) / deviation);
  }
  if (body != nullptr) *body = x;
  const size_t side = static_cast<size_t>(state.size);
  std::vector<float> cube(side * side * side, 0.0f);
  const size_t front = (side - at(0)) / 2, top = (side - at(1)) / 2, left = (side - at(2)) / 2;
  for (size_t d = 0; d < at(0); ++d)
    for (size_t h = 0; h < at(1); ++h)
      std::copy_n(
          x.begin() + static_cast<int64_t>((d * at(1) + h) * at(2)), at(2),
          cube.begin() + static_cast<int64_t>(((front + d) * side + top + h) * side + left));
  return cube;
}

class VolumePreparer : public Preparer {
 public:
  VolumePreparer(std::string field, VolumeState state)
      : field_(std::move(field)), state_(std::move(state)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::volume;
    spec.channels = 1;
    spec.depth = spec.height = spec.width = state_.size;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    in_field(sample, field_,
             [&] { result.values = load_cube(value, state_, /*is_standardised=*/true); });
    result.present = true;
    result.length = 1;
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  VolumeState state_;
};

}  // namespace

PreparerPtr learn_volume(const Training& training, const VolumeConfig& config) {
  const std::string& field = training.modality.name;
  VolumeState state;
  state.size = config.size;
  state.fit = config.fit;
  state.intensity = config.intensity;
  if (state.size == 0) {
    const std::vector<int64_t> rows = rows_with(training, field, kSizeSample);
    std::vector<int64_t> sides(rows.size());
    std::vector<int64_t> good_sides;
    for (const size_t i : visit_samples(training, rows, [&](const Sample&sample, size_t row) {
           in_field(sample, field, [&] {
             formats::Volume file;
             const formats::Volume& volume = load_voxels(value_of(sample, field), &file);
             sides[row] = std::max({volume.depth, volume.height, volume.width});
           });
         }))
      good_sides.push_back(sides[i]);
    state.size = std::clamp<int64_t>(median(std::move(good_sides)), 8, 48);
  }
  state.voxel = {{0}, {1}};
  if (state.intensity == "training")
    state.voxel = learn_statistics(
        training, rows_with(training, field, kStatisticsSample), /*columns=*/1,
        [&](const Sample& sample, std::vector<Moments>* moments) {
          std::vector<float> body;
          load_cube(value_of(sample, field), state, /*is_standardised=*/false, &body);
          for (const float x : body) (*moments)[0].add(x);
        });
  return std::make_unique<VolumePreparer>(field, std::move(state));
}

PreparerPtr load_volume(const Saved& saved) {
  VolumeState state = read_saved<VolumeState>(saved.node, saved.where);
  state.voxel.check(1, saved.where);
  return std::make_unique<VolumePreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
