#include "index/vector_index.h"

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "core/thread_pool.h"
#include "core/version.h"
#include "formats/safetensors.h"
#include "index/exact_search.h"
#include "index/hnsw_graph.h"
#include "index/written_folder.h"

namespace braid::index {
namespace {

constexpr const char* kFormatName = "braid-index";
constexpr int64_t kFormatVersion = 1;
constexpr const char* kSummary = "index.json";
constexpr const char* kArrays = "index.safetensors";

template <class T>
formats::SafeTensor tensor_of(const char* dtype, std::vector<int64_t> shape,
                              const std::vector<T>& values) {
  return {dtype, std::move(shape),
          std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

// Numbers of a tensor that has to be there with this type and, but for lengths of -1, this shape.
template <class T>
std::vector<T> values_of(const formats::SafeTensors& arrays, const char* name, const char* dtype,
                         const std::vector<int64_t>& shape, const std::string& path) {
  const formats::SafeTensor* tensor = arrays.find(name);
  BRAID_CHECK(tensor != nullptr, format, "{}: expected an array '{}', got none", path, name);
  bool fits = tensor->dtype == dtype && tensor->shape.size() == shape.size();
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] == -1 || tensor->shape[i] == shape[i];
  BRAID_CHECK(fits, format, "{}: array '{}': expected {} [{}], got {} [{}]", path, name, dtype,
              fmt::join(shape, ", "), tensor->dtype, fmt::join(tensor->shape, ", "));
  std::vector<T> values(tensor->bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
  return values;
}

std::string fingerprint_of(const std::string& bytes) {
  return fmt::format("{:016x}", hash_bytes(bytes));
}

struct Summary {
  IndexConfig config;
  int64_t size = 0, width = 0;
  uint64_t file_bytes = 0;
  std::string fingerprint;
};

int64_t positive(const Json& summary, const char* name, const std::string& path) {
  const Json value = summary.value(name, Json());
  BRAID_CHECK(value.is_number_integer() && value >= 1 && value <= int64_t{1} << 40, format,
              "{}: {}: expected a whole number of at least 1, got {}", path, name, value.dump());
  return value.get<int64_t>();
}

Summary read_summary(const std::string& path) {
  constexpr uint64_t kLimit = 1 << 20;
  const Json node = parse_json(read_file(path, kLimit), path);
  BRAID_CHECK(node.is_object() && node.value("format", Json()) == kFormatName, format,
              "{}: expected a file of the format '{}', got something else", path, kFormatName);
  BRAID_CHECK(node.value("format_version", Json()) == kFormatVersion, format,
              "{}: expected version {}, got {}; use the Braid that wrote it (version {})", path,
              kFormatVersion, node.value("format_version", Json()).dump(),
              node.value("braid", Json("unknown")).dump());
  Summary summary;
  try {
    read_config(node.value("config", Json()), path + ": config", summary.config);
  } catch (const Error& e) {
    fail(ErrorKind::format, "{}; is the file damaged?", e.what());
  }
  summary.size = positive(node, "size", path);
  summary.width = positive(node, "width", path);
  summary.file_bytes = static_cast<uint64_t>(positive(node, "file_bytes", path));
  const Json fingerprint = node.value("fingerprint", Json());
  BRAID_CHECK(fingerprint.is_string(), format, "{}: fingerprint: expected text, got {}", path,
              fingerprint.dump());
  summary.fingerprint = fingerprint.get<std::string>();
  return summary;
}

formats::SafeTensors read_arrays(const std::string& path, const Summary& summary) {
  const std::string bytes = read_file(path);
  BRAID_CHECK(bytes.size() == summary.file_bytes, format,
              "{}: expected {} bytes, got {}; is the file complete?", path, summary.file_bytes,
              bytes.size());
  const std::string fingerprint = fingerprint_of(bytes);
  BRAID_CHECK(
      fingerprint == summary.fingerprint, format,
      "{}: expected the fingerprint {}, got {}; the file was changed, build the index again", path,
      summary.fingerprint, fingerprint);
  return formats::parse_safetensors(bytes, path);
}

UnitRows read_rows(const formats::SafeTensors& arrays, const Summary& summary,
                   const std::string& path) {
  const std::vector<float> values =
      values_of<float>(arrays, "vectors", "F32", {summary.size, summary.width}, path);
  UnitRows rows;
  rows.size = summary.size;
  rows.width = summary.width;
  rows.stride = padded_width(summary.width);
  rows.values.assign(static_cast<size_t>(rows.size * rows.stride), 0.0f);
  for (int64_t i = 0; i < rows.size; ++i) {
    const float* from = values.data() + i * rows.width;
    double squares = 0;
    for (int64_t d = 0; d < rows.width; ++d) squares += static_cast<double>(from[d]) * from[d];
    BRAID_CHECK(std::abs(squares - 1) < 1e-3, format,
                "{}: vector {}: expected length 1, got {}; build the index again", path, i,
                std::sqrt(squares));
    std::memcpy(rows.values.data() + i * rows.stride, from,
                static_cast<size_t>(rows.width) * sizeof(float));
  }
  return rows;
}

HnswLinks read_links(const formats::SafeTensors& arrays, const Summary& summary,
                     const std::string& path) {
  HnswLinks links;
  links.links = summary.config.links;
  links.levels = values_of<int32_t>(arrays, "levels", "I32", {summary.size}, path);
  links.neighbors = values_of<int32_t>(arrays, "neighbors", "I32", {-1}, path);
  links.entry = values_of<int32_t>(arrays, "entry", "I32", {1}, path)[0];
  check_links(links, summary.size, path);
  return links;
}

bool is_own_index(const std::string& folder) {
  try {
    read_summary(join_path(folder, kSummary));
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

VectorIndex::VectorIndex(IndexConfig config, UnitRows rows, std::unique_ptr<HnswGraph> graph)
    : config_(std::move(config)), rows_(std::move(rows)), graph_(std::move(graph)) {}
VectorIndex::VectorIndex(VectorIndex&&) noexcept = default;
VectorIndex& VectorIndex::operator=(VectorIndex&&) noexcept = default;
VectorIndex::~VectorIndex() = default;

VectorIndex VectorIndex::build(const std::vector<float>& vectors, int64_t width,
                               const IndexConfig& config) {
  IndexConfig checked;
  read_config(dump_config(config), "index", checked);
  UnitRows rows = unit_rows(vectors, width, "index");
  BRAID_CHECK(rows.size >= 1, data, "index: expected at least one vector, got none");
  std::unique_ptr<HnswGraph> graph;
  if (checked.method == "hnsw") graph = HnswGraph::build(rows, checked);
  return VectorIndex(std::move(checked), std::move(rows), std::move(graph));
}

std::vector<std::vector<Match>> VectorIndex::search(const std::vector<float>& queries, int64_t k,
                                                    int num_threads) const {
  BRAID_CHECK(k >= 1, usage, "index: search: expected at least 1 neighbour, got {}", k);
  const UnitRows asked = unit_rows(queries, width(), "index: queries");
  const int threads = resolve_threads(num_threads);
  return graph_ ? graph_->search(rows_, asked, k, threads) : exact_search(rows_, asked, k, threads);
}

void VectorIndex::save(const std::string& folder) const {
  std::vector<float> vectors(static_cast<size_t>(size() * width()));
  for (int64_t i = 0; i < size(); ++i)
    std::memcpy(vectors.data() + i * width(), rows_.row(i),
                static_cast<size_t>(width()) * sizeof(float));
  formats::SafeTensors arrays;
  arrays.tensors.emplace_back("vectors", tensor_of("F32", {size(), width()}, vectors));
  if (graph_) {
    const HnswLinks links = graph_->links();
    arrays.tensors.emplace_back("levels", tensor_of("I32", {size()}, links.levels));
    arrays.tensors.emplace_back(
        "neighbors",
        tensor_of("I32", {static_cast<int64_t>(links.neighbors.size())}, links.neighbors));
    arrays.tensors.emplace_back("entry", tensor_of("I32", {1}, std::vector<int32_t>{links.entry}));
  }
  std::string bytes = formats::serialize_safetensors(arrays);
  const Json summary = {{"format", kFormatName},
                        {"format_version", kFormatVersion},
                        {"braid", BRAID_VERSION},
                        {"config", dump_config(config_)},
                        {"size", size()},
                        {"width", width()},
                        {"file_bytes", bytes.size()},
                        {"fingerprint", fingerprint_of(bytes)}};
  write_folder(folder, {{kArrays, std::move(bytes)}, {kSummary, summary.dump(2) + "\n"}},
               "an index", [&] { return is_own_index(folder); });
}

VectorIndex VectorIndex::load(const std::string& folder) {
  Summary summary = read_summary(join_path(folder, kSummary));
  const std::string path = join_path(folder, kArrays);
  const formats::SafeTensors arrays = read_arrays(path, summary);
  UnitRows rows = read_rows(arrays, summary, path);
  std::unique_ptr<HnswGraph> graph;
  if (summary.config.method == "hnsw")
    graph = HnswGraph::restore(read_links(arrays, summary, path), summary.config, path);
  return VectorIndex(std::move(summary.config), std::move(rows), std::move(graph));
}

}  // namespace braid::index
