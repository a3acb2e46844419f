// Labels as vectors and probabilities, held to a published model's own (goldens/pipelines/clip).
#include "model/zero_shot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "formats/npy.h"
#include "support/module_checks.h"
#include "support/published_folders.h"
#include "support/tiny_space.h"

namespace braid::model {
namespace {

using checks::close;
using checks::expect_error;

constexpr size_t kImage = 0, kText = 1;  // of a published pair

const std::string& folder_of_clip() {
  static const testing::PublishedFolder clip("clip");
  return clip.path();
}

Tensor numbers(const std::string& name) {
  const formats::NpyArray array = formats::read_npy(folder_of_clip() + "/" + name);
  return at::tensor(array.values, at::kDouble).reshape(array.shape);
}

std::vector<data::Sample> pictures() {
  std::vector<data::Sample> samples;
  for (int i = 0; i < 3; ++i) {
    data::Sample sample;
    sample.values["image"] = data::Path{fmt::format("{}/img{}.png", folder_of_clip(), i)};
    samples.push_back(std::move(sample));
  }
  return samples;
}

TEST(zero_shot, is_as_published) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const auto space = SharedSpace::load(folder_of_clip());
  ASSERT_EQ(space->modalities(), (std::vector<std::string>{"image", "text"}));
  const std::string path = folder_of_clip() + "/texts.json";
  const auto texts = parse_json(read_file(path), path).get<std::vector<std::string>>();
  // The empty text among them is no label here: the others' probabilities in its absence.
  std::vector<std::string> labels;
  std::vector<int64_t> kept;
  for (size_t k = 0; k < texts.size(); ++k) {
    if (texts[k].empty()) continue;
    labels.push_back(texts[k]);
    kept.push_back(static_cast<int64_t>(k));
  }
  ASSERT_EQ(labels.size(), 6u);
  const Tensor published = numbers("probs.npy").index_select(1, at::tensor(kept, at::kLong));
  const Tensor vectors = label_vectors(*space, kText, labels, {"{}"});
  EXPECT_TRUE(close(vectors.to(at::kDouble),
                    numbers("text_embeds.npy").index_select(0, at::tensor(kept, at::kLong)), 5e-5));
  const Embedded images = space->embed(pictures(), kImage);
  EXPECT_FALSE(judges_labels_alone(*space));
  EXPECT_TRUE(close(label_probabilities(*space, images.rows, vectors),
                    published / published.sum(/*dim=*/1, /*keepdim=*/true), 1e-4));
}

TEST(zero_shot, a_labels_vector_is_the_mean_of_its_prompts) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const auto space = SharedSpace::load(folder_of_clip());
  std::vector<data::Sample> prompts(2);
  prompts[0].values["text"] = "a cat on a cat";
  prompts[1].values["text"] = "one cat";
  const Tensor both = space->embed(prompts, kText).rows;  // [2, E]
  const Tensor sum = both[0] + both[1];
  const Tensor made = label_vectors(*space, kText, {"cat"}, {"a {} on a {}", "one {}"});
  EXPECT_TRUE(close(made[0], sum / sum.norm(), 1e-6));
  EXPECT_FALSE(close(made[0], both[0], 1e-3));
}

TEST(zero_shot, judges_by_the_loss_of_the_space) {
  const checks::TinySpaceData data;
  const auto space = checks::tiny_space(data);  // temperature 0.07
  const Tensor rows = at::tensor({1.0, 0.0}).reshape({1, 2});
  const Tensor labels = at::tensor({1.0, 0.0, 0.6, 0.8}).reshape({2, 2});  // cosines 1 and 0.6
  const double high = 1 / 0.07, low = 0.6 / 0.07;
  const double first = 1 / (1 + std::exp(low - high));
  EXPECT_TRUE(close(label_probabilities(*space, rows, labels),
                    at::tensor({first, 1 - first}, at::kDouble).reshape({1, 2}), 1e-6));

  SpaceConfig config = space->config();
  config.loss = "sigmoid";
  config.bias = -10;
  const SharedSpace alone(config, space->encoders_config(), space->preparation());
  ASSERT_TRUE(judges_labels_alone(alone));
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_TRUE(close(
      label_probabilities(alone, rows, labels),
      at::tensor({sigmoid(high - 10), sigmoid(low - 10)}, at::kDouble).reshape({1, 2}), 1e-5));
}

TEST(zero_shot, names_what_is_wrong) {
  const checks::TinySpaceData data;
  const auto space = checks::tiny_space(data);
  const auto with = [&](const std::vector<std::string>& labels,
                        const std::vector<std::string>& templates) {
    return [&, labels, templates] { label_vectors(*space, 0, labels, templates); };
  };
  expect_error(ErrorKind::usage, "labels: expected at least one, got none", with({}, {"{}"}));
  expect_error(ErrorKind::usage, "label 2: expected words, got nothing",
               with({"cat", " "}, {"{}"}));
  expect_error(ErrorKind::usage, "expected each once, got \"cat\" twice",
               with({"cat", "dog", "cat"}, {"{}"}));
  expect_error(ErrorKind::usage, "templates: expected at least one", with({"cat"}, {}));
  expect_error(ErrorKind::usage, "template \"a photo\": expected {} where the label goes",
               with({"cat"}, {"{}", "a photo"}));
}

}  // namespace
}  // namespace braid::model
