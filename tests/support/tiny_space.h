// Three views of the same hidden numbers, "a", "b" and "c", for tests of shared spaces: which row
// is which can be learned from any of them.
#pragma once
#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/file.h"
#include "core/rng.h"
#include "data/data_config.h"
#include "model/shared_space.h"
#include "ops/random.h"

namespace braid::checks {

/// Row r trains, validates or tests as in tiny_data.h. "a" are four hidden numbers, "b" others that
/// they turn into, "c" squares of them; every seventh row lacks b, every ninth c. "kind": the sign
/// of the first hidden number.
class TinySpaceData {
 public:
  explicit TinySpaceData(int64_t rows = 120, uint64_t seed = 5) {
    Rng rng(seed);
    std::string text = "split,kind,a0,a1,a2,a3,b0,b1,b2,b3,c0,c1,c2,c3\n";
    for (int64_t r = 0; r < rows; ++r) {
      const double h[] = {rng.normal(), rng.normal(), rng.normal(), rng.normal()};
      text += r % 30 < 18 ? "train" : r % 30 < 24 ? "val" : "test";
      text += h[0] > 0 ? ",up" : ",down";
      for (double x : h) text += fmt::format(",{}", x + 0.05 * rng.normal());
      for (int k = 0; k < 4; ++k)
        text += r % 7 == 6 ? "," : fmt::format(",{}", h[(k + 1) % 4] - 2 * h[k]);
      for (int k = 0; k < 4; ++k)
        text += r % 9 == 8 ? "," : fmt::format(",{}", h[k] * h[k] + 2 * h[(k + 2) % 4]);
      text += "\n";
    }
    write_file_atomically(folder_ / "space.csv", text);
    config_.manifest = folder_ / "space.csv";
    for (const char* name : {"a", "b", "c"}) {
      Json columns = Json::array();
      for (int k = 0; k < 4; ++k) columns.push_back(fmt::format("{}{}", name, k));
      config_.embeddings[name] = columns;
    }
    config_.exclude = {"kind"};
  }
  const data::DatasetConfig& config() const { return config_; }
  std::string folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  data::DatasetConfig config_;
};

/// Small encoders.
inline model::SpaceEncodersConfig tiny_space_encoders() {
  model::SpaceEncodersConfig config;
  for (const char* name : {"a", "b", "c"}) config.encoders[name] = {{"width", 8}};
  return config;
}

/// An untrained space of width 6 for each member.
inline std::shared_ptr<model::SharedSpace> tiny_space(
    const TinySpaceData& data, const std::string& projection = "linear",
    const model::SpaceEncodersConfig& encoders = tiny_space_encoders(), int64_t members = 1) {
  const data::Dataset dataset = data::Dataset::open(data.config());
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < dataset.size(); ++r)
    if (dataset.cell(r, "split") == "train") rows.push_back(r);
  model::SpaceConfig config;
  config.width = 6;
  config.projection = projection;
  config.members = members;
  const ops::InitScope init(1);
  auto space = std::make_shared<model::SharedSpace>(
      config, encoders, data::Preparation::learn(dataset, rows, {}, /*num_threads=*/1));
  space->eval();
  return space;
}

}  // namespace braid::checks
