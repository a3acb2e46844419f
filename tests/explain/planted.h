// A model trained where one word of a text decides and a vector is noise.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/file.h"
#include "core/rng.h"
#include "formats/npy.h"
#include "model/bundle.h"
#include "support/tiny_runs.h"

namespace braid::checks {

/// Six words a row; the one among them that is "storm" or "calm" says the label. `vector` holds 32
/// numbers of noise, `age` one.
class Planted {
 public:
  explicit Planted(const std::string& fusion, int64_t epochs = 25, int64_t rows = 300) {
    const char* const kFillers[] = {"the", "sea", "was", "a", "ship", "went", "by", "and"};
    Rng rng(7);
    std::vector<float> noise;
    std::string text = "label,split,note,vector,age\n";
    for (int64_t r = 0; r < rows; ++r) {
      const bool is_storm = rng.below(2) == 1;
      const uint64_t place = rng.below(6);
      std::string note;
      for (uint64_t w = 0; w < 6; ++w)
        note += std::string(w == 0 ? "" : " ") +
                (w == place ? (is_storm ? "storm" : "calm") : kFillers[rng.below(8)]);
      for (int k = 0; k < 32; ++k) noise.push_back(static_cast<float>(rng.normal()));
      text += fmt::format("{},{},{},vector.npy#{},{}\n", is_storm ? "bad" : "good",
                          r % 5 < 3    ? "train"
                          : r % 5 == 3 ? "val"
                                       : "test",
                          note, r, fmt::format("{:.3f}", rng.normal()));
    }
    write_file_atomically(folder_ / "vector.npy", formats::serialize_npy({rows, 32}, noise));
    write_file_atomically(folder_ / "planted.csv", text);
    train::ExperimentConfig config;
    config.data.manifest = folder_ / "planted.csv";
    config.data.target = "label";
    config.data.kinds = Json::parse(R"({"note": "text", "age": "numeric"})");
    config.model.encoders = Json::parse(
        R"({"note": {"name": "text_transformer", "width": 16, "layers": 1, "heads": 2, "dropout": 0},
            "vector": {"width": 8}, "tabular": {"width": 8, "dropout": 0}})");
    config.model.fusion = Json::parse(fusion);
    config.train.epochs = epochs;
    config.train.patience = 0;
    config.train.lr = 0.01;
    config.train.modality_dropout = 0.1;
    run_ = std::make_unique<TinyRun>(config);
    train::TrainResult result = train::train(run_->task());
    bundle_.emplace(model::Bundle{result.model, run_->store().preparation(), result.modalities,
                                  "label", run_->dataset().targets().labels, Json::object()});
  }
  model::Bundle& bundle() { return *bundle_; }
  TinyRun& run() { return *run_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<TinyRun> run_;
  std::optional<model::Bundle> bundle_;
};

/// Word by word, so that a token knows nothing of its neighbours before the fusion.
inline constexpr char kMerged[] =
    R"({"name": "merged", "width": 16, "heads": 2, "layers": 1, "dropout": 0})";

}  // namespace braid::checks
