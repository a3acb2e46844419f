// How far a fusion's attention from one modality to another lies from the given alignment: two
// stretches of one clip, cut at the same times or at a known shift. Prints CSV.
#include <fmt/core.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bench/commit.h"
#include "core/error.h"
#include "data/dataset.h"
#include "formats/media_path.h"
#include "model/bundle.h"

namespace braid::bench {
namespace {

// Where each real place lies, 0 to 1. Shapes   mask (T) -> (T).
at::Tensor places(const at::Tensor& mask) {
  return (mask.cumsum(/*dim=*/0).to(at::kDouble) - 0.5) / mask.sum().clamp_min(1).to(at::kDouble);
}

struct Errors {
  std::vector<double> ms;
  // Of each real query: the place its weights point to on average, less its own, less the shift.
  void add(const at::Tensor& weights, const at::Tensor& queries, const at::Tensor& keys,
           double duration_s, double shift_s) {
    const at::Tensor map = weights.to(at::kDouble).masked_fill(keys.logical_not().unsqueeze(0), 0);
    const at::Tensor sum = map.sum(/*dim=*/1);
    const at::Tensor seen = map.mv(places(keys)) / sum.clamp_min(1e-12);
    const at::Tensor off = (seen - places(queries)) * duration_s - shift_s;
    for (int64_t i = 0; i < off.size(0); ++i)
      if (queries[i].item<bool>() && sum[i].item<double>() > 1e-9)
        ms.push_back(1000 * off[i].item<double>());
  }
  double median_size() const {
    std::vector<double> sizes;
    for (const double x : ms) sizes.push_back(std::fabs(x));
    std::nth_element(sizes.begin(), sizes.begin() + static_cast<int64_t>(sizes.size() / 2),
                     sizes.end());
    return sizes[sizes.size() / 2];
  }
  double mean() const {
    double sum = 0;
    for (const double x : ms) sum += x;
    return sum / static_cast<double>(ms.size());
  }
};

void check_errors() {
  // Three queries, six keys, each query sees its two: no error; shifted by half: that shift.
  const at::Tensor map = at::eye(3).repeat_interleave(2, /*dim=*/1);
  const at::Tensor queries = at::ones({3}, at::kBool), keys = at::ones({6}, at::kBool);
  Errors none, shifted;
  none.add(map, queries, keys, /*duration_s=*/1, /*shift_s=*/0);
  shifted.add(map, queries, keys, /*duration_s=*/1, /*shift_s=*/0.25);
  BRAID_CHECK(
      none.ms.size() == 3 && none.median_size() < 1e-9 && std::fabs(shifted.mean() + 250) < 1e-9,
      internal, "alignment error: expected 0 and -250 ms, got {} and {}", none.median_size(),
      shifted.mean());
}

double duration_of(const data::Sample& sample, const std::string& field) {
  const auto* path = std::get_if<data::Path>(&sample.values.at(field));
  BRAID_CHECK(path != nullptr, data, "{}: {}: expected a path", sample.where, field);
  const formats::MediaPath media = formats::parse_media_path(path->path);
  BRAID_CHECK(std::isfinite(media.to_s), data, "{}: {}: expected a stretch of time, got {}",
              sample.where, field, path->path);
  return media.to_s - media.from_s;
}

void run(const std::string& folder, const std::string& manifest, const std::string& split,
         double shift_s) {
  model::Bundle bundle = model::load_bundle(folder);
  const data::Dataset dataset =
      data::Dataset::open_like(manifest, bundle.preparation.fields(),
                               bundle.preparation.modalities(), "", metrics::Task::multiclass, {});
  bundle.model->fusion().wants_attention = true;
  const c10::InferenceMode inference;
  std::map<std::string, Errors> by_map, diagonal;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    if (!split.empty() && dataset.cell(row, "split") != split) continue;
    const data::Sample sample = dataset.sample(row);
    const auto encoded = bundle.model->encode(model::prepare(bundle, {sample}, 1).inputs);
    const auto& names = bundle.model->fusion().context().modalities;
    const Fused fused = bundle.model->fusion().forward(encoded);
    for (const Attention& map : fused.attention) {
      const auto from = std::find(names.begin(), names.end(), map.from) - names.begin();
      const auto to = std::find(names.begin(), names.end(), map.to) - names.begin();
      const auto M = static_cast<int64_t>(names.size());
      if (from >= M || to >= M || from == to) continue;
      const at::Tensor queries = encoded[static_cast<size_t>(from)].mask[0],
                       keys = encoded[static_cast<size_t>(to)].mask[0];
      if (map.weights.size(2) != queries.size(0) || map.weights.size(3) != keys.size(0)) continue;
      const std::string name = fmt::format("{} to {} layer {}", map.from, map.to, map.layer);
      const double duration_s = duration_of(sample, map.from);
      // The offset from one modality to the other: of the second named in the command's --shift.
      const double shift = from < to ? shift_s : -shift_s;
      by_map[name].add(map.weights[0].mean(/*dim=*/0), queries, keys, duration_s, shift);
      const at::Tensor even = at::ones({queries.size(0), keys.size(0)});
      diagonal[name].add(even, queries, keys, duration_s, shift);
    }
  }
  BRAID_CHECK(!by_map.empty(), data,
              "{}: expected attention between two modalities' tokens, got none", folder);
  fmt::print("map,queries,median_error_ms,mean_ms,looking_everywhere_median_ms,commit\n");
  for (const auto& [name, errors] : by_map)
    fmt::print("{},{},{:.1f},{:+.1f},{:.1f},{}\n", name, errors.ms.size(), errors.median_size(),
               errors.mean(), diagonal[name].median_size(), commit());
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  CLI::App app("Error of a fusion's attention against a known alignment.");
  std::string bundle, manifest, split = "test";
  double shift_ms = 0;
  bool is_smallest = false;
  app.add_option("bundle", bundle, "trained model");
  app.add_option("manifest", manifest, "rows whose cells are stretches of time");
  app.add_option("--split", split, "rows of this split alone; empty = all")->capture_default_str();
  app.add_option("--shift-ms", shift_ms, "how much later the second modality's stretch was cut");
  app.add_flag("--smallest", is_smallest, "check the measure itself alone");
  CLI11_PARSE(app, argc, argv);
  try {
    braid::bench::check_errors();
    if (!is_smallest) braid::bench::run(bundle, manifest, split, shift_ms / 1000);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
