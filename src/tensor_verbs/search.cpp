// braid search: the nearest rows of an index to a text, a file, a vector or a manifest's rows.
#include <fmt/core.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/json.h"
#include "formats/media_path.h"
#include "formats/npy.h"
#include "model/tensors.h"
#include "report/text_table.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/inputs.h"
#include "tensor_verbs/search_index.h"

namespace braid::tensor_verbs {
namespace {

using data::Kind;
using index::Match;

constexpr int kNarrowest = 16;  // columns of a terminal that a path or text is never cut below

struct Flags {
  InputFlags inputs;
  HardwareFlags hardware;
  std::string text, image, audio, video, embedding, manifest;
  int64_t count = 10;
  bool is_json = false;
};

// What is asked, in the order of its vectors.
struct Queries {
  std::vector<std::string> names;
  std::vector<float> vectors;  // [Q, width]
};

// The one flag that says what is asked.
struct Asked {
  std::string flag, value;
  Kind kind = Kind::text;
};

Asked asked_of(const Flags& flags, const CLI::App& app) {
  const Asked all[] = {{"--text", flags.text, Kind::text},
                       {"--image", flags.image, Kind::image},
                       {"--audio", flags.audio, Kind::audio},
                       {"--video", flags.video, Kind::video},
                       {"--embedding", flags.embedding, Kind::embedding},
                       {"--manifest", flags.manifest, Kind::tabular}};
  std::vector<Asked> given;
  for (const Asked& one : all)
    if (app.count(one.flag) > 0) given.push_back(one);
  BRAID_CHECK(given.size() == 1, usage,
              "search: expected one of --text, --image, --audio, --video, --embedding and "
              "--manifest, got {}",
              given.size());
  BRAID_CHECK(given[0].value.find_first_not_of(" \t\r\n") != std::string::npos, usage,
              "{}: expected {}, got nothing", given[0].flag,
              given[0].flag == "--text" ? "a text" : "a file");
  return given[0];
}

Queries read_vectors(const std::string& value) {
  const formats::MediaPath path = formats::parse_media_path(value);
  const formats::NpyArray array =
      path.row >= 0 ? formats::read_npy_row(path.file, path.row) : formats::read_npy(path.file);
  BRAID_CHECK(array.shape.size() == 1 || array.shape.size() == 2, shape,
              "--embedding {}: expected a vector [D] or rows [Q, D], got [{}]", value,
              fmt::join(array.shape, ", "));
  Queries queries;
  queries.vectors.assign(array.values.begin(), array.values.end());
  const int64_t num_rows = array.shape.size() == 2 ? array.shape[0] : 1;
  for (int64_t i = 0; i < num_rows; ++i)
    queries.names.push_back(num_rows == 1 ? value : fmt::format("{}#{}", value, i));
  return queries;
}

void check_width(const std::string& where, int64_t got, const std::string& folder,
                 const SearchIndex& index) {
  BRAID_CHECK(got == index.vectors.width(), shape,
              "{}: expected vectors of {} numbers as in the index {}, got {}; search with the "
              "space that its rows were embedded with",
              where, index.vectors.width(), folder, got);
}

Queries embed_queries(const Asked& asked, const Flags& flags, const std::vector<std::string>& words,
                      const SearchIndex& index, const Sinks& sinks) {
  BRAID_CHECK(words.size() == 2, usage,
              "{}: expected the space that makes its vector: braid search INDEX SPACE {} ...; got "
              "the index alone",
              asked.flag, asked.flag);
  const std::string& folder = words[1];
  model::Embedder embedder = model::Embedder::load(folder);
  embedder.to(model::parse_device(flags.hardware.device));
  const bool is_manifest = asked.flag == "--manifest";
  const size_t modality =
      is_manifest ? choose_modality(embedder, flags.inputs.modality, folder)
                  : choose_of_kind(embedder, asked.kind, flags.inputs.modality, folder, asked.flag);
  check_width(folder, embedder.width(modality), words[0], index);
  const Inputs inputs =
      is_manifest ? Inputs::of_manifest(embedder, modality, asked.value, flags.inputs, sinks)
                  : Inputs::of_words(embedder, modality, {asked.value});
  if (asked.flag == "--text") embedder.check_says_something({inputs.sample(0)}, modality);
  const EmbeddedInputs embedded = embed_inputs(
      embedder, modality, inputs, flags.hardware.num_threads(), flags.inputs.skip_bad, sinks);
  print_left_out(inputs, embedded);
  Queries queries;
  for (const int64_t i : embedded.kept) queries.names.push_back(inputs.id(i));
  const float* values = embedded.vectors.data_ptr<float>();
  queries.vectors.assign(values, values + embedded.vectors.numel());
  return queries;
}

void print_json(const Queries& queries, const std::vector<std::vector<Match>>& found,
                const SearchIndex& index) {
  for (size_t q = 0; q < found.size(); ++q) {
    for (size_t rank = 0; rank < found[q].size(); ++rank) {
      const Match& match = found[q][rank];
      Json line = {{"query", queries.names[q]}, {"rank", rank + 1}, {"score", match.score}};
      for (size_t c = 0; c < index.rows.columns().size(); ++c) {
        const std::string_view cell = index.rows.cell(match.row, static_cast<int64_t>(c));
        if (!cell.empty()) line[index.rows.columns()[c]] = std::string(cell);
      }
      fmt::print("{}\n", line.dump());
    }
  }
}

std::string table_text(const Queries& queries, const std::vector<std::vector<Match>>& found,
                       const SearchIndex& index) {
  using report::Align;
  std::vector<report::TextColumn> titles = {
      {"rank", Align::right}, {"score", Align::right}, {"id"}, {"modality"}, {"path or text"}};
  const bool is_one = found.size() == 1;
  if (!is_one) titles.insert(titles.begin(), {"query"});
  const auto build = [&](int room) {
    report::TextTable table(titles);
    for (size_t q = 0; q < found.size(); ++q) {
      for (size_t rank = 0; rank < found[q].size(); ++rank) {
        const Match& match = found[q][rank];
        const std::string text = index.cell(match.row, "text");
        const std::string what = text.empty() ? index.cell(match.row, "path") : text;
        std::vector<std::string> cells = {std::to_string(rank + 1),
                                          fmt::format("{:.4f}", match.score),
                                          report::plain(index.cell(match.row, "id")),
                                          report::plain(index.cell(match.row, "modality")),
                                          report::shorten(report::plain(what), room)};
        if (!is_one) cells.insert(cells.begin(), report::plain(queries.names[q]));
        table.add_row(std::move(cells));
      }
    }
    return table;
  };
  const int others = build(kNarrowest).width() - kNarrowest;
  return build(std::max(kNarrowest, cli::Terminal::width() - others)).str();
}

void add_queries(cli::Command* command, Flags* flags) {
  const char* group = "Query";
  command->option("--text", flags->text, "a text", group)->type_name("TEXT");
  command->option("--image", flags->image, "a picture", group)->type_name("FILE");
  command->option("--audio", flags->audio, "a sound", group)->type_name("FILE");
  command->option("--video", flags->video, "a video", group)->type_name("FILE");
  command
      ->option("--embedding", flags->embedding,
               "rows of an array, or one as FILE.npy#3; needs no space", group)
      ->type_name("FILE");
  command->option("--manifest", flags->manifest, "rows of a manifest", group)->type_name("FILE");
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Find the nearest rows of an index by cosine, across modalities where they share a space.",
      "search INDEX [SPACE] QUERY [options]",
      {"braid search found runs/0001/space --text 'a red car' --top 5",
       "braid search found runs/0001/space --image car.png --json",
       "braid search found --embedding photos/embeddings.npy#3"});
  Flags flags;
  add_queries(&command, &flags);
  command.option("-k,--top", flags.count, "how many for each query", "Output")->type_name("N");
  flags.inputs.add(&command);
  flags.hardware.add(&command);
  command.flag("--json", flags.is_json, "one object per row found", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(1, 2, nullptr);
  const Asked asked = asked_of(flags, command.app());
  BRAID_CHECK(flags.count >= 1, usage, "--top {}: expected at least 1", flags.count);
  flags.hardware.apply();
  cli::Terminal terminal;
  const SearchIndex index = read_search_index(words[0]);
  Queries queries;
  if (asked.kind == Kind::embedding) {
    queries = read_vectors(asked.value);
    const auto num_queries = static_cast<int64_t>(std::max<size_t>(1, queries.names.size()));
    check_width(asked.flag + " " + asked.value,
                static_cast<int64_t>(queries.vectors.size()) / num_queries, words[0], index);
  } else {
    queries = embed_queries(asked, flags, words, index, terminal.sinks());
  }
  const std::vector<std::vector<Match>> found =
      index.vectors.search(queries.vectors, flags.count, flags.hardware.num_threads());
  terminal.finish();
  if (flags.is_json)
    print_json(queries, found, index);
  else
    fmt::print("{}", table_text(queries, found, index));
  return 0;
}

}  // namespace

extern const cli::Method search = {"search", "find the nearest rows of an index", run};

}  // namespace braid::tensor_verbs
