#include "data/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifests.h"

namespace braid::data {
namespace {

using ::testing::ElementsAre;

ModalitySpec audio_spec() {
  ModalitySpec spec;
  spec.name = "sound";
  spec.kind = Kind::audio;
  spec.features = 2;
  spec.max_length = 3;
  return spec;
}

Prepared frames(std::vector<float> values) {
  Prepared prepared;
  prepared.present = true;
  prepared.length = static_cast<int64_t>(values.size()) / 2;
  prepared.values = std::move(values);
  return prepared;
}

TEST(batch, sound_is_padded_to_the_longest_and_absent_samples_are_zero) {
  const Prepared one = frames({1, 2}), absent, two = frames({3, 4, 5, 6});
  const ModalityBatch batch = collate(audio_spec(), {&one, &absent, &two});
  EXPECT_EQ(batch.kind, Kind::audio);
  EXPECT_EQ(batch.batch, 3);
  EXPECT_EQ(batch.length, 2);
  EXPECT_THAT(batch.values, ElementsAre(1, 2, 0, 0, /*absent*/ 0, 0, 0, 0, 3, 4, 5, 6));
  EXPECT_THAT(batch.mask, ElementsAre(1, 0, 0, 0, 1, 1));
  EXPECT_THAT(batch.present, ElementsAre(1, 0, 1));
  EXPECT_TRUE(batch.ids.empty());
  EXPECT_TRUE(batch.observed.empty());
}

TEST(batch, all_absent_still_has_one_token) {
  const Prepared absent;
  const ModalityBatch batch = collate(audio_spec(), {&absent, &absent});
  EXPECT_EQ(batch.length, 1);
  EXPECT_THAT(batch.values, ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(batch.mask, ElementsAre(0, 0));
}

TEST(batch, text_tabular_and_pictures) {
  ModalitySpec text;
  text.name = "note";
  text.kind = Kind::text;
  text.max_length = 8;
  ModalitySpec table;
  table.name = "tabular";
  table.kind = Kind::tabular;
  table.features = 2;
  table.categories = {4};
  ModalitySpec image;
  image.name = "photo";
  image.kind = Kind::image;
  image.channels = 1;
  image.height = image.width = 2;
  std::vector<std::vector<Prepared>> samples(2, std::vector<Prepared>(3));
  samples[0][0].present = true;
  samples[0][0].length = 2;
  samples[0][0].ids = {7, 8};
  samples[1][0].present = true;
  samples[1][0].length = 1;
  samples[1][0].ids = {9};
  samples[1][1].present = true;
  samples[1][1].length = 1;
  samples[1][1].values = {0.5f, 0};
  samples[1][1].observed = {1, 0};
  samples[1][1].ids = {3};
  samples[0][2].present = true;
  samples[0][2].length = 1;
  samples[0][2].values = {1, 2, 3, 4};
  const Batch batch = collate({text, table, image}, samples);
  ASSERT_EQ(batch.modalities.size(), 3u);
  EXPECT_THAT(batch.modalities[0].ids, ElementsAre(7, 8, 9, 0));
  EXPECT_THAT(batch.modalities[0].mask, ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(batch.modalities[1].values, ElementsAre(0, 0, 0.5f, 0));
  EXPECT_THAT(batch.modalities[1].observed, ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(batch.modalities[1].ids, ElementsAre(0, 3));
  EXPECT_THAT(batch.modalities[1].present, ElementsAre(0, 1));
  EXPECT_THAT(batch.modalities[2].values, ElementsAre(1, 2, 3, 4, 0, 0, 0, 0));
  EXPECT_THAT(batch.modalities[2].mask, ElementsAre(1, 0));
  EXPECT_THAT(batch.weights, ElementsAre(1, 1));
}

TEST(batch, what_does_not_fit_the_spec_is_refused) {
  const Prepared four = frames({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_FAILURE(collate(audio_spec(), {&four}), shape,
                 "modality \"sound\": expected 1 to 3 tokens, got 4");
  Prepared uneven = frames({1, 2, 3});
  EXPECT_FAILURE(
      collate(audio_spec(), {&uneven}), shape,
      "modality \"sound\": expected 2 values and 0 ids for each of 1 tokens, got 3 and 0 in all");
  EXPECT_FAILURE(collate({audio_spec()}, {std::vector<Prepared>(2)}), shape,
                 "sample 0: expected 1 modalities, got 2");
}

}  // namespace
}  // namespace braid::data
