#include "metrics/retrieval.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.h"
#include "core/thread_pool.h"

namespace braid::metrics {
namespace {

void check_answers(int64_t num_queries, int64_t num_candidates, const Answers& relevant) {
  BRAID_CHECK(num_queries >= 1, shape, "retrieval: expected at least one query, got none");
  BRAID_CHECK(num_candidates >= 1, shape, "retrieval: expected at least one candidate, got none");
  BRAID_CHECK(static_cast<int64_t>(relevant.size()) == num_queries, shape,
              "retrieval: expected answers for {} queries, got {}", num_queries, relevant.size());
  for (size_t q = 0; q < relevant.size(); ++q) {
    BRAID_CHECK(!relevant[q].empty(), data,
                "retrieval: query {}: expected at least one answer, got none; leave the query out",
                q);
    std::vector<int64_t> answers = relevant[q];
    std::sort(answers.begin(), answers.end());
    BRAID_CHECK(answers.front() >= 0 && answers.back() < num_candidates, data,
                "retrieval: query {}: expected answers from 0 to {}, got {}", q, num_candidates - 1,
                answers.front() < 0 ? answers.front() : answers.back());
    BRAID_CHECK(std::adjacent_find(answers.begin(), answers.end()) == answers.end(), data,
                "retrieval: query {}: expected each answer once, got one twice", q);
  }
}

void check_numbers(const float* scores, int64_t num_candidates, int64_t query) {
  bool has_nan = false;
  for (int64_t c = 0; c < num_candidates; ++c) has_nan |= scores[c] != scores[c];
  if (!has_nan) return;
  const float* found =
      std::find_if(scores, scores + num_candidates, [](float score) { return std::isnan(score); });
  fail(ErrorKind::numeric,
       "retrieval: query {}, candidate {}: expected a number, got NaN; did training diverge?",
       query, found - scores);
}

// How many of the candidates, answers included, score as high as each of `answers` (best first) or
// higher.
std::vector<int64_t> count_at_least(const float* scores, int64_t num_candidates,
                                    const std::vector<float>& answers) {
  std::vector<int64_t> counts(answers.size(), 0);
  if (answers.size() == 1) {
    const float answer = answers[0];
    int64_t count = 0;
    for (int64_t c = 0; c < num_candidates; ++c) count += scores[c] >= answer;
    counts[0] = count;
    return counts;
  }
  for (int64_t c = 0; c < num_candidates; ++c) {
    const auto first =
        std::lower_bound(answers.begin(), answers.end(), scores[c], std::greater<float>());
    if (first != answers.end()) ++counts[static_cast<size_t>(first - answers.begin())];
  }
  for (size_t j = 1; j < counts.size(); ++j) counts[j] += counts[j - 1];
  // Equal answers were all counted at the first of them.
  return counts;
}

RankedQuery rank_one(const float* scores, int64_t num_candidates,
                     const std::vector<int64_t>& relevant) {
  std::vector<float> answers;
  for (const int64_t answer : relevant) answers.push_back(scores[answer]);
  std::sort(answers.begin(), answers.end(), std::greater<float>());
  const std::vector<int64_t> at_least = count_at_least(scores, num_candidates, answers);
  RankedQuery query;
  for (size_t j = 0; j < answers.size(); ++j) {
    const auto after =
        std::upper_bound(answers.begin(), answers.end(), answers[j], std::greater<float>());
    const int64_t others = at_least[j] - (after - answers.begin());
    const double rank = static_cast<double>(others) + static_cast<double>(j + 1);
    if (j == 0) query.rank = rank;
    query.average_precision += static_cast<double>(j + 1) / rank;
  }
  query.average_precision /= static_cast<double>(answers.size());
  return query;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

std::vector<RankedQuery> rank_queries(const std::vector<float>& similarity, int64_t num_candidates,
                                      const Answers& relevant) {
  const int64_t num_queries = static_cast<int64_t>(relevant.size());
  check_answers(num_queries, num_candidates, relevant);
  BRAID_CHECK(static_cast<int64_t>(similarity.size()) == num_queries * num_candidates, shape,
              "retrieval: similarity: expected [{}, {}], got {} values", num_queries,
              num_candidates, similarity.size());
  std::vector<RankedQuery> ranked;
  ranked.reserve(relevant.size());
  for (int64_t q = 0; q < num_queries; ++q) {
    const float* scores = similarity.data() + q * num_candidates;
    check_numbers(scores, num_candidates, q);
    ranked.push_back(rank_one(scores, num_candidates, relevant[static_cast<size_t>(q)]));
  }
  return ranked;
}

std::vector<RankedQuery> rank_queries(const UnitRows& queries, const UnitRows& candidates,
                                      const Answers& relevant, int num_threads) {
  check_answers(queries.size, candidates.size, relevant);
  BRAID_CHECK(queries.width == candidates.width, shape,
              "retrieval: expected queries and candidates of one width, got {} and {}",
              queries.width, candidates.width);
  constexpr int64_t kQueries = 32, kCandidates = 16;  // a block of candidates stays in the cache
  std::vector<RankedQuery> ranked(static_cast<size_t>(queries.size));
  parallel_for(
      (queries.size + kQueries - 1) / kQueries, resolve_threads(num_threads), [&](int64_t group) {
        const int64_t first = group * kQueries;
        const int64_t count = std::min(kQueries, queries.size - first);
        std::vector<float> scores(static_cast<size_t>(count * candidates.size));
        std::vector<float> block(static_cast<size_t>(count * kCandidates));
        for (int64_t c = 0; c < candidates.size; c += kCandidates) {
          const int64_t width = std::min(kCandidates, candidates.size - c);
          row_products(queries.row(first), count, candidates.row(c), width, queries.stride,
                       block.data());
          for (int64_t q = 0; q < count; ++q)
            std::copy_n(block.data() + q * width, width, scores.data() + q * candidates.size + c);
        }
        for (int64_t q = 0; q < count; ++q) {
          const auto i = static_cast<size_t>(first + q);
          ranked[i] = rank_one(scores.data() + q * candidates.size, candidates.size, relevant[i]);
        }
      });
  return ranked;
}

Retrieval summarize(const std::vector<RankedQuery>& queries) {
  BRAID_CHECK(!queries.empty(), shape, "retrieval: expected at least one query, got none");
  Retrieval result;
  std::vector<double> ranks;
  ranks.reserve(queries.size());
  for (const RankedQuery& query : queries) {
    ranks.push_back(query.rank);
    result.recall_1 += query.rank <= 1;
    result.recall_5 += query.rank <= 5;
    result.recall_10 += query.rank <= 10;
    result.mean_average_precision += query.average_precision;
  }
  const double count = static_cast<double>(queries.size());
  for (double* mean :
       {&result.recall_1, &result.recall_5, &result.recall_10, &result.mean_average_precision})
    *mean /= count;
  result.median_rank = median(std::move(ranks));
  result.num_queries = static_cast<int64_t>(queries.size());
  return result;
}

Retrieval retrieval(const std::vector<float>& similarity, int64_t num_candidates,
                    const Answers& relevant) {
  return summarize(rank_queries(similarity, num_candidates, relevant));
}

RetrievalIntervals retrieval_intervals(const std::vector<RankedQuery>& queries,
                                       const std::vector<int64_t>& groups,
                                       const BootstrapOptions& options) {
  BRAID_CHECK(!queries.empty(), shape, "retrieval: expected at least one query, got none");
  const auto statistics = [&](const std::vector<int64_t>& rows) {
    std::vector<RankedQuery> drawn;
    drawn.reserve(rows.size());
    for (const int64_t row : rows) drawn.push_back(queries[static_cast<size_t>(row)]);
    const Retrieval all = summarize(drawn);
    return std::vector<double>{all.recall_1, all.recall_5, all.recall_10, all.median_rank,
                               all.mean_average_precision};
  };
  const std::vector<Interval> all =
      bootstrap_rows(static_cast<int64_t>(queries.size()), groups, statistics, options);
  return {all[0], all[1], all[2], all[3], all[4]};
}

}  // namespace braid::metrics
