#include "index/exact_search.h"

#include <algorithm>

#include "core/thread_pool.h"

namespace braid::index {
namespace {

constexpr int64_t kQueries = 64;  // compared with a block of rows while that is in the cache
constexpr int64_t kRows = 16;

// The best of what was offered, the worst of them in front.
class Best {
 public:
  explicit Best(int64_t count) : count_(static_cast<size_t>(count)) {}
  void offer(const Match& match) {
    if (matches_.size() == count_) {
      if (!is_better(match, matches_.front())) return;
      std::pop_heap(matches_.begin(), matches_.end(), is_better);
      matches_.back() = match;
    } else {
      matches_.push_back(match);
    }
    std::push_heap(matches_.begin(), matches_.end(), is_better);
  }
  std::vector<Match> take_sorted() {
    std::sort(matches_.begin(), matches_.end(), is_better);
    return std::move(matches_);
  }

 private:
  size_t count_;
  std::vector<Match> matches_;
};

struct Range {
  int64_t begin, end;
};

// Range `i` of `count` about equal ones.
Range part_of(int64_t size, int64_t i, int64_t count) {
  return {size * i / count, size * (i + 1) / count};
}

std::vector<Best> search_part(const UnitRows& rows, Range candidates, const UnitRows& queries,
                              Range asked, int64_t k) {
  const int64_t num_asked = asked.end - asked.begin;
  std::vector<Best> best(static_cast<size_t>(num_asked), Best(k));
  std::vector<float> scores(static_cast<size_t>(num_asked * kRows));
  for (int64_t begin = candidates.begin; begin < candidates.end; begin += kRows) {
    const int64_t num_rows = std::min(kRows, candidates.end - begin);
    row_products(queries.row(asked.begin), num_asked, rows.row(begin), num_rows, rows.stride,
                 scores.data());
    for (int64_t q = 0; q < num_asked; ++q)
      for (int64_t r = 0; r < num_rows; ++r)
        best[static_cast<size_t>(q)].offer(
            {begin + r, scores[static_cast<size_t>(q * num_rows + r)]});
  }
  return best;
}

}  // namespace

std::vector<std::vector<Match>> exact_search(const UnitRows& rows, const UnitRows& queries,
                                             int64_t k, int num_threads) {
  k = std::min(k, rows.size);
  const int64_t num_groups = (queries.size + kQueries - 1) / kQueries;
  // Few queries share the rows out instead of themselves.
  const int64_t num_parts = num_groups >= num_threads ? 1 : num_threads;
  std::vector<std::vector<Best>> found(static_cast<size_t>(num_groups * num_parts));
  parallel_for(num_groups * num_parts, num_threads, [&](int64_t i) {
    const int64_t first = i / num_parts * kQueries;
    found[static_cast<size_t>(i)] =
        search_part(rows, part_of(rows.size, i % num_parts, num_parts), queries,
                    {first, std::min(first + kQueries, queries.size)}, k);
  });
  std::vector<std::vector<Match>> result;
  result.reserve(static_cast<size_t>(queries.size));
  for (int64_t q = 0; q < queries.size; ++q) {
    std::vector<Match> merged;
    for (int64_t p = 0; p < num_parts; ++p) {
      auto& part = found[static_cast<size_t>(q / kQueries * num_parts + p)];
      const std::vector<Match> some = part[static_cast<size_t>(q % kQueries)].take_sorted();
      merged.insert(merged.end(), some.begin(), some.end());
    }
    if (num_parts > 1) std::sort(merged.begin(), merged.end(), is_better);
    merged.resize(std::min(merged.size(), static_cast<size_t>(k)));
    result.push_back(std::move(merged));
  }
  return result;
}

}  // namespace braid::index
