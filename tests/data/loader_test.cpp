#include "data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "media_set.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr uint64_t kPlenty = uint64_t{1} << 30;

std::vector<Batch> all_batches(PreparedStore& store, const std::vector<int64_t>& rows,
                               const LoaderOptions& options) {
  Loader loader(store, rows, options);
  std::vector<Batch> batches;
  Batch batch;
  while (loader.next(&batch)) batches.push_back(batch);
  EXPECT_EQ(static_cast<int64_t>(batches.size()), loader.num_batches());
  EXPECT_FALSE(loader.next(&batch));
  return batches;
}

void expect_equal(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].rows, b[i].rows);
    EXPECT_EQ(a[i].targets, b[i].targets);
    ASSERT_EQ(a[i].modalities.size(), b[i].modalities.size());
    for (size_t m = 0; m < a[i].modalities.size(); ++m) {
      EXPECT_EQ(a[i].modalities[m].values, b[i].modalities[m].values) << i << " " << m;
      EXPECT_EQ(a[i].modalities[m].ids, b[i].modalities[m].ids) << i << " " << m;
      EXPECT_EQ(a[i].modalities[m].mask, b[i].modalities[m].mask) << i << " " << m;
    }
  }
}

TEST(loader, rows_targets_and_last_batch) {
  MediaSet set;
  const Dataset dataset = set.open();
  PreparedStore store(dataset, set.learn(dataset), kPlenty);
  LoaderOptions options;
  options.batch_size = 2;
  std::vector<Batch> batches = all_batches(store, {5, 0, 3, 1, 2}, options);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_THAT(batches[0].rows, ElementsAre(5, 0));
  EXPECT_THAT(batches[1].rows, ElementsAre(3, 1));
  EXPECT_THAT(batches[2].rows, ElementsAre(2));
  EXPECT_THAT(batches[0].targets, ElementsAre(1, 0));  // labels x 0, y 1
  EXPECT_THAT(batches[1].targets, ElementsAre(1, 1));
  EXPECT_THAT(batches[2].weights, ElementsAre(1));
  options.keep_last = false;
  EXPECT_EQ(all_batches(store, {5, 0, 3, 1, 2}, options).size(), 2u);
  EXPECT_TRUE(all_batches(store, {}, options).empty());
}

TEST(loader, the_same_batches_whatever_the_number_of_workers) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const AugmentConfig augment;
  std::vector<int64_t> rows;
  for (int i = 0; i < 60; ++i) rows.push_back((i * 7) % 6);
  LoaderOptions options;
  options.batch_size = 4;
  options.augment = &augment;
  options.num_workers = 0;
  PreparedStore store(dataset, preparation, kPlenty);
  const std::vector<Batch> expected = all_batches(store, rows, options);
  for (const int workers : {1, 2, 4})
    for (const int64_t prefetch : {1, 3}) {
      options.num_workers = workers;
      options.prefetch = prefetch;
      PreparedStore another(dataset, preparation, workers == 2 ? 0 : kPlenty);
      expect_equal(all_batches(another, rows, options), expected);
    }
}

TEST(loader, changes_depend_on_seed_and_row_and_leave_the_store_alone) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  PreparedStore store(dataset, preparation, kPlenty);
  const AugmentConfig augment;
  LoaderOptions options;
  options.augment = &augment;
  const Batch one = all_batches(store, {0, 1}, options)[0],
              swapped = all_batches(store, {1, 0}, options)[0];
  const std::vector<float>& a = one.modalities[set.kPhoto].values;
  const std::vector<float>& b = swapped.modalities[set.kPhoto].values;
  EXPECT_EQ(std::vector<float>(a.begin(), a.begin() + 64),
            std::vector<float>(b.begin() + 64, b.end()));
  EXPECT_NE(a, preparation.prepare(dataset.sample(0), set.kPhoto).values);
  options.seed = 2;
  EXPECT_NE(all_batches(store, {0, 1}, options)[0].modalities[set.kPhoto].values, a);
  EXPECT_EQ(*store.get(0), preparation.prepare(dataset.sample(0)));
}

TEST(loader, a_missing_picture_is_not_filled_from_a_neighbour) {
  MediaSet set;
  const Dataset dataset = set.open();
  PreparedStore store(dataset, set.learn(dataset), kPlenty);
  const AugmentConfig augment;
  LoaderOptions options;
  options.augment = &augment;
  for (const std::vector<int64_t>& rows :
       {std::vector<int64_t>{4, 5}, std::vector<int64_t>{1, 4}}) {
    const Batch batch = all_batches(store, rows, options)[0];
    const size_t absent = rows[0] == 4 ? 0 : 1;
    for (const size_t m : {set.kPhoto, set.kSound}) {
      const ModalityBatch& modality = batch.modalities[m];
      EXPECT_EQ(modality.present[absent], 0);
      EXPECT_EQ(modality.present[1 - absent], 1);
      const size_t size = modality.values.size() / 2, length = modality.mask.size() / 2;
      EXPECT_THAT(std::vector<float>(modality.values.begin() + absent * size,
                                     modality.values.begin() + (absent + 1) * size),
                  Each(0.0f));
      EXPECT_THAT(std::vector<uint8_t>(modality.mask.begin() + absent * length,
                                       modality.mask.begin() + (absent + 1) * length),
                  Each(0));
    }
    EXPECT_EQ(batch.modalities[set.kNote].present[absent], 0);
    EXPECT_EQ(batch.modalities[set.kTabular].present[absent], 1);
  }
}

TEST(loader, a_subset_of_modalities_in_the_order_asked_for) {
  MediaSet set;
  const Dataset dataset = set.open();
  PreparedStore store(dataset, set.learn(dataset), kPlenty);
  LoaderOptions options;
  options.modalities = {set.kVec, set.kPhoto};
  const Batch batch = all_batches(store, {0, 1, 2}, options)[0];
  ASSERT_EQ(batch.modalities.size(), 2u);
  EXPECT_EQ(batch.modalities[0].kind, Kind::embedding);
  EXPECT_EQ(batch.modalities[1].kind, Kind::image);
  EXPECT_EQ(store.counts().prepared, 6);  // 3 rows, 2 modalities: no sound was decoded
  options.modalities = {5};
  EXPECT_FAILURE(Loader(store, {0}, options), shape, "loader: expected a modality below 5, got 5");
  options = LoaderOptions();
  options.batch_size = 0;
  EXPECT_FAILURE(Loader(store, {0}, options), config,
                 "expected a batch size and prefetch of at least 1, got 0 and 4");
}

TEST(loader, an_error_comes_where_its_batch_would_come) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  set.write("3.wav", "broken");
  for (const int workers : {0, 1, 4}) {
    PreparedStore store(dataset, preparation, kPlenty);
    LoaderOptions options;
    options.batch_size = 2;
    options.num_workers = workers;
    Loader loader(store, {0, 1, 2, 3, 4, 5}, options);
    std::this_thread::sleep_for(std::chrono::milliseconds(
        workers == 4 ? 50 : 0));  // the error is ready before batch 0 is asked for
    Batch batch;
    EXPECT_TRUE(loader.next(&batch));
    EXPECT_THAT(batch.rows, ElementsAre(0, 1));
    EXPECT_FAILURE(loader.next(&batch), format, "m.csv:5: field \"sound\": ");
    EXPECT_TRUE(loader.next(&batch));
    EXPECT_THAT(batch.rows, ElementsAre(4, 5));
    EXPECT_FALSE(loader.next(&batch));
  }
}

TEST(loader, no_more_than_prefetch_batches_are_in_flight) {
  MediaSet set;
  const Dataset dataset = set.open();
  PreparedStore store(dataset, set.learn(dataset), kPlenty);
  LoaderOptions options;
  options.batch_size = 1;
  options.prefetch = 2;
  options.num_workers = 4;
  options.modalities = {set.kTabular};
  Loader loader(store, {0, 1, 2, 3, 4, 5}, options);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(store.counts().prepared, 2);
  Batch batch;
  EXPECT_TRUE(loader.next(&batch));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(store.counts().prepared, 3);
}

TEST(loader, stops_at_once_and_tells_how_long_it_waited) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  PreparedStore store(dataset, preparation, 0);
  LoaderOptions options;
  options.batch_size = 100000;  // a minute of decoding that nobody waits for
  const std::vector<int64_t> rows(100000, 0);
  const auto start = std::chrono::steady_clock::now();
  {
    Loader loader(store, rows, options);
    EXPECT_EQ(loader.waited_s(), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5);
  for (const int workers : {0, 1}) {
    options.batch_size = 2;
    options.num_workers = workers;
    Loader loader(store, {0, 1}, options);
    Batch batch;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(loader.next(&batch));
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    EXPECT_GT(loader.waited_s(), 0);
    EXPECT_LE(loader.waited_s(), took);
  }
}

TEST(loader, avdigits) {
  const std::string folder = testing::data_folder();
  if (folder.empty()) GTEST_SKIP() << "no real data";
  DatasetConfig config;
  config.manifest = folder + "/avdigits/manifest.csv";
  config.target = "label";
  config.fields = {"image", "audio"};
  const Dataset dataset = Dataset::open(config);
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < dataset.size(); row += 20) rows.push_back(row);
  PreparedStore store(dataset, Preparation::learn(dataset, rows, {}, 2), kPlenty);
  EXPECT_TRUE(find_bad_rows(store, rows, 2).empty());
  LoaderOptions options;
  options.num_workers = 2;
  int64_t seen = 0;
  for (const Batch& batch : all_batches(store, rows, options)) {
    const ModalityBatch& image = batch.modalities[0];
    EXPECT_EQ(image.values.size(), batch.rows.size() * 28 * 28);
    EXPECT_THAT(image.mask, Each(1));
    for (size_t b = 0; b < batch.rows.size(); ++b)
      EXPECT_EQ(batch.targets[b], std::stod(std::string(dataset.cell(batch.rows[b], "label"))));
    seen += static_cast<int64_t>(batch.rows.size());
  }
  EXPECT_EQ(seen, 75);
}

}  // namespace
}  // namespace braid::data
