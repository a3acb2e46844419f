#include "data/split.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/rng.h"
#include "data/cells.h"
#include "data/stratify.h"

namespace braid::data {
namespace {

using Rows = std::vector<int64_t>;

Rows known_rows(const Dataset& dataset, const Sinks& sinks) {
  Rows rows;
  const bool has_target = !dataset.config().target.empty();
  for (int64_t row = 0; row < dataset.size(); ++row)
    if (!has_target || dataset.targets().known[row]) rows.push_back(row);
  if (static_cast<int64_t>(rows.size()) < dataset.size())
    sinks.info(fmt::format("{}: {} of {} rows have no target and are not used", dataset.manifest(),
                           dataset.size() - static_cast<int64_t>(rows.size()), dataset.size()));
  return rows;
}

// Without a target all rows are alike.
std::vector<std::vector<int64_t>> strata_of(const Dataset& dataset, const Rows& rows) {
  if (dataset.config().target.empty()) return std::vector<std::vector<int64_t>>(rows.size());
  return data::strata_of(dataset.targets(), rows);
}

Rows groups_of(const Dataset& dataset, const Rows& rows) {
  Rows groups;
  if (dataset.groups().empty()) return groups;
  for (const int64_t row : rows) groups.push_back(dataset.groups()[row]);
  return groups;
}

// Deals `rows` out by fractions; one list of rows per fraction.
std::vector<Rows> deal_rows(const Dataset& dataset, const Rows& rows,
                            const std::vector<double>& fractions, const Rng& rng) {
  const Dealt dealt = deal(strata_of(dataset, rows), groups_of(dataset, rows), fractions,
                           /*first_has_all=*/true, rng);
  std::vector<Rows> parts(fractions.size());
  for (size_t i = 0; i < rows.size(); ++i) parts[dealt.part[i]].push_back(rows[i]);
  const auto wanted =
      std::count_if(fractions.begin(), fractions.end(), [](double f) { return f > 0; });
  BRAID_CHECK(dealt.num_groups >= wanted, data,
              "{}: split: expected at least {} {}, one for each part, got {}; add data or ask for "
              "fewer parts",
              dataset.manifest(), wanted,
              dataset.groups().empty() ? std::string("rows")
                                       : fmt::format("groups of \"{}\"", dataset.config().group),
              dealt.num_groups);
  return parts;
}

// Takes a share of the training rows out; 0 takes nothing.
Rows draw_from(const Dataset& dataset, double share, const Rng& rng, Rows* train) {
  if (share <= 0) return {};
  std::vector<Rows> parts = deal_rows(dataset, *train, {1 - share, share}, rng);
  *train = std::move(parts[0]);
  return std::move(parts[1]);
}

// Rows of every class in a part; empty for regression.
std::vector<int64_t> class_counts(const Dataset& dataset, const Rows& rows) {
  if (dataset.config().target.empty() || dataset.targets().task == metrics::Task::regression)
    return {};
  std::vector<int64_t> counts(dataset.targets().labels.size(), 0);
  for (const auto& strata : strata_of(dataset, rows))
    for (const int64_t stratum : strata) ++counts[stratum];
  return counts;
}

void check_split(const Dataset& dataset, const SplitConfig& config, bool has_test,
                 const Split& split, const std::string& what, const Sinks& sinks) {
  auto check_filled = [&](const Rows& rows, const char* part, bool is_wanted) {
    BRAID_CHECK(!rows.empty() || !is_wanted, data,
                "{}: {}: expected rows{} in {}, got none; add rows or change the split",
                dataset.manifest(), what, dataset.config().target.empty() ? "" : " with a target",
                part);
  };
  check_filled(split.train, "train", true);
  check_filled(split.validation, "validation", config.validation > 0);
  check_filled(split.test, "test", has_test);
  const auto train = class_counts(dataset, split.train);
  const auto test = class_counts(dataset, split.test);
  const auto validation = class_counts(dataset, split.validation);
  for (size_t k = 0; k < train.size(); ++k) {
    const std::string& label = dataset.targets().labels[k];
    BRAID_CHECK(train[k] > 0, data,
                "{}: {}: class '{}': expected rows in train, got none (validation {}, test {}); "
                "add rows of it, "
                "leave the class out or change the split",
                dataset.manifest(), what, label, validation[k], test[k]);
    for (const auto* part : {&validation, &test}) {
      const bool is_test = part == &test;
      if ((*part)[k] == 0 && !(is_test ? split.test : split.validation).empty())
        sinks.warn(
            fmt::format("{}: {}: class '{}' has no row in {}; nothing can be said of it there",
                        dataset.manifest(), what, label, is_test ? "test" : "validation"));
    }
  }
}

// Warns where the user's own column puts one group on several sides.
void warn_of_parted_groups(const Dataset& dataset, const Rows& rows, const std::vector<int>& side,
                           const std::string& column, const Sinks& sinks) {
  if (dataset.groups().empty()) return;
  std::map<int64_t, std::pair<int, int64_t>> first;  // group -> side, row
  std::set<int64_t> parted;
  std::string example;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t group = dataset.groups()[rows[i]];
    const auto [found, is_new] = first.emplace(group, std::make_pair(side[i], rows[i]));
    if (is_new || found->second.first == side[i]) continue;
    if (parted.empty())
      example =
          fmt::format("'{}' in lines {} and {}", dataset.cell(rows[i], dataset.config().group),
                      dataset.table().line(found->second.second), dataset.table().line(rows[i]));
    parted.insert(group);
  }
  if (!parted.empty())
    sinks.warn(fmt::format(
        "{}: column \"{}\": {} of {} groups of \"{}\" stand on more than one side (first {}); "
        "results will look better than they are: correct the column or leave it out",
        dataset.manifest(), column, parted.size(), first.size(), dataset.config().group, example));
}

Split finish_fold(const Dataset& dataset, const SplitConfig& config, const Rows& rows,
                  const std::vector<int>& fold_of, int fold, const std::string& name,
                  const Sinks& sinks) {
  Split split;
  for (size_t i = 0; i < rows.size(); ++i)
    (fold_of[i] == fold ? split.test : split.train).push_back(rows[i]);
  // `validation` is a fraction of all rows; never more than half of what is left for training.
  const double rest = static_cast<double>(std::max<size_t>(1, split.train.size()));
  const double share = std::min(0.5, config.validation * static_cast<double>(rows.size()) / rest);
  const Rng rng =
      Rng(static_cast<uint64_t>(config.seed)).fork("validation").fork(static_cast<uint64_t>(fold));
  split.validation = draw_from(dataset, share, rng, &split.train);
  check_split(dataset, config, /*has_test=*/true, split, name, sinks);
  return split;
}

std::vector<Split> splits_by_fold_column(const Dataset& dataset, const SplitConfig& config,
                                         const Rows& known, const Sinks& sinks) {
  const std::string& column = dataset.config().fold;
  std::vector<std::string> names;
  Rows rows;
  for (const int64_t row : known) {
    const std::string name(trimmed(dataset.cell(row, column)));
    if (name.empty()) continue;
    rows.push_back(row);
    names.push_back(name);
  }
  if (rows.size() < known.size())
    sinks.warn(fmt::format("{}: column \"{}\": {} rows have an empty cell and are not used",
                           dataset.manifest(), column, known.size() - rows.size()));
  const std::vector<std::string> folds = sorted_labels(names);
  BRAID_CHECK(folds.size() >= 2, data,
              "{}: column \"{}\": expected at least 2 folds, got {}; name another column",
              dataset.manifest(), column, folds.size());
  if (config.folds > 0 && config.folds != static_cast<int64_t>(folds.size()))
    sinks.warn(fmt::format("{}: the {} folds of column \"{}\" are used; split.folds={} is not",
                           dataset.manifest(), folds.size(), column, config.folds));
  std::vector<int> fold_of;
  for (const std::string& name : names)
    fold_of.push_back(
        static_cast<int>(std::find(folds.begin(), folds.end(), name) - folds.begin()));
  warn_of_parted_groups(dataset, rows, fold_of, column, sinks);
  std::vector<Split> splits;
  for (size_t fold = 0; fold < folds.size(); ++fold)
    splits.push_back(finish_fold(dataset, config, rows, fold_of, static_cast<int>(fold),
                                 fmt::format("fold '{}'", folds[fold]), sinks));
  return splits;
}

std::vector<Split> splits_by_folds(const Dataset& dataset, const SplitConfig& config,
                                   const Rows& rows, const Sinks& sinks) {
  BRAID_CHECK(config.folds >= 2, config,
              "split.folds: expected 0 (one split) or at least 2, got {}; set split.folds=5",
              config.folds);
  const size_t num_folds = static_cast<size_t>(config.folds);
  const Rows groups = groups_of(dataset, rows);
  const size_t num_groups =
      groups.empty() ? rows.size() : std::set<int64_t>(groups.begin(), groups.end()).size();
  BRAID_CHECK(num_groups >= num_folds, data,
              "{}: split.folds: expected at least {} {}, got {}; set split.folds={}",
              dataset.manifest(), num_folds,
              groups.empty() ? std::string("rows")
                             : fmt::format("groups of \"{}\"", dataset.config().group),
              num_groups, num_groups);
  const Dealt dealt =
      deal(strata_of(dataset, rows), groups,
           std::vector<double>(num_folds, 1.0 / static_cast<double>(num_folds)),
           /*first_has_all=*/false, Rng(static_cast<uint64_t>(config.seed)).fork("folds"));
  std::vector<Split> splits;
  for (size_t fold = 0; fold < num_folds; ++fold)
    splits.push_back(finish_fold(dataset, config, rows, dealt.part, static_cast<int>(fold),
                                 fmt::format("fold {} of {}", fold + 1, num_folds), sinks));
  return splits;
}

Split split_by_column(const Dataset& dataset, const SplitConfig& config, const Rows& known,
                      const Sinks& sinks) {
  const std::string& column = dataset.config().split;
  Split split;
  Rows rows;
  std::vector<int> sides;
  std::map<std::string, std::pair<int64_t, int64_t>> unused;  // value -> rows, first line
  for (const int64_t row : known) {
    const int side = side_of(dataset.cell(row, column));
    if (side < 0) {
      auto& [count, line] = unused[std::string(trimmed(dataset.cell(row, column)))];
      if (count++ == 0) line = dataset.table().line(row);
      continue;
    }
    rows.push_back(row);
    sides.push_back(side);
    (side == 0 ? split.train : side == 1 ? split.validation : split.test).push_back(row);
  }
  std::string examples;
  size_t num_shown = 0;
  for (const auto& [value, seen] : unused) {
    if (num_shown++ == 5) break;
    examples += fmt::format("{}'{}' in {} rows from line {}", examples.empty() ? "" : ", ", value,
                            seen.first, seen.second);
  }
  BRAID_CHECK(!split.train.empty(), data,
              "{}: column \"{}\": expected rows with train, got none{}; correct the column or set "
              "data.split=",
              dataset.manifest(), column, examples.empty() ? "" : fmt::format(" ({})", examples));
  if (!unused.empty())
    sinks.warn(fmt::format(
        "{}: column \"{}\": expected train, val or test, got {}{}; these rows are not used",
        dataset.manifest(), column, examples, unused.size() > 5 ? " and more" : ""));
  warn_of_parted_groups(dataset, rows, sides, column, sinks);
  const Rng rng = Rng(static_cast<uint64_t>(config.seed)).fork("split");
  if (split.test.empty() && config.test > 0) {
    split.test = draw_from(dataset, config.test, rng.fork("test"), &split.train);
    sinks.warn(fmt::format("{}: column \"{}\": no row says test; {} rows are drawn from train",
                           dataset.manifest(), column, split.test.size()));
  }
  if (split.validation.empty()) {
    split.validation = draw_from(dataset, config.validation, rng.fork("validation"), &split.train);
    if (!split.validation.empty())
      sinks.info(fmt::format("{}: column \"{}\": no row says val; {} rows are drawn from train",
                             dataset.manifest(), column, split.validation.size()));
  }
  return split;
}

bool has_split_column(const Dataset& dataset) {
  const std::string& column = dataset.config().split;
  return !column.empty() && dataset.table().column(column) >= 0;
}

// One split, by the split column or drawn.
Split split_once(const Dataset& dataset, const SplitConfig& config, const Rows& rows,
                 const Sinks& sinks) {
  if (has_split_column(dataset)) return split_by_column(dataset, config, rows, sinks);
  BRAID_CHECK(config.validation + config.test < 1, config,
              "split: expected validation + test below 1, got {} + {}; leave rows to train on",
              config.validation, config.test);
  std::vector<Rows> parts = deal_rows(
      dataset, rows, {1 - config.validation - config.test, config.validation, config.test},
      Rng(static_cast<uint64_t>(config.seed)).fork("split"));
  return {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

// [(column, its values)] of config.hold_out.
std::vector<std::pair<std::string, std::set<std::string>>> held_values(const Dataset& dataset,
                                                                       const Json& hold_out) {
  const auto check = [&](bool is_shaped) {
    BRAID_CHECK(is_shaped, config, "split.hold_out: expected {{column: [value, ...]}}, got {}",
                hold_out.dump());
  };
  check(hold_out.is_object());
  std::vector<std::pair<std::string, std::set<std::string>>> columns;
  for (const auto& [column, values] : hold_out.items()) {
    if (dataset.table().column(column) < 0)
      throw Error(ErrorKind::config,
                  "split.hold_out: " + unknown_name("column", column, dataset.table().columns()));
    check(values.is_array() && !values.empty());
    std::set<std::string> texts;
    for (const Json& value : values) {
      check(value.is_string() || value.is_number() || value.is_boolean());
      texts.insert(
          std::string(trimmed(value.is_string() ? value.get<std::string>() : value.dump())));
    }
    columns.emplace_back(column, std::move(texts));
  }
  return columns;
}

// Moves the rows that config.hold_out names from `rows` into the result.
Rows take_held_out(const Dataset& dataset, const Json& hold_out, Rows* rows) {
  const auto columns = held_values(dataset, hold_out);
  // Looks at every column, so that `found` holds all values that rows have.
  std::set<std::pair<std::string, std::string>> found;
  const auto is_held = [&](int64_t row) {
    bool is_any = false;
    for (const auto& [column, texts] : columns) {
      const std::string text(trimmed(dataset.cell(row, column)));
      if (texts.count(text) == 0) continue;
      found.emplace(column, text);
      is_any = true;
    }
    return is_any;
  };
  const auto others =
      std::stable_partition(rows->begin(), rows->end(), [&](int64_t row) { return !is_held(row); });
  for (const auto& [column, texts] : columns)
    for (const std::string& text : texts)
      BRAID_CHECK(found.count({column, text}) > 0, config,
                  "split.hold_out: {}: expected a value of a row{}, got '{}'; write it as the "
                  "manifest does, in quotes",
                  column, dataset.config().target.empty() ? "" : " with a target", text);
  Rows held(others, rows->end());
  rows->erase(others, rows->end());
  return held;
}

// Takes rows that training must not meet, and says how many they are.
template <class Condition>
void leave_out(const Dataset& dataset, const char* which, const Sinks& sinks, Rows* rows,
               const Condition& is_out) {
  const size_t before = rows->size();
  rows->erase(std::remove_if(rows->begin(), rows->end(), is_out), rows->end());
  if (rows->size() < before)
    sinks.info(fmt::format("{}: split.hold_out: {} rows {} are not used", dataset.manifest(),
                           before - rows->size(), which));
}

Split split_around(const Dataset& dataset, const SplitConfig& config, Rows rows,
                   const Sinks& sinks) {
  Rows held = take_held_out(dataset, config.hold_out, &rows);
  if (!dataset.groups().empty()) {
    std::set<int64_t> groups;
    for (const int64_t row : held) groups.insert(dataset.groups()[row]);
    leave_out(dataset, "of held out groups", sinks, &rows,
              [&](int64_t row) { return groups.count(dataset.groups()[row]) > 0; });
  }
  if (has_split_column(dataset))
    leave_out(dataset, "that say test", sinks, &rows,
              [&](int64_t row) { return side_of(dataset.cell(row, dataset.config().split)) == 2; });
  BRAID_CHECK(!rows.empty(), config,
              "split.hold_out: expected rows left to train on, got none; hold out less");
  SplitConfig rest = config;
  rest.test = 0;
  Split split = split_once(dataset, rest, rows, sinks);
  split.test = std::move(held);
  return split;
}

}  // namespace

std::vector<Split> make_splits(const Dataset& dataset, const SplitConfig& config,
                               const Sinks& sinks) {
  const Rows rows = known_rows(dataset, sinks);
  if (!config.hold_out.is_object() || !config.hold_out.empty()) {
    BRAID_CHECK(dataset.config().fold.empty() && config.folds == 0, config,
                "split.hold_out: expected no folds beside it, got {}; leave one of them out",
                config.folds != 0 ? fmt::format("split.folds={}", config.folds)
                                  : fmt::format("data.fold={}", dataset.config().fold));
    Split split = split_around(dataset, config, rows, sinks);
    check_split(dataset, config, /*has_test=*/true, split, "split.hold_out", sinks);
    return {std::move(split)};
  }
  if (!dataset.config().fold.empty()) return splits_by_fold_column(dataset, config, rows, sinks);
  if (config.folds != 0) return splits_by_folds(dataset, config, rows, sinks);
  Split split = split_once(dataset, config, rows, sinks);
  const std::string what =
      has_split_column(dataset) ? fmt::format("column \"{}\"", dataset.config().split) : "split";
  check_split(dataset, config, config.test > 0, split, what, sinks);
  return {std::move(split)};
}

int side_of(std::string_view cell) {
  static const std::map<std::string, int, std::less<>> kSides = {
      {"train", 0}, {"training", 0}, {"val", 1},     {"valid", 1}, {"validation", 1},
      {"dev", 1},   {"test", 2},     {"testing", 2}, {"eval", 2}};
  std::string lower(trimmed(cell));
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto found = kSides.find(lower);
  return found == kSides.end() ? -1 : found->second;
}

}  // namespace braid::data
