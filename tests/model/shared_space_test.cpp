// A space as a folder, from a published pair, and as the beginning of another model.
#include "model/shared_space.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "model/bundle.h"
#include "model/start.h"
#include "support/module_checks.h"
#include "support/published_folders.h"
#include "support/tiny_bundle.h"
#include "support/tiny_space.h"

namespace braid::model {
namespace {

using checks::close;
using checks::expect_error;
using checks::same_bits;
using checks::tiny_space;
using checks::TinySpaceData;

std::vector<data::Sample> samples_of(const TinySpaceData& data, int64_t count) {
  const data::Dataset dataset = data::Dataset::open(data.config());
  std::vector<data::Sample> samples;
  for (int64_t r = 0; r < count; ++r) samples.push_back(dataset.sample(r));
  return samples;
}

Tensor numbers(const std::string& path) {
  const formats::NpyArray array = formats::read_npy(path);
  return at::from_blob(const_cast<double*>(array.values.data()), array.shape, at::kDouble).clone();
}

TEST(shared_space, rows_have_length_one_and_absent_ones_are_zeros) {
  const TinySpaceData data;
  for (const std::string projection : {"linear", "mlp"}) {
    const auto space = tiny_space(data, projection);
    const Embedded made = space->embed(samples_of(data, 70), /*modality=*/1, /*num_threads=*/2);
    ASSERT_EQ(made.rows.sizes(), (std::vector<int64_t>{70, 6}));
    for (int64_t r = 0; r < 70; ++r) {
      const bool is_there = r % 7 != 6;
      EXPECT_EQ(made.present[r].item<bool>(), is_there) << r;
      EXPECT_NEAR(made.rows[r].norm().item<double>(), is_there ? 1 : 0, 1e-6) << r;
    }
  }
}

TEST(shared_space, a_saved_space_gives_the_same_bits) {
  const TinySpaceData data;
  const auto space = tiny_space(data, "mlp");
  const TemporaryFolder folder;
  space->write(folder / "space", {{"answer", 42}});
  const auto loaded = SharedSpace::load(folder / "space");
  checks::expect_same_state(*space, *loaded);
  EXPECT_EQ(loaded->modalities(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(loaded->metrics()["answer"], 42);
  const std::vector<data::Sample> samples = samples_of(data, 10);
  for (size_t m = 0; m < 3; ++m)
    EXPECT_TRUE(same_bits(space->embed(samples, m).rows, loaded->embed(samples, m).rows));
}

TEST(shared_space, a_cosine_is_the_mean_of_the_members) {
  const TinySpaceData data;
  const auto space = tiny_space(data, "linear", checks::tiny_space_encoders(), /*members=*/3);
  EXPECT_EQ(space->width(), 18);
  const std::vector<data::Sample> samples = samples_of(data, 5);
  const Tensor a = space->embed(samples, 0).rows, b = space->embed(samples, 1).rows;
  Tensor sum = at::zeros({5, 5});
  for (int64_t member = 0; member < 3; ++member) {
    const Tensor own = space->member_rows(a, member);
    EXPECT_TRUE(close(own.norm(2, 1), at::ones({5}), 1e-6));
    EXPECT_FALSE(close(own, space->member_rows(a, (member + 1) % 3), 0.1));
    sum += own.mm(space->member_rows(b, member).t());
  }
  EXPECT_TRUE(close(a.mm(b.t()), sum / 3, 1e-6));
  space->freeze(1);
  for (const auto& item : space->named_parameters())
    EXPECT_EQ(item.value().requires_grad(), item.key().find("encoders.b.") == std::string::npos)
        << item.key();
  EXPECT_EQ(
      space->encoder_prefixes(1),
      (std::vector<std::string>{"encoders.b.", "member2.encoders.b.", "member3.encoders.b."}));
  const TemporaryFolder folder;
  space->write(folder / "space", Json::object());
  const auto loaded = SharedSpace::load(folder / "space");
  EXPECT_TRUE(same_bits(loaded->embed(samples, 0).rows, a));
}

TEST(shared_space, has_some_of_the_modalities) {
  const TinySpaceData data;
  SpaceEncodersConfig encoders;
  encoders.modalities = {"c", "a"};
  const auto space = tiny_space(data, "linear", encoders);
  const TemporaryFolder folder;
  space->write(folder / "space", Json::object());
  const auto loaded = SharedSpace::load(folder / "space");
  EXPECT_EQ(loaded->modalities(), encoders.modalities);
  const Embedded made = loaded->embed(samples_of(data, 9), /*modality=*/0);
  EXPECT_FALSE(made.present[8].item<bool>());  // c is what row 8 lacks
  EXPECT_TRUE(same_bits(made.rows, space->embed(samples_of(data, 9), 0).rows));
}

TEST(shared_space, the_scale_begins_at_the_temperature_and_is_bounded) {
  const TinySpaceData data;
  const auto space = tiny_space(data);
  EXPECT_NEAR(space->logit_scale().item<double>(), 1 / 0.07, 1e-4);
  EXPECT_EQ(space->logit_bias().item<double>(), -10);
  {
    const torch::NoGradGuard no_grad;
    space->named_parameters()["logit_scale"].fill_(5);  // e^5 = 148
  }
  space->clamp_scale();
  EXPECT_NEAR(space->logit_scale().item<double>(), 100, 1e-4);
}

TEST(shared_space, a_frozen_encoder_learns_nothing_and_keeps_its_mode) {
  const TinySpaceData data;
  const auto space = tiny_space(data);
  space->freeze(1);
  space->train();
  EXPECT_TRUE(space->encoder(0).is_training());
  EXPECT_FALSE(space->encoder(1).is_training());
  for (const Tensor& parameter : space->encoder(1).parameters())
    EXPECT_FALSE(parameter.requires_grad());
}

TEST(shared_space, an_encoder_starts_a_model) {
  const TinySpaceData data;
  const auto space = tiny_space(data);
  const TemporaryFolder folder;
  space->write(folder / "space", Json::object());
  const data::ModalitySpec spec = space->specs()[2];
  const Start start = Start::open(folder / "space", "", Json::object(), spec, "model.encoders.c");
  EXPECT_EQ(start.config()["width"], 8);
  {
    const ops::InitScope init(2);
    const auto encoder = start.method().make(start.config(), "model.encoders.c", spec);
    start.fill(*encoder);
    checks::expect_same_state(*encoder, space->encoder(2));
  }
  data::DatasetConfig config = data.config();
  config.target = "kind";
  config.exclude = {};
  const Bundle bundle = checks::tiny_bundle(
      config,
      Json{{"modalities", {"a", "c"}}, {"encoders", {{"c", {{"from", folder / "space"}}}}}}.dump());
  checks::expect_same_state(bundle.model->encoder(1), space->encoder(2));
}

TEST(shared_space, clips_towers_give_its_own_logits) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  const testing::PublishedFolder published("clip");
  const std::string folder = published.path();
  const auto space = SharedSpace::load(folder);
  ASSERT_EQ(space->modalities(), (std::vector<std::string>{"image", "text"}));
  std::vector<data::Sample> pictures(3), texts;
  for (size_t i = 0; i < 3; ++i)
    pictures[i].values["image"] = data::Path{fmt::format("{}/img{}.png", folder, i)};
  const Json captions = parse_json(read_file(folder + "/texts.json"), "texts");
  const Tensor text_embeds = numbers(folder + "/text_embeds.npy");
  ASSERT_EQ(static_cast<int64_t>(captions.size()), text_embeds.size(0));
  std::vector<int64_t> kept;  // a text without a word is missing here
  for (size_t i = 0; i < captions.size(); ++i) {
    data::Sample sample;
    sample.values["text"] = captions[i].get<std::string>();
    texts.push_back(sample);
  }
  const Embedded images = space->embed(pictures, 0), words = space->embed(texts, 1);
  for (int64_t i = 0; i < words.present.size(0); ++i)
    if (words.present[i].item<bool>()) kept.push_back(i);
  ASSERT_GT(kept.size(), 2u);
  const Tensor index = at::tensor(at::ArrayRef<int64_t>(kept), at::kLong);
  const Tensor logits =
      space->logit_scale() * at::mm(images.rows, words.rows.index_select(0, index).t());
  EXPECT_TRUE(
      close(logits, numbers(folder + "/logits_per_image.npy").index_select(1, index), 1e-3));
  EXPECT_EQ(space->config().loss, "infonce");
}

TEST(shared_space, errors_say_what_a_folder_is) {
  const TinySpaceData data;
  const TemporaryFolder folder;
  tiny_space(data)->write(folder / "space", Json::object());
  expect_error(ErrorKind::format, "got a shared space; use 'braid embed'",
               [&] { load_bundle(folder / "space"); });
  data::DatasetConfig config = data.config();
  config.target = "kind";
  config.exclude = {};
  save_bundle(folder / "bundle", checks::tiny_bundle(config));
  expect_error(ErrorKind::format, "got a bundle that predicts; use 'braid predict'",
               [&] { SharedSpace::load(folder / "bundle"); });
  write_file_atomically(folder / "config.json", R"({"model_type": "bert"})");
  expect_error(ErrorKind::config, "a published model of two towers (model_type clap, clip, siglip)",
               [&] { SharedSpace::load(folder.path()); });
}

TEST(shared_space, errors_of_configs) {
  const TinySpaceData data;
  SpaceEncodersConfig encoders;
  encoders.modalities = {"a"};
  expect_error(ErrorKind::config, "needs at least two modalities, got 1 (a)",
               [&] { tiny_space(data, "linear", encoders); });
  encoders.modalities = {"a", "d"};
  expect_error(ErrorKind::config, "unknown modality 'd'",
               [&] { tiny_space(data, "linear", encoders); });
  encoders.modalities = {"a", "b"};
  encoders.encoders = {{"c", "linear"}};
  expect_error(ErrorKind::config, "unknown modality 'c'",
               [&] { tiny_space(data, "linear", encoders); });
  expect_error(ErrorKind::config, "none needs encoders with vectors of one width",
               [&] { tiny_space(data, "none"); });
}

}  // namespace
}  // namespace braid::model
