// A model's folder as the community publishes it, looked at without loading its weights.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::formats {

struct HubFolder {
  std::string path;
  /// Where config.json, weights and tokenizer lie: `path`, or the folder in it that modules.json
  /// names for the Transformer.
  std::string model_path;
  Json config;                 // config.json, an object
  Json preprocessor;           // preprocessor_config.json, an object; null where absent
  bool has_tokenizer = false;  // tokenizer.json, a vocabulary or a SentencePiece model

  /// Of sentence-transformers: what follows what, "Transformer", "Pooling", "Normalize" and so on;
  /// empty where there is no modules.json.
  std::vector<std::string> modules;
  bool normalizes = false;  // a Normalize among them
  Json sentences;           // sentence_bert_config.json, with max_seq_length; null where absent
  Json pooling;             // the Pooling module's config.json; null where absent
  /// What it asks for, of "cls", "max", "mean", "mean_sqrt_len", "weightedmean", "lasttoken", in
  /// the order in which several are put together.
  std::vector<std::string> pooling_modes;

  bool has_weights = false;  // as Checkpoint::open reads them
  /// "F32" -> how many values, parameters and buffers, the checkpoint's headers name.
  std::map<std::string, int64_t> num_values;
};

/// Errors   io: no such folder, a file that cannot be read or is larger than 16 MiB. format, naming
///          the file: no config.json, JSON that is none or has another shape, modules outside the
///          folder, Pooling without a mode; weights as in Checkpoint::open. A folder without
///          weights is none.
/// Cost     the JSON files and the headers of the weights.
HubFolder read_hub_folder(const std::string& path);

}  // namespace braid::formats
