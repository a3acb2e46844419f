#include "data/stratify.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

namespace braid::data {
namespace {

struct Group {
  std::vector<size_t> rows;
  std::vector<std::pair<int64_t, int64_t>> counts;  // stratum, rows of it; ascending
};

std::vector<Group> gather(const std::vector<std::vector<int64_t>>& strata,
                          const std::vector<int64_t>& groups) {
  std::vector<Group> gathered;
  std::unordered_map<int64_t, size_t> index;
  for (size_t row = 0; row < strata.size(); ++row) {
    size_t at = gathered.size();
    if (!groups.empty()) at = index.emplace(groups[row], at).first->second;
    if (at == gathered.size()) gathered.emplace_back();
    gathered[at].rows.push_back(row);
  }
  for (Group& group : gathered) {
    std::map<int64_t, int64_t> counts;
    for (const size_t row : group.rows)
      for (const int64_t stratum : strata[row]) ++counts[stratum];
    group.counts.assign(counts.begin(), counts.end());
  }
  return gathered;
}

// What the parts hold and still lack, per stratum.
class Parts {
 public:
  Parts(const std::vector<Group>& groups, const std::vector<double>& fractions)
      : groups_(groups), num_groups_(fractions.size(), 0), part_(groups.size(), -1) {
    int64_t num_strata = 0;
    for (const Group& group : groups)
      if (!group.counts.empty()) num_strata = std::max(num_strata, group.counts.back().first + 1);
    totals_.assign(num_strata, 0);
    for (const Group& group : groups) {
      num_rows_ += static_cast<double>(group.rows.size());
      for (const auto& [stratum, count] : group.counts)
        totals_[stratum] += static_cast<double>(count);
    }
    have_.assign(fractions.size(), std::vector<double>(num_strata, 0));
    rows_.assign(fractions.size(), 0);
    fractions_ = fractions;
  }

  // The gain of giving the group to the part: the fall of the summed squares of relative lacks.
  double gain(size_t group, size_t part) const {
    double sum = 0;
    for (const auto& [stratum, count] : groups_[group].counts) {
      const double lack = fractions_[part] * totals_[stratum] - have_[part][stratum];
      sum += static_cast<double>(count) * lack / (totals_[stratum] * totals_[stratum]);
    }
    return sum;
  }
  double row_lack(size_t part) const { return fractions_[part] * num_rows_ - rows_[part]; }

  void move(size_t group, int to) {
    for (const int part : {part_[group], to}) {
      if (part < 0) continue;
      const double sign = part == to ? 1 : -1;
      for (const auto& [stratum, count] : groups_[group].counts)
        have_[part][stratum] += sign * static_cast<double>(count);
      rows_[part] += sign * static_cast<double>(groups_[group].rows.size());
      num_groups_[part] += static_cast<int64_t>(sign);
    }
    part_[group] = to;
  }

  // The smallest group of another part that can spare it and (stratum >= 0) holds the stratum;
  // groups.size() = none.
  size_t smallest_spare(int to, int64_t stratum) const {
    size_t best = groups_.size();
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (part_[g] == to || num_groups_[part_[g]] < 2) continue;
      const auto& counts = groups_[g].counts;
      const bool holds =
          stratum < 0 || std::any_of(counts.begin(), counts.end(),
                                     [&](const auto& c) { return c.first == stratum; });
      if (holds && (best == groups_.size() || groups_[g].rows.size() < groups_[best].rows.size()))
        best = g;
    }
    return best;
  }

  void complete_first() {
    for (size_t stratum = 0; stratum < totals_.size(); ++stratum) {
      if (totals_[stratum] == 0 || have_[0][stratum] > 0) continue;
      const size_t spare = smallest_spare(0, static_cast<int64_t>(stratum));
      if (spare < groups_.size()) move(spare, 0);
    }
  }
  void fill_empty() {
    for (size_t part = 0; part < fractions_.size(); ++part) {
      if (fractions_[part] <= 0 || num_groups_[part] > 0) continue;
      const size_t spare = spare_for_empty(static_cast<int>(part));
      if (spare < groups_.size()) move(spare, static_cast<int>(part));
    }
  }

  const std::vector<int>& part() const { return part_; }

 private:
  // As smallest_spare, but takes nothing from part 0 that is the last there of its stratum.
  size_t spare_for_empty(int to) const {
    size_t best = groups_.size();
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (part_[g] == to || num_groups_[part_[g]] < 2) continue;
      bool is_last = false;
      for (const auto& [stratum, count] : groups_[g].counts)
        is_last = is_last || (part_[g] == 0 && have_[0][stratum] <= static_cast<double>(count));
      if (!is_last &&
          (best == groups_.size() || groups_[g].rows.size() < groups_[best].rows.size()))
        best = g;
    }
    return best;
  }

  const std::vector<Group>& groups_;
  std::vector<double> fractions_, totals_, rows_;
  std::vector<std::vector<double>> have_;
  std::vector<int64_t> num_groups_;
  std::vector<int> part_;
  double num_rows_ = 0;
};

}  // namespace

std::vector<std::vector<int64_t>> strata_of(const Targets& targets,
                                            const std::vector<int64_t>& rows) {
  std::vector<std::vector<int64_t>> strata(rows.size());
  const size_t width = targets.labels.size();
  if (targets.task == metrics::Task::regression) {
    std::vector<double> sorted;
    for (const int64_t row : rows) sorted.push_back(targets.values[row]);
    std::sort(sorted.begin(), sorted.end());
    const size_t num_bins = std::clamp<size_t>(rows.size() / 20, 1, 10);
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto rank =
          std::lower_bound(sorted.begin(), sorted.end(), targets.values[rows[i]]) - sorted.begin();
      strata[i] = {static_cast<int64_t>(static_cast<size_t>(rank) * num_bins / rows.size())};
    }
    return strata;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (targets.task != metrics::Task::multilabel) {
      strata[i] = {static_cast<int64_t>(targets.values[rows[i]])};
      continue;
    }
    for (size_t k = 0; k < width; ++k)
      if (targets.values[rows[i] * width + k] != 0) strata[i].push_back(static_cast<int64_t>(k));
  }
  return strata;
}

Dealt deal(const std::vector<std::vector<int64_t>>& strata, const std::vector<int64_t>& groups,
           const std::vector<double>& fractions, bool first_has_all, Rng rng) {
  const std::vector<Group> gathered = gather(strata, groups);
  std::vector<size_t> order(gathered.size());
  std::iota(order.begin(), order.end(), size_t{0});
  rng.shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return gathered[a].rows.size() > gathered[b].rows.size();
  });
  Parts parts(gathered, fractions);
  for (const size_t group : order) {
    size_t best = 0;
    for (size_t part = 1; part < fractions.size(); ++part) {
      if (fractions[part] <= 0) continue;
      const double more = parts.gain(group, part) - parts.gain(group, best);
      // Ties of the classes are settled by the plain number of rows, so that small classes do not
      // all end in part 0.
      if (more > 0 || (more == 0 && parts.row_lack(part) > parts.row_lack(best))) best = part;
    }
    parts.move(group, static_cast<int>(best));
  }
  if (first_has_all) parts.complete_first();
  parts.fill_empty();
  Dealt dealt;
  dealt.num_groups = static_cast<int64_t>(gathered.size());
  dealt.part.assign(strata.size(), 0);
  for (size_t g = 0; g < gathered.size(); ++g)
    for (const size_t row : gathered[g].rows) dealt.part[row] = parts.part()[g];
  return dealt;
}

}  // namespace braid::data
