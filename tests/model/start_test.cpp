// Models whose encoders start from published checkpoints and from bundles (goldens/pipelines).
#include "model/start.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/file.h"
#include "data/batch.h"
#include "data/prepare_published.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "model/bundle.h"
#include "model/model.h"
#include "model/tensors.h"
#include "ops/random.h"
#include "support/module_checks.h"
#include "support/published_folders.h"
#include "support/tiny_bundle.h"

namespace braid::model {
namespace {

using checks::close;
using checks::expect_error;
using data::Kind;

const std::string& pipeline(const std::string& name) {
  static const testing::PublishedFolder clip("clip"), sentence_bert("sentence_bert");
  return name == "clip" ? clip.path() : sentence_bert.path();
}

Tensor numbers(const std::string& path) {
  const formats::NpyArray array = formats::read_npy(path);
  return at::from_blob(const_cast<double*>(array.values.data()), array.shape, at::kDouble).clone();
}

Tensor l2(const Tensor& x) { return x / x.norm(2, /*dim=*/-1, /*keepdim=*/true); }

data::Sample sample_of(const std::string& field, data::Value value) {
  data::Sample sample;
  sample.values[field] = std::move(value);
  return sample;
}

heads::Context two_classes() {
  heads::Context head;
  head.task = metrics::Task::binary;
  head.num_labels = 2;
  return head;
}

// The embedding of samples through the folder's own preprocessing and encoder, one batch.
Tensor embed(const std::string& folder, Kind kind, const std::vector<data::Value>& values) {
  const std::string name = data::to_string(kind);
  const auto preparer = data::make_published({name, kind, {name}}, folder, data::PrepareConfig());
  ModelConfig config;
  config.encoders = {{name, {{"from", folder}}}};
  const ops::InitScope init(1);
  Model model(config, {preparer->spec()}, two_classes());
  EXPECT_TRUE(model.warnings().empty());
  model.eval();
  model.encoder(0).wants_embedding = true;
  std::vector<data::Prepared> prepared;
  for (const data::Value& value : values)
    prepared.push_back(preparer->prepare(sample_of(name, value)));
  std::vector<const data::Prepared*> pointers;
  for (const data::Prepared& one : prepared) pointers.push_back(&one);
  const torch::NoGradGuard no_grad;
  return model
      .encode_modality(
          to_input(data::collate(preparer->spec(), pointers), preparer->spec(), at::kCPU), 0)
      .embedding;
}

TEST(start, clips_towers_agree_on_texts_and_pictures) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  const std::string folder = pipeline("clip");
  const Json texts = parse_json(read_file(folder + "/texts.json"), "texts");
  std::vector<data::Value> values, pictures;
  std::vector<int64_t> kept;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].get<std::string>().empty()) continue;  // no text is no text here
    values.emplace_back(texts[i].get<std::string>());
    kept.push_back(static_cast<int64_t>(i));
  }
  for (int i = 0; i < 3; ++i)
    pictures.emplace_back(data::Path{fmt::format("{}/img{}.png", folder, i)});
  const Tensor text = l2(embed(folder, Kind::text, values));
  const Tensor image = l2(embed(folder, Kind::image, pictures));
  const Tensor rows = torch::tensor(kept);
  EXPECT_TRUE(close(text, numbers(folder + "/text_embeds.npy").index_select(0, rows), 5e-5));
  EXPECT_TRUE(close(image, numbers(folder + "/image_embeds.npy"), 5e-5));
}

TEST(start, sentence_transformers_pool_as_their_folder_says) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const std::string folder = pipeline("sentence_bert");
  const Json texts = parse_json(read_file(folder + "/texts.json"), "texts");
  const Tensor expected = numbers(folder + "/embeddings.npy");
  std::vector<data::Value> values;
  std::vector<int64_t> kept;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto text = texts[i].get<std::string>();
    if (data::is_blank(text)) continue;
    values.emplace_back(text);
    kept.push_back(static_cast<int64_t>(i));
  }
  ASSERT_GT(kept.size(), 50u);
  // All in one batch, padded: within 1e-5 of each alone.
  EXPECT_TRUE(close(l2(embed(folder, Kind::text, values)),
                    expected.index_select(0, torch::tensor(kept)), 3e-5));
}

TEST(start, keys_of_the_user_go_over_the_folders) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  data::ModalitySpec spec;
  spec.name = "text";
  spec.kind = Kind::text;
  spec.vocabulary = 100;
  spec.max_length = 8;
  const Start start = Start::open(pipeline("sentence_bert"), "",
                                  {{"pooled", "cls"}, {"dropout", 0.0}}, spec, "here");
  EXPECT_STREQ(start.method().name, "bert");
  EXPECT_EQ(start.config()["pooled"], "cls");
  EXPECT_EQ(start.config()["dropout"], 0.0);
  expect_error(ErrorKind::config, "here: the folder's encoder is bert, the config's 'vit'", [&] {
    Start::open(pipeline("sentence_bert"), "vit", Json::object(), spec, "here");
  });
  spec.kind = Kind::image;
  expect_error(
      ErrorKind::config,
      "expected a checkpoint that reads image, got model_type 'bert', whose encoder is bert",
      [&] { Start::open(pipeline("sentence_bert"), "", Json::object(), spec, "here"); });
  // Another width is another model.
  spec.kind = Kind::text;
  const Start wider = Start::open(pipeline("sentence_bert"), "", {{"mlp_width", 7}}, spec, "here");
  auto encoder = wider.method().make(wider.config(), "here", spec);
  expect_error(ErrorKind::format, "intermediate.dense.weight: expected [7, ",
               [&] { wider.fill(*encoder); });
}

TEST(start, a_bundle_needs_its_folder_no_more) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  TemporaryFolder folder;
  std::filesystem::copy(pipeline("sentence_bert"), std::string(folder / "published"),
                        std::filesystem::copy_options::recursive);
  const std::string published = folder / "published";
  const auto preparer =
      data::make_published({"text", Kind::text, {"text"}}, published, data::PrepareConfig());
  ModelConfig config;
  config.encoders = {{"text", {{"from", published}}}};
  std::shared_ptr<Model> model;
  {
    const ops::InitScope init(1);
    model = std::make_shared<Model>(config, std::vector{preparer->spec()}, two_classes());
  }
  EXPECT_EQ(model->config().encoders["text"]["from"], published);
  EXPECT_EQ(model->config().encoders["text"]["name"], "bert");
  const ModelConfig effective = model->config();
  std::filesystem::remove_all(published);
  Model blank(effective, {preparer->spec()}, two_classes(), Parameters::blank);
  blank.load_state(model->state(), "state");
  checks::expect_same_state(*model, blank);
  expect_error(ErrorKind::io, published,
               [&] { Model(effective, {preparer->spec()}, two_classes()); });
}

TEST(start, an_encoder_of_a_bundle_starts_another_model) {
  checks::TinyData data;
  TemporaryFolder folder;
  save_bundle(folder / "bundle", checks::tiny_bundle(data.config()));
  const Bundle bundle = load_bundle(folder / "bundle");
  const data::ModalitySpec spec = bundle.model->specs()[0];
  ModelConfig config;
  config.encoders = {{spec.name, {{"from", std::string(folder / "bundle")}}}};
  const ops::InitScope init(5);
  Model model(config, {spec}, two_classes());
  const std::string prefix = "encoders." + spec.name + ".";
  const auto theirs = bundle.model->named_parameters();
  int compared = 0;
  for (const auto& item : model.named_parameters()) {
    if (item.key().compare(0, prefix.size(), prefix) != 0) continue;
    EXPECT_TRUE(item.value().equal(theirs[item.key()])) << item.key();
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace braid::model
