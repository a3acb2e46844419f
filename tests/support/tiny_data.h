// A dataset small enough to train on in a second, without media: "sound" (rows of one .npy file)
// and "tabular" (x1, x2).
#pragma once
#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/rng.h"
#include "data/dataset.h"
#include "formats/npy.h"
#include "formats/table.h"

namespace braid::checks {

struct TinyRow {
  std::string label, split, speaker, sound, x1, x2;
};

struct TinyOptions {
  int64_t rows = 60;
  std::string task =
      "multiclass";          // classes a, b, c; multilabel: b as well where x2 > 0; regression
  bool has_speaker = false;  // a group column: rows in runs of three
  uint64_t seed = 7;
  std::function<void(int64_t row, TinyRow* cells)> change;  // the last word on a row's cells
};

/// Row r is of class r % 3; of every thirty rows the first eighteen train, the next six validate
/// and the last six test.
class TinyData {
 public:
  explicit TinyData(const TinyOptions& options = {}) {
    Rng rng(options.seed);
    std::vector<float> sounds;
    std::string text =
        options.has_speaker ? "label,split,speaker,sound,x1,x2\n" : "label,split,sound,x1,x2\n";
    for (int64_t r = 0; r < options.rows; ++r) {
      const int64_t kind = r % 3;
      TinyRow row;
      for (int64_t k = 0; k < 4; ++k)
        sounds.push_back(static_cast<float>((k == kind ? 1.2 : 0.0) + 0.7 * rng.normal()));
      const double x1 = static_cast<double>(kind) + 0.8 * rng.normal(), x2 = rng.normal();
      row.label = std::string(1, static_cast<char>('a' + kind));
      if (options.task == "multilabel" && x2 > 0 && kind != 1) row.label += ";b";
      if (options.task == "regression")
        row.label = fmt::format("{}", 10 + 3 * x1 + 2 * sounds[sounds.size() - 4]);
      row.split = r % 30 < 18 ? "train" : r % 30 < 24 ? "val" : "test";
      row.speaker = fmt::format("s{}", r / 3);
      row.sound = fmt::format("sound.npy#{}", r);
      row.x1 = fmt::format("{}", x1);
      row.x2 = fmt::format("{}", x2);
      if (options.change) options.change(r, &row);
      std::vector<std::string> cells = {row.label, row.split};
      if (options.has_speaker) cells.push_back(row.speaker);
      cells.insert(cells.end(), {row.sound, row.x1, row.x2});
      text += formats::format_csv_row(cells) + "\n";
    }
    write_file_atomically(folder_ / "sound.npy", formats::serialize_npy({options.rows, 4}, sounds));
    write_file_atomically(folder_ / "tiny.csv", text);
    config_.manifest = folder_ / "tiny.csv";
    config_.target = "label";
    config_.task = options.task;
    if (options.has_speaker) config_.group = "speaker";
  }
  const data::DatasetConfig& config() const { return config_; }
  std::string folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  data::DatasetConfig config_;
};

}  // namespace braid::checks
