#include "report/compare_data.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::report {
namespace {

// One place in the document with its path, so that an error can name it. Absent and null read as
// "not given".
class Node {
 public:
  Node(const Json* json, std::string path)
      : json_(json != nullptr && json->is_null() ? nullptr : json), path_(std::move(path)) {}

  bool is_given() const { return json_ != nullptr; }

  Node operator[](const char* key) const {
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (json_ == nullptr) return {nullptr, path};
    expect(json_->is_object(), "an object");
    const auto found = json_->find(key);
    return {found == json_->end() ? nullptr : &*found, path};
  }

  double number() const {
    if (json_ == nullptr) return kAbsent;
    expect(json_->is_number(), "a number");
    return json_->get<double>();
  }

  int64_t count(int64_t fallback = -1) const {
    const double value = number();
    return std::isfinite(value) && std::abs(value) < 9e18 ? static_cast<int64_t>(value) : fallback;
  }

  std::string text(const char* fallback = "") const {
    if (json_ == nullptr) return fallback;
    expect(json_->is_string(), "a string");
    return json_->get<std::string>();
  }

  bool flag(bool fallback) const {
    if (json_ == nullptr) return fallback;
    expect(json_->is_boolean(), "true or false");
    return json_->get<bool>();
  }

  std::vector<Node> items() const {
    std::vector<Node> nodes;
    if (json_ == nullptr) return nodes;
    expect(json_->is_array(), "a list");
    for (const Json& item : *json_) {
      nodes.emplace_back(&item, fmt::format("{}[{}]", path_, nodes.size()));
    }
    return nodes;
  }

  std::vector<std::pair<std::string, Node>> members() const {
    std::vector<std::pair<std::string, Node>> nodes;
    if (json_ == nullptr) return nodes;
    expect(json_->is_object(), "an object");
    for (const auto& [key, value] : json_->items())
      nodes.push_back({key, {&value, path_ + "." + key}});
    return nodes;
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Node& item : items()) out.push_back(item.text());
    return out;
  }

  std::vector<double> numbers() const {
    std::vector<double> out;
    for (const Node& item : items()) out.push_back(item.number());
    return out;
  }

  /// Any value as JSON text.
  std::string dump() const { return json_ == nullptr ? "null" : json_->dump(); }

  void expect(bool holds, const char* wanted) const {
    BRAID_CHECK(holds, format,
                "compare.json: {}: expected {}, got {}; was the file written by braid compare?",
                path_.empty() ? "document" : path_, wanted, json_->type_name());
  }

 private:
  const Json* json_;
  std::string path_;
};

Value read_value(const Node& node) {
  Value value;
  value.mean = node["mean"].number();
  const std::vector<double> ends = node["interval"].numbers();
  if (ends.size() == 2) {
    value.low = ends[0];
    value.high = ends[1];
  }
  return value;
}

// A list of pairs of numbers, such as [[target, predicted], ...].
std::vector<std::pair<double, double>> read_pairs(const Node& node) {
  std::vector<std::pair<double, double>> pairs;
  for (const Node& item : node.items()) {
    const std::vector<double> pair = item.numbers();
    item.expect(pair.size() == 2, "two numbers");
    pairs.emplace_back(pair[0], pair[1]);
  }
  return pairs;
}

std::vector<std::vector<double>> read_square(const Node& node) {
  std::vector<std::vector<double>> rows;
  for (const Node& row : node.items()) rows.push_back(row.numbers());
  for (const auto& row : rows) node.expect(row.size() == rows.size(), "a square matrix");
  return rows;
}

void read_training(const Node& node, MethodResult& method) {
  for (const Node& run : node["runs"].items()) {
    method.runs.push_back({run["seed"].count(), run["fold"].count(), run["best_epoch"].count(),
                           run["epochs"].count(), run["metric"].number(),
                           run["validation"].number()});
  }
  for (const Node& curve : node["curves"].items()) {
    method.curves.push_back({curve["run"].count(0), curve["epoch"].numbers(),
                             curve["train_loss"].numbers(), curve["validation_loss"].numbers(),
                             curve["validation_metric"].numbers()});
  }
}

void read_errors(const Node& node, MethodResult& method) {
  method.confusion = read_square(node["confusion"]);
  for (const Node& row : node["per_class"].items()) {
    method.per_class.push_back({row["label"].text(), row["precision"].number(),
                                row["recall"].number(), row["f1"].number(),
                                row["support"].count()});
  }
  for (const Node& bin : node["calibration"].items()) {
    const double count = bin["count"].number();
    method.calibration.push_back({bin["confidence"].number(), bin["accuracy"].number(),
                                  std::isfinite(count) ? std::max(0.0, count) : 0});
  }
  method.scatter = read_pairs(node["scatter"]);
}

// {"lr": 0.002, "fusion.rank": 4} as "lr=0.002, fusion.rank=4".
std::string read_settings(const Node& node) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : node.members()) parts.push_back(name + "=" + value.dump());
  return fmt::format("{}", fmt::join(parts, ", "));
}

void read_choice(const Node& node, CompareData& data) {
  for (const Node& row : node["without"].items())
    data.without.push_back({row["modalities"].texts(), read_value(row["difference"]),
                            row["latency_change"].number(), row["cost_change"].number()});
  data.front = node["pareto"]["front"].texts();
  const Node advice = node["advice"];
  data.advice = {advice["family"].text(), advice["methods"].texts(), advice["reasons"].texts()};
  const Node search = node["search"];
  data.search_epochs = search["epochs"].count();
  data.search_epochs_of_all = search["epochs_of_all"].count();
  for (const Node& one : search["rungs"].items()) {
    Rung rung;
    rung.epochs = one["epochs"].count();
    for (const Node& row : one["candidates"].items())
      rung.candidates.push_back({row["method"].text(), read_settings(row["settings"]),
                                 row["validation"].number(), row["goes_on"].flag(false)});
    data.rungs.push_back(std::move(rung));
  }
}

MethodResult read_method(const Node& node) {
  MethodResult method;
  method.name = node["name"].text("(unnamed)");
  method.family = node["family"].text();
  method.summary = node["summary"].text();
  method.modalities = node["modalities"].texts();
  method.metric = read_value(node["metric"]);
  method.validation = node["validation"]["mean"].number();
  method.has_difference = node["difference_to_best_single"].is_given();
  method.difference = read_value(node["difference_to_best_single"]);
  for (const auto& [name, value] : node["metrics"].members()) {
    method.metrics.emplace_back(name, read_value(value));
  }
  method.parameters = node["parameters"].count();
  method.train_seconds = node["train_seconds"].number();
  method.latency_ms = node["latency_ms"].number();
  method.cost = node["cost"].number();
  method.corrected_p = node["difference_to_best_single"]["corrected_p"].number();
  method.settings = read_settings(node["settings"]);
  read_training(node, method);
  read_errors(node, method);
  for (const Node& subset : node["subsets"].items()) {
    method.subsets.push_back({subset["modalities"].texts(), read_value(subset)});
  }
  for (const auto& [name, weight] : node["weights"].members()) {
    method.weights.emplace_back(name, weight.number());
  }
  for (const auto& [name, share] : node["gradient_shares"].members()) {
    method.gradient_shares.emplace_back(name, share.number());
  }
  return method;
}

void read_data(const Node& node, CompareData& data) {
  data.rows = node["rows"].count();
  data.train = node["train"].count();
  data.validation = node["validation"].count();
  data.test = node["test"].count();
  data.folds = node["folds"].count(0);
  data.seeds = node["seeds"].count();
  data.group = node["group"].text();
  data.skipped = node["skipped"].texts();
  data.warnings = node["warnings"].texts();
  for (const Node& row : node["modalities"].items()) {
    const Node present = row["present"];
    data.modalities.push_back({row["name"].text(), row["kind"].text(), row["fields"].texts(),
                               present["train"].number(), present["validation"].number(),
                               present["test"].number()});
  }
}

void read_subsets(const Node& node, CompareData& data) {
  for (const Node& row : node.items()) {
    SubsetRow subset;
    subset.modalities = row["modalities"].texts();
    for (const auto& [name, value] : row["methods"].members()) {
      subset.methods.emplace_back(name, value.number());
    }
    data.subsets.push_back(std::move(subset));
  }
}

size_t family_rank(const std::string& family) {
  static const char* const kOrder[] = {"single", "linear", "early", "late", "hybrid"};
  const auto found = std::find(std::begin(kOrder), std::end(kOrder), family);
  return static_cast<size_t>(found - std::begin(kOrder));
}

}  // namespace

CompareData read_compare(const Json& compare) {
  const Node node(&compare, "");
  CompareData data;
  data.braid = node["braid"].text();
  data.created = node["created"].text();
  data.command = node["command"].text();
  data.manifest = node["manifest"].text();
  data.fingerprint = node["fingerprint"].text();
  data.seed = node["seed"].count();
  data.cpu = node["machine"]["cpu"].text();
  data.cores = node["machine"]["cores"].count();
  data.threads = node["machine"]["threads"].count();
  data.task = node["task"].text();
  data.target = node["target"].text();
  data.labels = node["labels"].texts();
  data.metric = node["metric"]["name"].text("metric");
  data.higher_is_better = node["metric"]["higher_is_better"].flag(true);
  data.level = node["bootstrap"]["level"].number();
  data.resamples = node["bootstrap"]["resamples"].count();
  read_data(node["data"], data);
  for (const Node& method : node["methods"].items()) data.methods.push_back(read_method(method));
  read_subsets(node["subsets"], data);
  read_choice(node, data);
  if (compare.is_object() && compare.contains("stress")) data.stress = compare["stress"];
  data.best_single = node["best_single"].text();
  data.winner = node["winner"].text();
  data.verdict = node["verdict"].text();
  data.notes = node["notes"].texts();
  return data;
}

const MethodResult* CompareData::find(const std::string& name) const {
  for (const MethodResult& method : methods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

int CompareData::decimals() const {
  double largest = 0;
  for (const MethodResult& method : methods) {
    if (std::isfinite(method.metric.mean)) {
      largest = std::max(largest, std::abs(method.metric.mean));
    }
  }
  return decimals_for(largest);
}

std::vector<const MethodResult*> CompareData::by_metric() const {
  std::vector<const MethodResult*> order;
  for (const MethodResult& method : methods) order.push_back(&method);
  const auto badness = [&](const MethodResult* method) {
    const double mean = method->metric.mean;
    if (!std::isfinite(mean)) return std::numeric_limits<double>::infinity();
    return higher_is_better ? -mean : mean;
  };
  std::stable_sort(order.begin(), order.end(), [&](const MethodResult* a, const MethodResult* b) {
    return badness(a) < badness(b);
  });
  return order;
}

std::vector<const MethodResult*> CompareData::by_family() const {
  std::vector<const MethodResult*> order = by_metric();
  std::stable_sort(order.begin(), order.end(), [](const MethodResult* a, const MethodResult* b) {
    const size_t rank_a = family_rank(a->family), rank_b = family_rank(b->family);
    return rank_a != rank_b ? rank_a < rank_b : a->family < b->family;
  });
  return order;
}

std::vector<std::string> subset_methods(const CompareData& data) {
  std::vector<std::string> names;
  for (const SubsetRow& row : data.subsets) {
    for (const auto& [name, value] : row.methods) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

double subset_value(const SubsetRow& row, const std::string& method) {
  for (const auto& [name, value] : row.methods) {
    if (name == method) return value;
  }
  return kAbsent;
}

std::string join_modalities(const std::vector<std::string>& modalities) {
  return modalities.empty() ? "(none)" : fmt::format("{}", fmt::join(modalities, " + "));
}

}  // namespace braid::report
