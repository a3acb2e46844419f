// Vectors by a space, by a bundle's encoders and by one published encoder.
#include "model/embedder.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "formats/npy.h"
#include "model/bundle.h"
#include "support/module_checks.h"
#include "support/published_folders.h"
#include "support/tiny_bundle.h"
#include "support/tiny_space.h"

namespace braid::model {
namespace {

using checks::close;
using checks::expect_error;
using checks::same_bits;

TEST(embedder, gives_a_spaces_own_vectors) {
  const checks::TinySpaceData data;
  SpaceEncodersConfig encoders;
  encoders.modalities = {"c", "a"};
  const auto space = checks::tiny_space(data, "linear", encoders);
  const TemporaryFolder folder;
  space->write(folder / "space", Json::object());
  Embedder embedder = Embedder::load(folder / "space");
  EXPECT_EQ(embedder.names(), encoders.modalities);
  EXPECT_EQ(embedder.width(0), 6);
  EXPECT_EQ(embedder.modality(0).fields, (std::vector<std::string>{"c0", "c1", "c2", "c3"}));
  EXPECT_EQ(embedder.fields(0).size(), 1u);
  const data::Dataset dataset = data::Dataset::open(data.config());
  std::vector<data::Sample> samples;
  for (int64_t r = 0; r < 80; ++r) samples.push_back(dataset.sample(r));
  const Embedded made = embedder.embed(samples, 0, /*num_threads=*/2);
  EXPECT_TRUE(same_bits(made.rows, space->embed(samples, 0).rows));
  EXPECT_FALSE(made.present[8].item<bool>());
}

TEST(embedder, gives_what_a_bundles_encoders_pool) {
  const checks::TinyData data;
  const Bundle bundle = checks::tiny_bundle(data.config());
  const TemporaryFolder folder;
  save_bundle(folder / "bundle", bundle);
  Embedder embedder = Embedder::load(folder / "bundle");
  const data::Dataset dataset = data::Dataset::open(data.config());
  std::vector<data::Sample> samples;
  for (int64_t r = 0; r < dataset.size(); ++r) samples.push_back(dataset.sample(r));
  const PreparedBatch batch = prepare(bundle, samples, /*num_threads=*/1);
  const c10::InferenceMode inference;
  const std::vector<Encoded> encoded = bundle.model->encode(batch.inputs);
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Embedded made = embedder.embed(samples, m);
    ASSERT_EQ(made.rows.sizes(), (std::vector<int64_t>{dataset.size(), embedder.width(m)}));
    EXPECT_TRUE(same_bits(made.present, encoded[m].present));
    const Tensor pooled = encoded[m].pooled;
    const Tensor unit = pooled / pooled.norm(2, 1, true).clamp_min(1e-12);
    EXPECT_TRUE(close(made.rows, keep_where(encoded[m].present, unit), 1e-5));
  }
}

TEST(embedder, takes_one_published_encoder) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const testing::PublishedFolder bert("sentence_bert");
  Embedder embedder = Embedder::load(bert.path());
  ASSERT_EQ(embedder.names(), std::vector<std::string>{"text"});
  const std::string path = bert.path() + "/texts.json";
  const auto texts = parse_json(read_file(path), path).get<std::vector<std::string>>();
  std::vector<data::Sample> samples;
  for (const std::string& text : texts) {
    samples.emplace_back();
    samples.back().values["text"] = text;
  }
  const Embedded made = embedder.embed(samples, 0);
  const formats::NpyArray published = formats::read_npy(bert.path() + "/embeddings.npy");
  const Tensor expected = at::tensor(published.values, at::kFloat).reshape(published.shape);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (made.present[at].item<bool>())  // a blank text is missing here
      EXPECT_TRUE(close(made.rows[at], expected[at] / expected[at].norm(), 5e-5)) << texts[i];
  }
}

TEST(embedder, names_what_a_folder_is) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::io, "nowhere", [] { Embedder::load("nowhere"); });
  write_file_atomically(folder / "config.json", R"({"model_type": "llama"})");
  expect_error(ErrorKind::config, "unknown model_type 'llama'",
               [&] { Embedder::load(folder.path()); });
}

}  // namespace
}  // namespace braid::model
