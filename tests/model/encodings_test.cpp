#include "model/encodings.h"

#include <gtest/gtest.h>

#include "support/tiny_bundle.h"

namespace braid::model {
namespace {

using checks::TinyData;

// Rows of the tiny dataset, prepared; neighbours share their sound.
std::vector<std::vector<data::Prepared>> prepared_rows(const Bundle& bundle,
                                                       const data::Dataset& dataset) {
  std::vector<std::vector<data::Prepared>> rows;
  for (int64_t r = 0; r < 6; ++r) {
    std::vector<data::Prepared> row = {bundle.preparation.prepare(dataset.sample(r / 2 * 2), 0),
                                       bundle.preparation.prepare(dataset.sample(r), 1)};
    if (r == 4) row[1] = {};
    rows.push_back(std::move(row));
  }
  return rows;
}

// No fusion may change what an encoder made, or the next prediction would see it.
TEST(encodings, every_fusion_leaves_them_as_they_are) {
  const TinyData data;
  const data::Dataset dataset = data::Dataset::open(data.config());
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    SCOPED_TRACE(method->name);
    Bundle bundle = checks::tiny_bundle(data.config(), Json{{"fusion", method->name}}.dump());
    Encodings reusing(&bundle, ops::Precision::float32, {});
    EncodingOptions options;
    options.reuses = false;
    Encodings anew(&bundle, ops::Precision::float32, options);
    const auto rows = prepared_rows(bundle, dataset);
    for (size_t r = 0; r < rows.size(); ++r) {
      EncodingUse use, all;
      const Scores scores = reusing.score(rows[r], 1, &use);
      const Scores expected = anew.score(rows[r], 1, &all);
      EXPECT_EQ(scores.scores, expected.scores) << r;
      EXPECT_EQ(use.has_run[0], r % 2 == 0) << r;
      EXPECT_TRUE(use.has_run[1]);
      EXPECT_EQ(scores.present[0][1], r != 4);
    }
  }
}

TEST(encodings, are_those_of_the_sample_alone) {
  const TinyData data;
  const data::Dataset dataset = data::Dataset::open(data.config());
  Bundle bundle = checks::tiny_bundle(data.config());
  Encodings encodings(&bundle, ops::Precision::float32, {});
  for (int64_t r = 0; r < 5; ++r) {
    EncodingUse use;
    const data::Sample sample = dataset.sample(r);
    EXPECT_EQ(encodings.score(bundle.preparation.prepare(sample), 1, &use).scores,
              score(bundle, {sample}, 1).scores);
  }
}

TEST(encodings, same_means_same_bits) {
  data::Prepared a;
  a.present = true;
  a.length = 1;
  a.values = {0.0f, NAN};
  data::Prepared b = a;
  EXPECT_TRUE(is_same(a, b));
  b.values[0] = -0.0f;
  EXPECT_FALSE(is_same(a, b));
  b = a;
  b.observed = {1};
  EXPECT_FALSE(is_same(a, b));
}

TEST(encodings, a_budget_is_shared_by_age) {
  const TinyData data;
  const data::Dataset dataset = data::Dataset::open(data.config());
  Bundle bundle = checks::tiny_bundle(data.config());
  EncodingOptions options;
  int64_t now_ns = 0;
  options.clock_ns = [&now_ns] { return now_ns += 1000000; };
  options.budget_ms = 1.5;  // each takes 1 ms
  Encodings encodings(&bundle, ops::Precision::float32, options);
  std::vector<std::vector<bool>> run;
  for (int64_t r = 0; r < 5; ++r) {
    EncodingUse use;
    encodings.score(bundle.preparation.prepare(dataset.sample(r)), 1, &use);
    run.push_back(use.has_run);
    for (size_t m = 0; m < 2; ++m) EXPECT_NE(use.has_run[m], use.is_outdated[m]);
  }
  const std::vector<std::vector<bool>> expected = {
      {true, true}, {true, false}, {false, true}, {true, false}, {false, true}};
  EXPECT_EQ(run, expected);
}

}  // namespace
}  // namespace braid::model
