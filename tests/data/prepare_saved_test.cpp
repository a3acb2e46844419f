// What of a preparation is learned, hashed, saved and read back.
#include <gtest/gtest.h>

#include "data/prepare.h"
#include "media_set.h"

namespace braid::data {
namespace {

TEST(prepare_saved, a_test_row_changes_nothing_that_is_learned) {
  MediaSet set;
  const Dataset dataset = set.open();
  const uint64_t before = set.learn(dataset).fingerprint();
  set.write("5.png", formats::encode_png(flat_image(9, 9, {1, 2, 3})));
  set.write("5.npy", formats::serialize_npy({2}, {7, 7}));
  EXPECT_EQ(set.learn(dataset).fingerprint(), before);
  EXPECT_EQ(set.learn(dataset, {0, 1, 2, 3}, /*num_threads=*/3).fingerprint(), before);
  EXPECT_NE(set.learn(dataset, {0, 1, 2, 3, 5}).fingerprint(), before);
}

TEST(prepare_saved, the_fingerprint_follows_every_setting) {
  MediaSet set;
  const Dataset dataset = set.open();
  const uint64_t before = set.learn(dataset).fingerprint();
  const std::vector<std::function<void(PrepareConfig&)>> changes = {
      [](PrepareConfig& c) { c.image.fit = "pad"; },
      [](PrepareConfig& c) { c.audio.remove_mean = false; },
      [](PrepareConfig& c) { c.audio.log_mel.hop_ms = 5; },
      [](PrepareConfig& c) { c.text.max_tokens = 5; },
      [](PrepareConfig& c) { c.text.vocabulary.normalize.lowercase = false; },
      [](PrepareConfig& c) { c.text.vocabulary.unit = "words"; },
      [](PrepareConfig& c) { c.tabular.clip = 5; },
      [](PrepareConfig& c) { c.embedding.clip = 5; }};
  const PrepareConfig original = set.prepare;
  for (size_t i = 0; i < changes.size(); ++i) {
    set.prepare = original;
    changes[i](set.prepare);
    EXPECT_NE(set.learn(dataset).fingerprint(), before) << i;
  }
  set.prepare = original;
  set.prepare.cache = set.folder / "cache";  // where arrays are kept changes none of them
  EXPECT_EQ(set.learn(dataset).fingerprint(), before);
  EXPECT_EQ(set.learn(dataset).cache(), set.folder / "cache");
}

TEST(prepare_saved, what_is_saved_reads_back_bit_for_bit) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  TemporaryFolder folder;
  preparation.save(folder / "new/bundle");
  const Preparation loaded = Preparation::load(folder / "new/bundle");
  EXPECT_EQ(loaded.fingerprint(), preparation.fingerprint());
  EXPECT_EQ(loaded.fields().size(), preparation.fields().size());
  for (int64_t row = 0; row < dataset.size(); ++row)
    EXPECT_EQ(loaded.prepare(dataset.sample(row)), preparation.prepare(dataset.sample(row))) << row;
  for (size_t m = 0; m < 5; ++m)
    EXPECT_EQ(dump_config(loaded.specs()[m]).dump(), dump_config(preparation.specs()[m]).dump());
  loaded.save(folder / "again");
  EXPECT_EQ(read_file(folder / "again/preparation.json"),
            read_file(folder / "new/bundle/preparation.json"));
}

TEST(prepare_saved, a_spec_is_dumped_and_read) {
  ModalitySpec spec;
  spec.name = "tabular";
  spec.kind = Kind::tabular;
  spec.features = 2;
  spec.categories = {5, 7};
  const Json dumped = dump_config(spec);
  EXPECT_EQ(dumped["kind"], "tabular");
  ModalitySpec read;
  read_config(dumped, "spec", read);
  EXPECT_EQ(read.kind, Kind::tabular);
  EXPECT_EQ(read.categories, spec.categories);
  EXPECT_FAILURE(read_config(Json{{"kind", "numeric"}}, "spec", read), config,
                 "spec.kind: expected one of");
}

// Changes preparation.json and says what load() makes of it.
Failure load_after(const std::string& folder, const std::function<void(Json&)>& change) {
  const std::string path = folder + "/preparation.json", before = read_file(path);
  Json node = Json::parse(before);
  change(node);
  write_file_atomically(path, node.dump());
  const Failure failure = failure_of([&] { Preparation::load(folder); });
  write_file_atomically(path, before);
  return failure;
}

TEST(prepare_saved, a_damaged_file_is_refused) {
  MediaSet set;
  const Dataset dataset = set.open();
  TemporaryFolder folder;
  set.learn(dataset).save(folder.path());
  auto state = [](Json& node, size_t m) -> Json& { return node["modalities"][m]["state"]; };
  const std::vector<std::pair<std::function<void(Json&)>, std::string>> cases = {
      {[](Json& n) { n["version"] = 2; }, "preparation.json: expected version 1, got 2"},
      {[](Json& n) { n.erase("version"); }, "expected version 1, got none"},
      {[](Json& n) { n.erase("modalities"); }, "expected key \"modalities\", got none"},
      {[](Json& n) { n["fields"][0]["kind"] = "imagee"; },
       "unknown kind 'imagee'; did you mean 'image'"},
      {[](Json& n) { n["modalities"][0]["kind"] = "numeric"; },
       "modality \"photo\": expected the kind of a modality, got numeric"},
      {[](Json& n) { n["modalities"].push_back(n["modalities"][0]); },
       "modality \"photo\" stands twice"},
      {[&](Json& n) { state(n, 0)["size"] = 0; },
       "modality \"photo\".size: expected a number between 1 and 1024"},
      {[&](Json& n) { state(n, 0)["channel"]["mean"].push_back(1.0); },
       "expected 1 means and deviations, got 2 and 1"},
      {[&](Json& n) { state(n, 0)["channel"]["deviation"][0] = 0; },
       "expected positive deviations, got 0"},
      {[&](Json& n) { state(n, 0)["extra"] = 1; }, "unknown config key"},
      {[&](Json& n) { state(n, 1)["log_mel"]["low_hz"] = 5000; }, "modality \"sound\": "},
      {[&](Json& n) { state(n, 1)["band"].erase("mean"); }, "expected key \"mean\", got none"},
      {[](Json& n) { n["modalities"][2]["vocabulary"] = "../x"; },
       "expected the name of a vocabulary file"},
      {[&](Json& n) { state(n, 3)["values"] = Json::array(); },
       "expected one list of different texts for each of 1"},
      {[&](Json& n) { state(n, 3)["numeric"][0] = "other"; },
       "expected the fields age, sex, got other, sex"},
      {[&](Json& n) { state(n, 4)["features"] = 3; },
       "expected 3 means and deviations, got 2 and 2"}};
  for (const auto& [change, message] : cases) {
    const Failure failure = load_after(folder.path(), change);
    EXPECT_EQ(failure.kind, ErrorKind::format) << failure.message;
    EXPECT_NE(failure.message.find(message), std::string::npos)
        << failure.message << "\nexpected " << message;
  }
  write_file_atomically(folder / "vocab-note.txt", "a\na\n");
  EXPECT_FAILURE(Preparation::load(folder.path()), format, "modality \"note\"");
  write_file_atomically(folder / "preparation.json", "{");
  EXPECT_FAILURE(Preparation::load(folder.path()), format, "preparation.json: byte");
}

}  // namespace
}  // namespace braid::data
