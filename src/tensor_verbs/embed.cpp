// braid embed: samples as vectors of a shared space, or of one encoder, kept as a data set.
#include <fmt/core.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/json.h"
#include "index/embedding_table.h"
#include "model/tensors.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/inputs.h"
#include "tensor_verbs/sources.h"

namespace braid::tensor_verbs {
namespace {

struct Flags {
  InputFlags inputs;
  HardwareFlags hardware;
  std::vector<std::string> keep;
  std::string out;
  bool is_json = false;
};

// Columns of the manifest that the table takes over: those named, and the split, without which rows
// to learn from and rows to measure on would mix.
std::vector<std::string> kept_columns(const Inputs& inputs, const std::vector<std::string>& named,
                                      const std::vector<std::string>& own) {
  BRAID_CHECK(inputs.dataset() || named.empty(), usage,
              "--keep {}: expected a manifest, got files or texts", fmt::join(named, ","));
  if (!inputs.dataset()) return {};
  const formats::Table& table = inputs.dataset()->table();
  std::vector<std::string> columns;
  if (table.column("split") >= 0) columns.emplace_back("split");
  for (const std::string& name : named) {
    if (table.column(name) < 0)
      throw Error(ErrorKind::usage, "--keep: " + unknown_name("column", name, table.columns()));
    const bool is_taken = std::count(columns.begin(), columns.end(), name) +
                              std::count(own.begin(), own.end(), name) >
                          0;
    if (!is_taken) columns.push_back(name);
  }
  return columns;
}

index::EmbeddingTable table_of(const Inputs& inputs, const EmbeddedInputs& embedded,
                               const std::vector<std::string>& keep, const std::string& folder) {
  index::EmbeddingTable table;
  table.width = embedded.vectors.size(1);
  const float* values = embedded.vectors.data_ptr<float>();
  table.vectors.assign(values, values + embedded.vectors.numel());
  const data::Kind kind = inputs.spec().kind;
  table.columns = {"id", "modality"};
  if (kind != data::Kind::tabular)
    table.columns.emplace_back(kind == data::Kind::text ? "text" : "path");
  const std::vector<std::string> kept = kept_columns(inputs, keep, table.columns);
  table.columns.insert(table.columns.end(), kept.begin(), kept.end());
  for (const int64_t i : embedded.kept) {
    std::vector<std::string> cells = {inputs.id(i), inputs.spec().name};
    if (kind != data::Kind::tabular)
      cells.push_back(kind == data::Kind::text ? inputs.source(i)
                                               : path_from(inputs.source(i), folder));
    for (const std::string& column : kept)
      cells.emplace_back(inputs.dataset()->cell(inputs.rows()[static_cast<size_t>(i)], column));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void print_json(const Inputs& inputs, const EmbeddedInputs& embedded) {
  const auto vectors = embedded.vectors.accessor<float, 2>();
  for (size_t p = 0; p < embedded.kept.size(); ++p) {
    Json values = Json::array();
    for (int64_t e = 0; e < vectors.size(1); ++e)
      values.push_back(vectors[static_cast<int64_t>(p)][e]);
    fmt::print("{}\n", Json{{"id", inputs.id(embedded.kept[p])},
                            {"modality", inputs.spec().name},
                            {"embedding", values}}
                           .dump());
  }
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Turn samples of one modality into vectors, by a shared space, a bundle or a published "
      "encoder.",
      "embed SPACE MANIFEST|FILE|TEXT ... [options]",
      {"braid embed runs/0001/space pairs.csv --modality photo --out photos",
       "braid embed clip-vit-base-patch32 pairs.csv --modality text --column caption --keep label",
       "braid embed runs/0001/space a.png b.png --modality photo --json"});
  Flags flags;
  flags.inputs.add(&command);
  command.list("--keep", flags.keep, "columns of the manifest to take over; split always is",
               "Data");
  flags.hardware.add(&command);
  command
      .option("--out", flags.out, "folder of embeddings to write; left out = embeddings", "Output")
      ->type_name("DIR");
  command.flag("--json", flags.is_json,
               "one object per vector on stdout; a folder only where --out names one", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string>& words = command.words();
  BRAID_CHECK(words.size() >= 2, usage,
              "expected: braid embed SPACE MANIFEST|FILE|TEXT ...; got {} of its words; see --help",
              words.size());
  flags.hardware.apply();
  cli::Terminal terminal;
  const Sinks sinks = terminal.sinks();
  model::Embedder embedder = model::Embedder::load(words[0]);
  embedder.to(model::parse_device(flags.hardware.device));
  const size_t modality = choose_modality(embedder, flags.inputs.modality, words[0]);
  const std::vector<std::string> given(words.begin() + 1, words.end());
  const Inputs inputs = inputs_of(embedder, modality, given, flags.inputs, sinks);
  const EmbeddedInputs embedded = embed_inputs(
      embedder, modality, inputs, flags.hardware.num_threads(), flags.inputs.skip_bad, sinks);
  terminal.finish();
  print_left_out(inputs, embedded);
  if (flags.is_json) print_json(inputs, embedded);
  if (flags.is_json && flags.out.empty()) return 0;
  const std::string folder = flags.out.empty() ? "embeddings" : flags.out;
  const index::EmbeddingTable table = table_of(inputs, embedded, flags.keep, folder);
  index::write_embedding_table(folder, table);
  if (!flags.is_json)
    fmt::print("{} vectors of {} numbers, {}: {}\n", table.size(), table.width, inputs.spec().name,
               folder);
  return 0;
}

}  // namespace

extern const cli::Method embed = {"embed", "turn samples into vectors of a shared space", run};

}  // namespace braid::tensor_verbs
