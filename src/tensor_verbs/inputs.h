// What the verbs of a shared space embed: rows of a manifest, or files and texts as they are given.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/log.h"
#include "data/dataset.h"
#include "model/embedder.h"

namespace braid::tensor_verbs {

/// --modality, --column, --split and --skip-bad.
struct InputFlags {
  std::string modality, column, split;
  bool skip_bad = false;
  void add(cli::Command* command);
};

/// Whether a word names a manifest, by its extension.
bool is_manifest(const std::string& word);

/// "photo (image), caption (text)"
std::string modalities_text(const model::Embedder& embedder);

/// The modality of that name; the only one where `name` is empty. `folder` opens messages.
///
/// Errors   usage: none of that name, or no name where there are several; lists them.
size_t choose_modality(const model::Embedder& embedder, const std::string& name,
                       const std::string& folder);
/// The only one of that kind, where `name` is empty; else that of the name, which has to be of the
/// kind. `flag` opens messages. Errors   usage, listing the modalities.
size_t choose_of_kind(const model::Embedder& embedder, data::Kind kind, const std::string& name,
                      const std::string& folder, const std::string& flag);

/// Samples of one modality, one by one.
class Inputs {
 public:
  /// Rows of a manifest, of one split where flags.split names it. The modality is read from the
  /// columns of its own names, or from flags.column.
  ///
  /// Errors   io, format, data: as Dataset::open_like(); no such column, no row of the split.
  static Inputs of_manifest(const model::Embedder& embedder, size_t modality,
                            const std::string& manifest, const InputFlags& flags,
                            const Sinks& sinks);
  /// Files, or texts where the modality is one of text. Errors   usage: a modality of columns.
  /// io: no such file.
  static Inputs of_words(const model::Embedder& embedder, size_t modality,
                         const std::vector<std::string>& words);

  int64_t size() const;
  data::Sample sample(int64_t i) const;
  /// The manifest's id where it has such a column, else the row's number there; a word itself.
  std::string id(int64_t i) const;
  /// The text, or where the file lies; "" of what has several columns.
  std::string source(int64_t i) const;
  /// The modality's name and kind.
  const data::ModalitySpec& spec() const { return spec_; }
  /// Of a manifest: its rows, and what else they say.
  const std::vector<int64_t>& rows() const { return rows_; }
  const std::optional<data::Dataset>& dataset() const { return dataset_; }

 private:
  data::ModalitySpec spec_;
  std::string field_, column_;  // of a modality with one of them: where the preparation reads it,
                                // and where it stands in the manifest
  std::vector<std::string> words_;
  std::optional<data::Dataset> dataset_;
  std::vector<int64_t> rows_;
};

/// A manifest where the only word names one, else what the words say. Errors   as above.
Inputs inputs_of(const model::Embedder& embedder, size_t modality,
                 const std::vector<std::string>& words, const InputFlags& flags,
                 const Sinks& sinks);

/// Vectors of those inputs that have the modality.
struct EmbeddedInputs {
  at::Tensor vectors;         // (P, E) of length 1
  std::vector<int64_t> kept;  // (P) of the inputs
  int64_t num_missing = 0, num_bad = 0;
};

/// Errors   data, format, naming the sample: with `skip_bad` it is left out with a warning instead.
/// data: nothing is left.
EmbeddedInputs embed_inputs(model::Embedder& embedder, size_t modality, const Inputs& inputs,
                            int num_threads, bool skip_bad, const Sinks& sinks);

/// One line on stderr where some were left out.
void print_left_out(const Inputs& inputs, const EmbeddedInputs& embedded);

}  // namespace braid::tensor_verbs
