#include "metrics/retrieval.h"

#include <numeric>

#include "core/rng.h"
#include "examples.h"

using namespace braid;
using namespace braid::metrics;
using braid::metrics::examples::error_of;
using ::testing::HasSubstr;

namespace {

std::vector<float> random_values(int64_t count, uint64_t seed) {
  Rng random(seed);
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(float(random.normal()));
  return values;
}

// Query i is answered by candidate i.
Answers pairs(int64_t count) {
  Answers relevant;
  for (int64_t i = 0; i < count; ++i) relevant.push_back({i});
  return relevant;
}

void expect_same(const Retrieval& a, const Retrieval& b) {
  EXPECT_DOUBLE_EQ(a.recall_1, b.recall_1);
  EXPECT_DOUBLE_EQ(a.recall_5, b.recall_5);
  EXPECT_DOUBLE_EQ(a.recall_10, b.recall_10);
  EXPECT_DOUBLE_EQ(a.median_rank, b.median_rank);
  EXPECT_NEAR(a.mean_average_precision, b.mean_average_precision, 1e-12);
  EXPECT_EQ(a.num_queries, b.num_queries);
}

}  // namespace

TEST(retrieval, by_hand) {
  // Query 0: its answer is first: rank 1, precision 1.
  // Query 1: its answer ties with another candidate, which stands before it: rank 2, precision 1/2.
  // Query 2: answers are first and third (.4 | .3 | .2): rank 1, precision (1/1 + 2/3) / 2 = 5/6.
  const std::vector<float> similarity = {.9f, .1f, .5f, .3f, .2f, .4f,
                                         .4f, .1f, .1f, .2f, .3f, .4f};
  const Answers relevant = {{0}, {1}, {1, 3}};
  const std::vector<RankedQuery> ranked = rank_queries(similarity, 4, relevant);
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].rank, 1);
  EXPECT_EQ(ranked[1].rank, 2);
  EXPECT_EQ(ranked[2].rank, 1);
  EXPECT_DOUBLE_EQ(ranked[0].average_precision, 1);
  EXPECT_DOUBLE_EQ(ranked[1].average_precision, 1.0 / 2);
  EXPECT_DOUBLE_EQ(ranked[2].average_precision, 5.0 / 6);
  const Retrieval all = retrieval(similarity, 4, relevant);
  EXPECT_DOUBLE_EQ(all.recall_1, 2.0 / 3);
  EXPECT_EQ(all.recall_5, 1);
  EXPECT_EQ(all.recall_10, 1);
  EXPECT_EQ(all.median_rank, 1);
  EXPECT_DOUBLE_EQ(all.mean_average_precision, (1 + 1.0 / 2 + 5.0 / 6) / 3);
  EXPECT_EQ(all.num_queries, 3);
}

TEST(retrieval, answers_that_tie_with_each_other_keep_their_places) {
  // .5 .5 (answers) and .5 (none, stands before both): ranks 2 and 3, precision (1/2 + 2/3) / 2.
  // Then all three are answers: ranks 1 2 3, precision 1.
  const std::vector<float> similarity = {.5f, .5f, .5f, .1f};
  const RankedQuery two = rank_queries(similarity, 4, {{0, 2}})[0];
  EXPECT_EQ(two.rank, 2);
  EXPECT_DOUBLE_EQ(two.average_precision, (1.0 / 2 + 2.0 / 3) / 2);
  const RankedQuery three = rank_queries(similarity, 4, {{0, 1, 2}})[0];
  EXPECT_EQ(three.rank, 1);
  EXPECT_DOUBLE_EQ(three.average_precision, 1);
}

TEST(retrieval, median_of_an_even_number_is_between_the_middle_two) {
  EXPECT_EQ(summarize({{7, 0}, {1, 0}, {4, 0}, {2, 0}}).median_rank, 3);
  EXPECT_EQ(summarize({{7, 0}, {1, 0}, {4, 0}}).median_rank, 4);
}

TEST(retrieval, a_constant_model_finds_nothing) {
  const Retrieval all = retrieval(std::vector<float>(20 * 20, .7f), 20, pairs(20));
  EXPECT_EQ(all.recall_1, 0);
  EXPECT_EQ(all.recall_10, 0);
  EXPECT_EQ(all.median_rank, 20);
  EXPECT_DOUBLE_EQ(all.mean_average_precision, 1.0 / 20);
}

TEST(retrieval, a_perfect_model_finds_all) {
  std::vector<float> similarity(15 * 15, -.2f);
  for (size_t i = 0; i < 15; ++i) similarity[i * 15 + i] = -.1f;
  const Retrieval all = retrieval(similarity, 15, pairs(15));
  EXPECT_EQ(all.recall_1, 1);
  EXPECT_EQ(all.median_rank, 1);
  EXPECT_EQ(all.mean_average_precision, 1);
}

TEST(retrieval, does_not_depend_on_the_order_of_queries_and_candidates) {
  constexpr size_t kQueries = 30, kCandidates = 40;
  const std::vector<float> similarity = random_values(kQueries * kCandidates, 7);
  Answers relevant = pairs(kQueries);
  relevant[4] = {4, 39, 2};
  Rng random(8);
  std::vector<size_t> queries(kQueries), candidates(kCandidates);
  std::iota(queries.begin(), queries.end(), size_t{0});
  std::iota(candidates.begin(), candidates.end(), size_t{0});
  random.shuffle(queries);
  random.shuffle(candidates);
  std::vector<float> moved(similarity.size());
  Answers answers(kQueries);
  for (size_t q = 0; q < kQueries; ++q)
    for (size_t c = 0; c < kCandidates; ++c) {
      moved[queries[q] * kCandidates + candidates[c]] = similarity[q * kCandidates + c];
      for (const int64_t answer : relevant[q])
        if (answer == int64_t(c)) answers[queries[q]].push_back(int64_t(candidates[c]));
    }
  expect_same(retrieval(moved, kCandidates, answers), retrieval(similarity, kCandidates, relevant));
}

TEST(retrieval, of_embeddings_is_that_of_their_similarities) {
  const UnitRows queries = unit_rows(random_values(70 * 9, 1), 9, "queries");
  const UnitRows candidates = unit_rows(random_values(83 * 9, 2), 9, "candidates");
  std::vector<float> similarity(70 * 83);
  row_products(queries.row(0), 70, candidates.row(0), 83, queries.stride, similarity.data());
  Answers relevant = pairs(70);
  relevant[69] = {82, 0};
  const std::vector<RankedQuery> expected = rank_queries(similarity, 83, relevant);
  for (const int threads : {1, 3}) {
    const std::vector<RankedQuery> ranked = rank_queries(queries, candidates, relevant, threads);
    ASSERT_EQ(ranked.size(), expected.size());
    for (size_t q = 0; q < expected.size(); ++q) {
      EXPECT_EQ(ranked[q].rank, expected[q].rank);
      EXPECT_EQ(ranked[q].average_precision, expected[q].average_precision);
    }
  }
  EXPECT_THAT(error_of([&] {
                rank_queries(queries, unit_rows({1, 2}, 2, "narrow"), Answers(70, {0}), 1);
              }),
              HasSubstr("shape: retrieval: expected queries and candidates of one width, got 9"));
}

TEST(retrieval, intervals_are_those_of_drawn_queries) {
  // Recall a of 400 queries: 2 * 1.96 * sqrt(a (1 - a) / 400) wide, as any share.
  std::vector<RankedQuery> queries;
  for (int i = 0; i < 400; ++i) queries.push_back({i % 4 == 0 ? 1.0 : 7.0, .5});
  const RetrievalIntervals all = retrieval_intervals(queries, {}, {2000, .95, 1});
  EXPECT_EQ(all.recall_1.mean, .25);
  EXPECT_NEAR(all.recall_1.high - all.recall_1.low, 2 * 1.96 * std::sqrt(.25 * .75 / 400), .01);
  EXPECT_EQ(all.recall_10.low, 1);
  EXPECT_EQ(all.median_rank.mean, 7);
  EXPECT_EQ(all.mean_average_precision.high, .5);
  // Groups of 4 queries alike are drawn whole: one cluster has no interval.
  const RetrievalIntervals one = retrieval_intervals(queries, std::vector<int64_t>(400, 1));
  EXPECT_EQ(one.recall_1.mean, .25);
  EXPECT_TRUE(std::isnan(one.recall_1.low));
  EXPECT_THAT(error_of([] { retrieval_intervals({}); }), HasSubstr("shape: retrieval: expected"));
}

TEST(retrieval, refuses_what_has_no_meaning) {
  const auto refuses = [](const std::string& part, const std::vector<float>& similarity,
                          int64_t num_candidates, const Answers& relevant) {
    EXPECT_EQ(error_of([&] { retrieval(similarity, num_candidates, relevant); }), part);
  };
  refuses("shape: retrieval: expected at least one query, got none", {}, 3, {});
  refuses("shape: retrieval: expected at least one candidate, got none", {}, 0, {{0}});
  refuses("shape: retrieval: similarity: expected [2, 2], got 3 values", {1, 2, 3}, 2, {{0}, {1}});
  refuses("data: retrieval: query 1: expected at least one answer, got none; leave the query out",
          {1, 2, 3, 4}, 2, {{0}, {}});
  refuses("data: retrieval: query 0: expected answers from 0 to 1, got 2", {1, 2}, 2, {{0, 2}});
  refuses("data: retrieval: query 0: expected answers from 0 to 1, got -1", {1, 2}, 2, {{0, -1}});
  refuses("data: retrieval: query 0: expected each answer once, got one twice", {1, 2}, 2,
          {{1, 1}});
  refuses(
      "numeric: retrieval: query 1, candidate 0: expected a number, got NaN; did training diverge?",
      {1, 2, std::nanf(""), 4}, 2, {{0}, {1}});
}
