// braid index: embeddings as a folder that is searched.
#include <fmt/core.h>

#include "cli/command.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/json.h"
#include "tensor_verbs/search_index.h"

namespace braid::tensor_verbs {
namespace {

int run(const std::vector<std::string>& args) {
  cli::Command command("Build an index over one or several folders of embeddings of one space.",
                       "index EMBEDDINGS ... --out DIR [options]",
                       {"braid index photos captions --out found",
                        "braid index photos --out found --method hnsw --links 48"});
  index::IndexConfig config;
  std::string out;
  bool is_json = false;
  command
      .option("--method", config.method,
              "exact compares with every vector; hnsw walks a graph and may miss some", "Index")
      ->type_name("NAME");
  command
      .option("--links", config.links, "hnsw: neighbours kept for each vector; more find more",
              "Index")
      ->type_name("N");
  command
      .option("--build-effort", config.build_effort, "hnsw: candidates looked at to place a vector",
              "Index")
      ->type_name("N");
  command
      .option("--search-effort", config.search_effort, "hnsw: candidates looked at for a query",
              "Index")
      ->type_name("N");
  command.option("--out", out, "folder to write", "Output")->type_name("DIR");
  command.flag("--json", is_json, "print what was built as JSON", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string>& folders = command.words();
  BRAID_CHECK(!folders.empty(), usage,
              "expected: braid index EMBEDDINGS ... --out DIR; got no folder; see --help");
  BRAID_CHECK(!out.empty(), usage, "--out: expected the folder to write, got none");
  read_config(dump_config(config), "index", config);  // bounds and names
  const index::EmbeddingTable table = join_tables(folders);
  write_search_index(out, table, config);
  if (is_json)
    fmt::print("{}\n", Json{{"rows", table.size()},
                            {"width", table.width},
                            {"method", config.method},
                            {"index", out}}
                           .dump());
  else
    fmt::print("{} vectors of {} numbers, {}: {}\n", table.size(), table.width, config.method, out);
  return 0;
}

}  // namespace

extern const cli::Method index = {"index", "build an index over embeddings", run};

}  // namespace braid::tensor_verbs
