// A run folder's files: config, history, the best and the last checkpoint, each whole or absent.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "model/model.h"
#include "train/adamw.h"
#include "train/balance.h"
#include "train/records.h"

namespace braid::train {

/// Where training stands.
struct Progress {
  int64_t epoch = 0;                    // finished epochs
  int64_t step_in_epoch = 0;            // steps done of the next one
  double loss_sum = 0, weight_sum = 0;  // of those steps
  int64_t best_epoch = 0;               // 0 = none yet
  double best_value = 0;                // validation criterion there, smaller is better
  bool is_finished = false;
  double seconds = 0, waited_s = 0;
  std::vector<EpochRecord> history;
};

/// metrics.jsonl from the history, then one file `folder`/last.safetensors: parameters, optimiser,
/// progress, and `balance` where there is one. Each is written atomically.
void save_checkpoint(const std::string& folder, const std::string& identity,
                     const model::Model& model, const AdamW& optimizer, const Progress& progress,
                     const Balance* balance = nullptr);
/// False where there is none. Errors: format; config when `identity` (hash of config, data and
/// seed) is another run's.
bool load_checkpoint(const std::string& folder, const std::string& identity, model::Model* model,
                     AdamW* optimizer, Progress* progress, Balance* balance = nullptr);

void save_best(const std::string& folder, const model::Model& model);
void load_best(const std::string& folder, model::Model* model);

}  // namespace braid::train
