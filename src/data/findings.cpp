#include "data/findings.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/cells.h"
#include "data/leak.h"

namespace braid::data {
namespace {

constexpr size_t kMaxPlaces = 10;
constexpr int64_t kRareClass = 5;
constexpr double kWordsOfNote = 5;  // shorter texts repeat by chance

using Places = std::vector<std::string>;

std::string counted(size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string target_of(const Dataset& dataset, int64_t row) {
  const std::string& target = dataset.config().target;
  return target.empty() ? std::string() : std::string(trimmed(dataset.cell(row, target)));
}

void find_unreadable(const Dataset& dataset, const Modality& modality,
                     const std::vector<Surveyed>& cells, Findings* findings) {
  Places bad, silent, partial;
  int64_t num_present = 0;
  for (size_t row = 0; row < cells.size(); ++row) {
    const std::string where = dataset.where(static_cast<int64_t>(row));
    num_present += cells[row].is_present ? 1 : 0;
    if (cells[row].is_present && !cells[row].is_readable)
      bad.push_back(fmt::format("{}: {}: {}", where, modality.name, cells[row].problem));
    if (!cells[row].note.empty())
      partial.push_back(fmt::format("{}: {}: {}", where, cells[row].file, cells[row].note));
    if (cells[row].is_silent) silent.push_back(fmt::format("{}: {}", where, cells[row].file));
  }
  if (!bad.empty())
    findings->add("unreadable",
                  fmt::format("{} of {} files of '{}' cannot be read", bad.size(), num_present,
                              modality.name),
                  "repair them, empty their cells or set data.skip_bad=true", bad);
  if (!partial.empty())
    findings->add("partial",
                  fmt::format("{} of '{}' that can be read in part",
                              counted(partial.size(), "file"), modality.name),
                  "what there is of them is used; empty their cells if that is too little",
                  partial);
  if (!silent.empty())
    findings->add("silent",
                  fmt::format("{} of '{}' holding silence alone", counted(silent.size(), "file"),
                              modality.name),
                  "empty their cells, so that they count as missing", silent);
}

// Rows of the same content, per content that stands in several.
std::vector<std::vector<int64_t>> repeats_of(const std::vector<Surveyed>& cells, Kind kind) {
  std::map<uint64_t, std::vector<int64_t>> rows_of;
  for (size_t row = 0; row < cells.size(); ++row)
    if (cells[row].is_readable && (kind != Kind::text || cells[row].width >= kWordsOfNote))
      rows_of[cells[row].hash].push_back(static_cast<int64_t>(row));
  std::vector<std::vector<int64_t>> repeats;
  for (auto& [hash, rows] : rows_of)
    if (rows.size() > 1) repeats.push_back(std::move(rows));
  std::sort(repeats.begin(), repeats.end());
  return repeats;
}

void find_repeats(const Dataset& dataset, const Modality& modality,
                  const std::vector<Surveyed>& cells, const std::vector<int>& sides, bool is_fold,
                  Findings* findings) {
  Places plain, leaking, conflicting;
  for (const std::vector<int64_t>& rows : repeats_of(cells, modality.kind)) {
    std::set<int> on;
    std::set<std::string> targets;
    Places places;
    for (const int64_t row : rows) {
      if (sides[row] >= 0) on.insert(sides[row]);
      const std::string target = target_of(dataset, row);
      if (!target.empty()) targets.insert(target);
      if (places.size() == 4) places.push_back("...");
      if (places.size() < 4)
        places.push_back(fmt::format("{} ({}{}{})", dataset.where(row),
                                     side_name(sides[row], is_fold), target.empty() ? "" : ", ",
                                     target));
    }
    const std::string place = fmt::format("{}", fmt::join(places, " = "));
    plain.push_back(place);
    if (on.size() > 1) leaking.push_back(place);
    if (targets.size() > 1) conflicting.push_back(place);
  }
  const char* const what = modality.kind == Kind::text ? "text" : "file";
  if (!plain.empty() && modality.kind != Kind::text)
    findings->add("duplicate",
                  fmt::format("{} of '{}' found in more than one row", counted(plain.size(), what),
                              modality.name),
                  "leave the repeats out, or name a group column that keeps them together", plain);
  if (!leaking.empty())
    findings->add(
        "leak",
        fmt::format("{} of '{}' found on more than one side of the split",
                    counted(leaking.size(), what), modality.name),
        "results will look better than they are: name a group column that keeps them together",
        leaking);
  if (!conflicting.empty() && modality.kind != Kind::text &&
      dataset.targets().task != metrics::Task::regression)
    findings->add("conflict",
                  fmt::format("{} of '{}' found beside different targets",
                              counted(conflicting.size(), what), modality.name),
                  "check the labels of these rows", conflicting);
}

void find_constant(const Dataset& dataset, Findings* findings) {
  if (dataset.size() < 2) return;
  for (const Modality& modality : dataset.modalities()) {
    const bool is_of_files = modality.kind != Kind::text && modality.kind != Kind::tabular &&
                             modality.kind != Kind::embedding;
    if (is_of_files) continue;
    for (const std::string& column : modality.fields) {
      std::set<std::string> values;
      for (int64_t row = 0; row < dataset.size() && values.size() < 2; ++row) {
        const std::string value(trimmed(dataset.cell(row, column)));
        if (!value.empty()) values.insert(value);
      }
      if (values.size() < 2)
        findings->add("constant",
                      values.empty()
                          ? fmt::format("column \"{}\" is empty in every row", column)
                          : fmt::format("column \"{}\" is \"{}\" in every row that has it", column,
                                        *values.begin()),
                      "add it to exclude");
    }
  }
}

void find_in_classes(const Dataset& dataset, Findings* findings) {
  const Targets& targets = dataset.targets();
  std::map<std::string, std::string> by_lower;
  for (size_t k = 0; k < targets.labels.size(); ++k) {
    const std::string& label = targets.labels[k];
    int64_t num_rows = 0;
    for (int64_t row = 0; row < dataset.size(); ++row) {
      if (!targets.known[row]) continue;
      num_rows += targets.task == metrics::Task::multilabel
                      ? targets.values[row * targets.labels.size() + k] != 0
                      : targets.values[row] == static_cast<double>(k);
    }
    if (num_rows < kRareClass)
      findings->add(
          "rare_class",
          fmt::format("class '{}' has {}", label, counted(static_cast<size_t>(num_rows), "row")),
          "add rows of it, merge it with another class or leave it out");
    std::string lower = label;
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto [found, is_new] = by_lower.emplace(lower, label);
    if (!is_new)
      findings->add("label_case",
                    fmt::format("classes '{}' and '{}' differ in upper and lower case alone",
                                found->second, label),
                    "write them alike if they are one class");
  }
}

}  // namespace

std::vector<int> sides_of(int64_t num_rows, const std::vector<Split>& splits) {
  std::vector<int> sides(num_rows, -1);
  for (size_t i = 0; i < splits.size(); ++i) {
    const bool is_fold = splits.size() > 1;
    for (const int64_t row : splits[i].test) sides[row] = is_fold ? static_cast<int>(i) : 2;
    if (is_fold) continue;
    for (const int64_t row : splits[i].train) sides[row] = 0;
    for (const int64_t row : splits[i].validation) sides[row] = 1;
  }
  return sides;
}

std::string side_name(int side, bool is_fold) {
  if (side < 0) return "unused";
  if (is_fold) return fmt::format("fold {}", side + 1);
  return side == 0 ? "train" : side == 1 ? "validation" : "test";
}

void Findings::add(const std::string& kind, const std::string& message, const std::string& advice,
                   const std::vector<std::string>& where) {
  Json places = Json::array();
  for (size_t i = 0; i < std::min(where.size(), kMaxPlaces); ++i) places.push_back(where[i]);
  list_.push_back({{"kind", kind},
                   {"message", message},
                   {"advice", advice},
                   {"count", std::max<size_t>(1, where.size())},
                   {"where", places}});
}

void find_in_media(const Dataset& dataset, const std::vector<std::vector<Surveyed>>& media,
                   const std::vector<int>& sides, bool is_fold, Findings* findings) {
  for (size_t m = 0; m < media.size(); ++m) {
    if (media[m].empty()) continue;
    find_unreadable(dataset, dataset.modalities()[m], media[m], findings);
    find_repeats(dataset, dataset.modalities()[m], media[m], sides, is_fold, findings);
  }
}

void find_in_table(const Dataset& dataset, const std::vector<std::vector<uint8_t>>& present,
                   Findings* findings) {
  if (!dataset.skipped().empty())
    findings->add("row_left_out",
                  counted(dataset.skipped().size(), "row") + " left out by skip_bad",
                  "correct their cells", dataset.skipped());
  Places empty;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    const bool has_any = std::any_of(present.begin(), present.end(),
                                     [&](const auto& rows) { return rows[row] != 0; });
    if (!has_any) empty.push_back(dataset.where(row));
  }
  if (!empty.empty())
    findings->add("empty_row", counted(empty.size(), "row") + " without any input",
                  "leave them out", empty);
  find_constant(dataset, findings);
  for (const Leak& leak : find_leaks(dataset))
    findings->add("telltale", fmt::format("column \"{}\" tells the target away", leak.column),
                  "if it is not known at prediction time, add it to exclude", {leak.message});
  find_in_classes(dataset, findings);
}

}  // namespace braid::data
