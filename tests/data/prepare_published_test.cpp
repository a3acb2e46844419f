// Preprocessing as published checkpoints do it, by the reference's numbers (goldens/pipelines).
#include "data/prepare_published.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/rng.h"
#include "data/augment.h"
#include "data/batch.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "manifests.h"
#include "support/published_folders.h"

namespace braid::data {
namespace {

const std::string& pipeline(const std::string& name) {
  static const testing::PublishedFolder clip("clip"), sentence_bert("sentence_bert");
  return name == "clip" ? clip.path() : sentence_bert.path();
}

Sample sample_of(const std::string& field, Value value) {
  Sample sample;
  sample.where = "here";
  sample.values[field] = std::move(value);
  return sample;
}

Json json_of(const std::string& path) { return parse_json(read_file(path), path); }

TEST(prepare_published, texts_become_the_references_ids) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  for (const std::string name : {"clip", "sentence_bert"}) {
    const auto preparer =
        make_published({"text", Kind::text, {"text"}}, pipeline(name), PrepareConfig());
    const Json texts = json_of(pipeline(name) + "/texts.json");
    const Json ids = json_of(pipeline(name) + "/ids.json");
    ASSERT_GT(texts.size(), 5u);
    int compared = 0;
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto text = texts[i].get<std::string>();
      const Prepared prepared = preparer->prepare(sample_of("text", text));
      if (is_blank(text)) {  // as a manifest's empty cell
        EXPECT_FALSE(prepared.present);
        continue;
      }
      EXPECT_EQ(prepared.ids, ids[i].get<std::vector<int32_t>>()) << name << ": " << text;
      EXPECT_EQ(prepared.length, static_cast<int64_t>(ids[i].size()));
      ++compared;
    }
    EXPECT_GT(compared, 5);
  }
}

TEST(prepare_published, pictures_become_the_references_numbers) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  const auto preparer =
      make_published({"image", Kind::image, {"image"}}, pipeline("clip"), PrepareConfig());
  EXPECT_EQ(preparer->spec().height, 48);
  EXPECT_EQ(preparer->spec().channels, 3);
  const formats::NpyArray expected = formats::read_npy(pipeline("clip") + "/pixel_values.npy");
  const size_t size = 3 * 48 * 48;
  ASSERT_EQ(expected.values.size(), 3 * size);
  for (size_t i = 0; i < 3; ++i) {
    const Path file{fmt::format("{}/img{}.png", pipeline("clip"), i)};
    const Prepared prepared = preparer->prepare(sample_of("image", file));
    ASSERT_EQ(prepared.values.size(), size);
    for (size_t j = 0; j < size; ++j)
      ASSERT_NEAR(prepared.values[j], expected.values[i * size + j], 1e-6) << i << " " << j;
  }
}

TEST(prepare_published, what_is_saved_prepares_the_same_without_the_folder) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  Manifest manifest("label,text,x\na,two cats,1\nb,a dog,2\n");
  manifest.config.kinds = {{"text", "text"}};
  const Dataset dataset = manifest.open();
  PrepareConfig config;
  config.from = {{"text", pipeline("clip")}};
  const Preparation preparation = Preparation::learn(dataset, {0, 1}, config, 1);
  TemporaryFolder folder;
  preparation.save(folder / "bundle");
  EXPECT_TRUE(file_exists(folder / "bundle/tokenizer-text.json"));
  const Preparation loaded = Preparation::load(folder / "bundle");
  EXPECT_EQ(loaded.fingerprint(), preparation.fingerprint());
  const Sample sample = sample_of("text", std::string("two cats sleeping"));
  const Prepared prepared = preparation.prepare(sample, 0);
  EXPECT_GT(prepared.ids.size(), 4u);
  EXPECT_EQ(loaded.prepare(sample, 0).ids, prepared.ids);
  // A bundle is a folder to start from too.
  config.from = {{"text", std::string(folder / "bundle")}};
  const Preparation again = Preparation::learn(dataset, {0}, config, 1);
  EXPECT_EQ(again.prepare(sample, 0).ids, prepared.ids);
}

TEST(prepare_published, texts_are_cut_at_the_models_positions) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const auto preparer =
      make_published({"text", Kind::text, {"text"}}, pipeline("clip"), PrepareConfig());
  EXPECT_EQ(preparer->spec().max_length, 77);
  const Prepared cut = preparer->prepare(sample_of("text", std::string(10 << 20, 'x')));
  EXPECT_EQ(cut.ids.size(), 77u);
  EXPECT_EQ(cut.ids.back(), 49407);  // the end stays
  PrepareConfig shorter;
  shorter.text.max_tokens = 5;
  EXPECT_EQ(make_published({"text", Kind::text, {"text"}}, pipeline("clip"), shorter)
                ->prepare(sample_of("text", std::string("a b c d e f g")))
                .ids.size(),
            5u);
}

TEST(prepare_published, augmentation_leaves_out_tokens_of_the_text_alone) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const auto preparer =
      make_published({"text", Kind::text, {"text"}}, pipeline("clip"), PrepareConfig());
  const Prepared whole = preparer->prepare(sample_of("text", std::string("a photo of a cat")));
  ASSERT_EQ(whole.ids.size(), 7u);  // with the start and the end
  AugmentConfig config;
  config.text_drop = 0.5;
  bool was_shorter = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Prepared changed = whole;
    Rng rng(seed);
    augment(preparer->spec(), config, rng, &changed);
    EXPECT_EQ(changed.ids.front(), whole.ids.front());
    EXPECT_EQ(changed.ids.back(), whole.ids.back());
    EXPECT_GE(changed.ids.size(), 3u);  // never all of the text
    EXPECT_EQ(changed.length, static_cast<int64_t>(changed.ids.size()));
    was_shorter = was_shorter || changed.ids.size() < whole.ids.size();
    EXPECT_EQ(collate(preparer->spec(), {&changed}).length, changed.length);
  }
  EXPECT_TRUE(was_shorter);
}

TEST(prepare_published, a_picture_of_one_pixel_is_a_picture) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const auto preparer =
      make_published({"image", Kind::image, {"image"}}, pipeline("clip"), PrepareConfig());
  formats::Image pixel;
  pixel.width = pixel.height = 1;
  pixel.channels = 3;
  pixel.pixels = {255, 0, 51};
  const Prepared prepared = preparer->prepare(sample_of("image", pixel));
  ASSERT_EQ(prepared.values.size(), size_t(3 * 48 * 48));
  // (1 - mean) / deviation of CLIP's first channel, everywhere.
  EXPECT_NEAR(prepared.values[0], (1 - 0.48145466) / 0.26862954, 1e-5);
  EXPECT_NEAR(prepared.values[48 * 48 - 1], prepared.values[0], 1e-6);
}

TEST(prepare_published, what_does_not_fit_is_an_error) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  EXPECT_FAILURE(
      make_published({"sound", Kind::audio, {"sound"}}, pipeline("clip"), PrepareConfig()), config,
      "feature_extractor_type");
  EXPECT_FAILURE(
      make_published({"image", Kind::image, {"image"}}, pipeline("sentence_bert"), PrepareConfig()),
      config, "expected preprocessor_config.json, got none");
  EXPECT_FAILURE(
      make_published({"table", Kind::tabular, {"a", "b"}}, pipeline("clip"), PrepareConfig()),
      config, "expected text, image, audio or video, got tabular");
  Manifest manifest("label,text,x\na,two cats,1\nb,a dog,2\n");
  manifest.config.kinds = {{"text", "text"}};
  const Dataset dataset = manifest.open();
  PrepareConfig config;
  config.from = {{"txt", pipeline("clip")}};
  EXPECT_FAILURE(Preparation::learn(dataset, {0}, config, 1), config,
                 "prepare.from: unknown modality 'txt'; did you mean 'text'?");
  config.from = {{"text", pipeline("clip")}};
  config.text.max_tokens = 9;  // has its say
  Preparation::learn(dataset, {0}, config, 1);
  config.text.vocabulary.min_frequency = 3;
  EXPECT_FAILURE(Preparation::learn(dataset, {0}, config, 1), config,
                 "prepare.text: text is prepared as");
}

}  // namespace
}  // namespace braid::data
