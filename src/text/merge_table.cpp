#include "text/merge_table.h"

#include <algorithm>
#include <queue>

namespace braid::text {
namespace {

/// Up to here looking for the lowest rank anew each time is faster than a heap.
constexpr size_t kFew = 96;

struct Link {
  Symbol symbol;
  int32_t previous, next;  // -1: none
};

struct Candidate {
  Merge merge;
  uint32_t at;
  /// For std::priority_queue: true where *this comes later.
  bool operator<(const Candidate& other) const {
    return merge.rank != other.merge.rank ? merge.rank > other.merge.rank : at > other.at;
  }
};

}  // namespace

MergeTable::MergeTable(size_t num_merges) {
  size_t size = 64;
  while (size < 2 * num_merges) size *= 2;
  places_.resize(size);
}

void MergeTable::set(int32_t left, int32_t right, Merge merge) {
  const uint64_t key = key_of(left, right);
  places_[place_of(key)] = {key, merge};
}

void MergeTable::merge_all(std::vector<Symbol>& symbols) const {
  if (symbols.size() <= kFew)
    merge_few(symbols);
  else
    merge_many(symbols);
}

void MergeTable::merge_few(std::vector<Symbol>& symbols) const {
  size_t size = symbols.size();
  if (size < 2) return;
  Merge merges[kFew];  // of each symbol and the next
  for (size_t i = 0; i + 1 < size; ++i) merges[i] = find(symbols[i].id, symbols[i + 1].id);
  while (size > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < size; ++i)
      if (merges[i].rank < merges[best].rank) best = i;
    if (merges[best].rank == UINT32_MAX) break;
    symbols[best] = {merges[best].id, symbols[best].num_bytes + symbols[best + 1].num_bytes};
    for (size_t i = best + 1; i + 1 < size; ++i) {
      symbols[i] = symbols[i + 1];
      if (i + 2 < size) merges[i] = merges[i + 1];
    }
    --size;
    if (best > 0) merges[best - 1] = find(symbols[best - 1].id, symbols[best].id);
    if (best + 1 < size) merges[best] = find(symbols[best].id, symbols[best + 1].id);
  }
  symbols.resize(size);
}

void MergeTable::merge_many(std::vector<Symbol>& symbols) const {
  std::vector<Link> links(symbols.size());
  const auto last = static_cast<int32_t>(symbols.size()) - 1;
  for (int32_t i = 0; i <= last; ++i)
    links[static_cast<size_t>(i)] = {symbols[static_cast<size_t>(i)], i - 1, i < last ? i + 1 : -1};
  std::vector<Candidate> initial;
  const auto candidate = [&](int32_t left) {
    const Link& link = links[static_cast<size_t>(left)];
    return Candidate{find(link.symbol.id, links[static_cast<size_t>(link.next)].symbol.id),
                     static_cast<uint32_t>(left)};
  };
  for (int32_t i = 0; i < last; ++i) {
    const Candidate found = candidate(i);
    if (found.merge.id >= 0) initial.push_back(found);
  }
  std::priority_queue<Candidate> queue(std::less<Candidate>(), std::move(initial));
  const auto offer = [&](int32_t left) {
    const Candidate found = candidate(left);
    if (found.merge.id >= 0) queue.push(found);
  };
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Link& link = links[best.at];
    if (link.symbol.num_bytes == 0 || link.next < 0) continue;  // merged into another, or the last
    const auto at = static_cast<int32_t>(best.at);
    if (candidate(at).merge.id != best.merge.id) continue;  // its neighbour has changed
    Link& right = links[static_cast<size_t>(link.next)];
    link.symbol = {best.merge.id, link.symbol.num_bytes + right.symbol.num_bytes};
    link.next = right.next;
    right.symbol.num_bytes = 0;
    if (link.next >= 0) links[static_cast<size_t>(link.next)].previous = at;
    if (link.previous >= 0) offer(link.previous);
    if (link.next >= 0) offer(at);
  }
  symbols.clear();
  for (const Link& link : links)
    if (link.symbol.num_bytes > 0) symbols.push_back(link.symbol);
}

}  // namespace braid::text
