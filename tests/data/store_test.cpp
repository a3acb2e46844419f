#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "core/thread_pool.h"
#include "data/loader.h"
#include "media_set.h"

namespace braid::data {
namespace {

constexpr uint64_t kPlenty = uint64_t{1} << 30;

std::vector<std::string> cache_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  return files;
}

TEST(store, gives_what_prepare_gives_and_decodes_once) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  PreparedStore store(dataset, preparation, kPlenty);
  for (int epoch = 0; epoch < 2; ++epoch)
    for (int64_t row = 0; row < dataset.size(); ++row)
      EXPECT_EQ(*store.get(row), preparation.prepare(dataset.sample(row)));
  EXPECT_EQ(store.counts().prepared, 30);  // 6 rows, 5 modalities
  EXPECT_EQ(store.counts().memory_hits, 30);
  EXPECT_EQ(store.get(1, set.kPhoto).get(), store.get(1, set.kPhoto).get());
  EXPECT_FAILURE(store.get(6, 0), shape,
                 "expected a row below 6 and a modality below 5, got row 6 and modality 0");
  EXPECT_FAILURE(store.get(0, 5), shape, "got row 0 and modality 5");
}

TEST(store, one_modality_decodes_nothing_of_the_others) {
  MediaSet set;
  const Dataset dataset = set.open();
  PreparedStore store(dataset, set.learn(dataset), kPlenty);
  set.write("0.wav", "broken");
  EXPECT_TRUE(store.get(0, set.kPhoto)->present);
  EXPECT_EQ(store.counts().prepared, 1);
  EXPECT_FAILURE(store.get(0), format, "m.csv:2: field \"sound\"");
}

TEST(store, memory_stays_below_the_bound) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  // One spectrogram is 51 * 64 * 4 = 13,056 bytes: of the five, 30,000 bytes hold two.
  PreparedStore store(dataset, preparation, 30000);
  for (int epoch = 0; epoch < 3; ++epoch)
    for (const int64_t row : {0, 1, 2, 3, 5}) {
      EXPECT_EQ(*store.get(row, set.kSound), preparation.prepare(dataset.sample(row), set.kSound));
      EXPECT_LE(store.counts().memory_bytes, 30000u);
    }
  EXPECT_GT(store.counts().memory_bytes, 26000u);
  EXPECT_EQ(store.counts().memory_hits, 4);  // two rows in each of two more epochs
  EXPECT_EQ(store.counts().prepared, 11);    // 5 + 3 + 3
  PreparedStore none(dataset, preparation, 0);
  none.get(0, set.kSound);
  EXPECT_EQ(none.counts().memory_bytes, 0u);
}

TEST(store, what_memory_has_no_room_for_is_spilled) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  PreparedStore store(dataset, preparation, /*limit_bytes=*/0, /*spill_bytes=*/kPlenty);
  for (int epoch = 0; epoch < 3; ++epoch)
    parallel_for(dataset.size(), /*num_threads=*/4, [&](int64_t row) {
      EXPECT_EQ(*store.get(row), preparation.prepare(dataset.sample(row))) << row;
    });
  // photo and sound of 5 rows, vec of 6, in two epochs; the other 14 are made in each.
  EXPECT_EQ(store.counts().disk_hits, 32);
  EXPECT_EQ(store.counts().prepared, 16 + 3 * 14);
  EXPECT_EQ(store.counts().memory_bytes, 0u);
  EXPECT_GT(store.counts().spilled_bytes, 5 * 13056u);  // the spectrograms alone
}

TEST(store, the_spill_stays_below_its_bound) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  // A spectrogram of 13,056 bytes and its head: memory takes one, the file two, two have no place.
  PreparedStore store(dataset, preparation, /*limit_bytes=*/15000, /*spill_bytes=*/30000);
  for (int epoch = 0; epoch < 2; ++epoch)
    for (const int64_t row : {0, 1, 2, 3, 5})
      EXPECT_EQ(*store.get(row, set.kSound), preparation.prepare(dataset.sample(row), set.kSound));
  EXPECT_LE(store.counts().spilled_bytes, 30000u);
  EXPECT_GT(store.counts().spilled_bytes, 26000u);
  EXPECT_LE(store.counts().memory_bytes, 15000u);
  EXPECT_EQ(store.counts().memory_hits, 1);
  EXPECT_EQ(store.counts().disk_hits, 2);
  EXPECT_EQ(store.counts().prepared, 5 + 2);
}

TEST(store, the_disk_gives_the_same_bits_in_the_next_run) {
  MediaSet set;
  set.prepare.cache = set.folder / "cache";
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  std::vector<std::vector<Prepared>> first;
  {
    PreparedStore store(dataset, preparation, 0);
    for (int64_t row = 0; row < dataset.size(); ++row) first.push_back(*store.get(row));
    EXPECT_EQ(store.counts().disk_hits, 0);
    EXPECT_EQ(store.counts().failed_writes, 0);
  }
  // photo and sound of 5 rows, vec of 6: text and numbers are made faster than read.
  EXPECT_EQ(cache_files(set.prepare.cache).size(), 16u);
  PreparedStore store(dataset, preparation, 0);
  for (int64_t row = 0; row < dataset.size(); ++row) EXPECT_EQ(*store.get(row), first[row]) << row;
  EXPECT_EQ(store.counts().disk_hits, 16);
  EXPECT_EQ(store.counts().prepared, 14);
}

TEST(store, a_corrupt_file_is_made_anew) {
  MediaSet set;
  set.prepare.cache = set.folder / "cache";
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared expected = preparation.prepare(dataset.sample(0), set.kSound);
  PreparedStore(dataset, preparation, 0).get(0, set.kSound);
  ASSERT_EQ(cache_files(set.prepare.cache).size(), 1u);
  const std::string file = cache_files(set.prepare.cache)[0], good = read_file(file);
  std::vector<std::string> broken = {"", "x", good.substr(0, good.size() - 1), good + "x",
                                     std::string(good.size(), '\0')};
  for (const size_t at :
       {size_t{0}, size_t{8}, size_t{16}, size_t{30}, good.size() / 2, good.size() - 1}) {
    broken.push_back(good);
    broken.back()[at] ^= 0x10;
  }
  for (size_t i = 0; i < broken.size(); ++i) {
    write_file_atomically(file, broken[i]);
    PreparedStore store(dataset, preparation, 0);
    EXPECT_EQ(*store.get(0, set.kSound), expected) << i;
    EXPECT_EQ(store.counts().corrupt_files, 1) << i;
    EXPECT_EQ(store.counts().prepared, 1) << i;
    EXPECT_EQ(read_file(file), good) << i;  // written again
  }
}

TEST(store, a_file_changed_under_the_same_name_is_read_again) {
  MediaSet set;
  set.prepare.cache = set.folder / "cache";
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  PreparedStore(dataset, preparation, 0).get(0, set.kPhoto);
  set.write("0.png", formats::encode_png(flat_image(20, 20, {255})));
  PreparedStore store(dataset, preparation, 0);
  EXPECT_NEAR(store.get(0, set.kPhoto)->values[0], 1, 1e-6);  // white, no longer black
  EXPECT_EQ(store.counts().disk_hits, 0);
}

TEST(store, another_preparation_uses_other_files) {
  MediaSet set;
  set.prepare.cache = set.folder / "cache";
  const Dataset dataset = set.open();
  PreparedStore(dataset, set.learn(dataset), 0).get(0, set.kPhoto);
  set.prepare.image.size = 16;
  PreparedStore store(dataset, set.learn(dataset), 0);
  EXPECT_EQ(store.get(0, set.kPhoto)->values.size(), 256u);
  EXPECT_EQ(store.counts().disk_hits, 0);
  EXPECT_EQ(cache_files(set.prepare.cache).size(), 2u);
}

TEST(store, rows_of_one_npy_file_are_kept_apart) {
  Manifest m("label,vec\nx,all.npy#0\ny,all.npy#1\n");
  write_file_atomically(m.folder / "all.npy", formats::serialize_npy({2, 2}, {0, 1, 2, 3}));
  PrepareConfig config;
  config.cache = m.folder / "cache";
  config.embedding.standardize = false;
  const Dataset dataset = m.open();
  const Preparation preparation = Preparation::learn(dataset, {0, 1}, config, 1);
  for (int run = 0; run < 2; ++run) {
    PreparedStore store(dataset, preparation, 0);
    EXPECT_EQ(store.get(0, 0)->values, (std::vector<float>{0, 1}));
    EXPECT_EQ(store.get(1, 0)->values, (std::vector<float>{2, 3}));
    EXPECT_EQ(store.counts().disk_hits, run * 2);
  }
}

TEST(store, many_threads_get_the_same) {
  MediaSet set;
  set.prepare.cache = set.folder / "cache";
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  std::vector<std::vector<Prepared>> expected;
  for (int64_t row = 0; row < 6; ++row)
    expected.push_back(preparation.prepare(dataset.sample(row)));
  PreparedStore store(dataset, preparation, 40000);
  std::atomic<int> wrong{0};
  parallel_for(240, 4, [&](int64_t i) {
    if (!(*store.get(i % 6) == expected[i % 6])) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(store.counts().memory_bytes, 40000u);
}

TEST(store, a_cache_folder_that_cannot_be_made_is_an_error) {
  MediaSet set;
  const Dataset dataset = set.open();
  set.prepare.cache = set.folder / "0.png/cache";  // below a file
  const Preparation preparation = set.learn(dataset);
  EXPECT_FAILURE(PreparedStore(dataset, preparation, 0), io, "0.png/cache");
}

TEST(store, bad_rows_are_found_in_order) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  set.write("3.wav", "broken");
  set.write("1.png", "broken");  // rows 1 and 3
  int64_t ticks = 0;
  Sinks sinks;
  sinks.progress = [&](const ProgressTick& tick) { ticks = tick.done; };
  for (const int num_threads : {1, 3}) {
    PreparedStore store(dataset, preparation, kPlenty);
    const std::vector<BadRow> bad = find_bad_rows(store, {5, 3, 2, 1, 0}, num_threads, sinks);
    ASSERT_EQ(bad.size(), 2u);
    EXPECT_EQ(bad[0].row, 3);
    EXPECT_NE(bad[0].message.find("m.csv:5: field \"photo\": "), std::string::npos)
        << bad[0].message;
    EXPECT_EQ(bad[1].row, 1);
    EXPECT_EQ(ticks, 5);
  }
}

}  // namespace
}  // namespace braid::data
