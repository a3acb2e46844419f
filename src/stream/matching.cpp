#include "stream/matching.h"

#include <algorithm>

namespace braid::stream {
namespace {

// The newest row that is not after `time_ns`; there is one.
int64_t row_before(const Ring& ring, int64_t time_ns) {
  int64_t row = 0;
  while (row + 1 < static_cast<int64_t>(ring.size()) &&
         ring.time(static_cast<size_t>(row + 1)) <= time_ns)
    ++row;
  return row;
}

// How far a stream's row lies behind the pivot, and its next row before it; INT64_MAX where there
// is none that is final.
struct Choice {
  int64_t behind = 0, ahead = INT64_MAX;
};

Choice choice_of(const Ring& ring, int64_t row, int64_t pivot_ns, int64_t final_ns) {
  Choice choice;
  choice.behind = pivot_ns - ring.time(static_cast<size_t>(row));
  const size_t next = static_cast<size_t>(row) + 1;
  if (choice.behind == 0)
    choice.ahead = 0;
  else if (next < ring.size() && ring.time(next) < final_ns)
    choice.ahead = ring.time(next) - pivot_ns;
  return choice;
}

}  // namespace

bool find_match(const std::vector<const Ring*>& rings, int64_t final_ns, int64_t tolerance_ns,
                Match* match) {
  const size_t S = rings.size();
  const auto head = [&](size_t s) { return rings[s]->time(0); };
  const auto has_final = [&](size_t s) { return rings[s]->size() > 0 && head(s) < final_ns; };
  int64_t first = INT64_MAX;
  bool all_have = true;
  for (size_t s = 0; s < S; ++s) {
    if (has_final(s))
      first = std::min(first, head(s));
    else
      all_have = false;
  }
  const int64_t latest = align::saturating_add(first, tolerance_ns);
  const bool is_end = final_ns == INT64_MAX;  // nothing comes any more
  if (first == INT64_MAX || (!is_end && !all_have && final_ns <= latest)) return false;
  // Who takes part, and the pivot.
  int64_t pivot = first;
  match->rows.assign(S, -1);
  for (size_t s = 0; s < S; ++s) {
    if (!has_final(s) || head(s) > latest) continue;
    match->rows[s] = 0;
    pivot = std::max(pivot, head(s));
  }
  // Without a row after the pivot the span is that of the rows furthest behind it.
  int64_t best = 0, best_behind = 0;
  bool all_ahead = true;
  for (size_t s = 0; s < S; ++s) {
    if (match->rows[s] < 0) continue;
    match->rows[s] = row_before(*rings[s], pivot);
    const Choice choice = choice_of(*rings[s], match->rows[s], pivot, final_ns);
    best = std::max(best, choice.behind);
    all_ahead = all_ahead && choice.ahead != INT64_MAX;
  }
  best_behind = best;
  if (!is_end && !all_ahead && final_ns <= align::saturating_add(pivot, best)) return false;
  // Rows further behind than one of them are replaced by those after the pivot.
  const int64_t all_behind = best;
  for (size_t k = 0; k < S; ++k) {
    if (match->rows[k] < 0) continue;
    const int64_t behind = choice_of(*rings[k], match->rows[k], pivot, final_ns).behind;
    int64_t ahead = 0;
    for (size_t s = 0; s < S; ++s) {
      if (match->rows[s] < 0) continue;
      const Choice choice = choice_of(*rings[s], match->rows[s], pivot, final_ns);
      if (choice.behind > behind) ahead = std::max(ahead, choice.ahead);
    }
    const int64_t span = align::saturating_add(behind, ahead);
    if (behind < all_behind && (span < best || (span == best && behind > best_behind))) {
      best = span;
      best_behind = behind;
    }
  }
  for (size_t s = 0; s < S; ++s)
    if (match->rows[s] >= 0 &&
        choice_of(*rings[s], match->rows[s], pivot, final_ns).behind > best_behind)
      ++match->rows[s];
  match->time_ns = pivot;
  return true;
}

}  // namespace braid::stream
