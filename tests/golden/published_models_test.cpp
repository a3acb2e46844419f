// Every family's small checkpoint of goldens/models and goldens/variants: what transformers
// computes from it (hidden states, last tokens, pooled, projected), within the manifest's
// tolerances; from the features of pictures and sounds too (e2e), and as version 5 saves it.
#include <functional>
#include <map>

#include "golden/published_cases.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace golden;

// Checkpoints that no encoder reads: decoders.
const std::set<std::string> kDecoders = {"gpt2", "llama", "qwen2", "llava"};
// Outputs of heads and of whole pairs of towers, which are no encoder's.
const std::set<std::string> kOfOthers = {
    "logits",           "logits_per_image", "logits_per_text",           "logits_per_audio",
    "extract_features", "mlm_logits",       "decoder_last_hidden_state", "greedy_margin"};
// Outputs from a picture's or a sound's features, and their tolerance by e2e/manifest.json.
const std::set<std::string> kOfFeatures = {
    "last_hidden_state", "encoder_last_hidden_state", "pooler_output",  "image_features",
    "audio_features",    "image_embeds_l2",           "audio_embeds_l2"};

class Checker {
 public:
  /// The config.json of `config`, the tensors of `weights`.
  Checker(const fs::path& config, const fs::path& weights, Kind kind)
      : kind_(kind), checkpoint_(formats::Checkpoint::open(weights.string())) {
    config_ = Json::parse(read_file((config / "config.json").string()));
  }

  // The number of outputs compared.
  int run(const Files& files, const std::map<std::string, double>& tolerances) {
    const Feed feed = feed_of(files, kind_, config_);
    if (!feed.exists) return 0;
    const std::string model_type = config_["model_type"].get<std::string>();
    int compared = 0;
    for (const auto& [output, atol] : tolerances) {
      const std::string name = without_tower(output);
      if (name.empty() || kOfOthers.count(output) != 0) continue;
      SCOPED_TRACE(output);
      const Method& method = find_for(model_type, kind_, "golden");
      const Json config = as_reference(
          published_config(method.family(), config_, checkpoint_, "golden"), model_type);
      Tensor theirs = numbers(files.output(output));
      if (kind_ == Kind::audio) theirs = frames_first(theirs, config_);
      // What the family pools by, and by the other ways it knows.
      double best = std::numeric_limits<double>::infinity();
      for (const char* pooled : {"", "pooler", "mean", "cls"}) {
        Json chosen = config;
        if (*pooled != '\0') chosen["pooled"] = pooled;
        try {
          auto encoder = loaded(method, chosen, checkpoint_, feed.spec);
          best = std::min(best, apart(name, encoder->forward(feed.input), theirs));
        } catch (const Error&) {
          if (*pooled == '\0') throw;
        }
        if (best <= atol) break;
      }
      EXPECT_LE(best, atol);
      ++compared;
    }
    return compared;
  }

 private:
  // The output's name without its tower's; empty where it is the other tower's.
  std::string without_tower(const std::string& name) const {
    static const std::vector<std::pair<std::string, Kind>> towers = {{"text_", Kind::text},
                                                                     {"vision_", Kind::image},
                                                                     {"image_", Kind::image},
                                                                     {"audio_", Kind::audio},
                                                                     {"encoder_", Kind::audio}};
    for (const auto& [prefix, kind] : towers)
      if (name.compare(0, prefix.size(), prefix) == 0)
        return kind == kind_ ? name.substr(prefix.size()) : "";
    return name;
  }

  double apart(const std::string& name, const Encoded& ours, const Tensor& theirs) const {
    const bool pools_last = kind_ == Kind::text && config_["model_type"] == "siglip";
    if (name == "last_hidden_state") return difference(ours.tokens, theirs, ours.mask);
    if (name == "pooler_output" || name == "mean_pooled")
      return std::min(difference(ours.pooled, theirs, ours.mask, pools_last),
                      difference(ours.embedding, theirs, ours.mask, pools_last));
    if (name == "mean_pooled_l2") return difference(l2(ours.pooled), theirs, ours.mask);
    if (name == "embeds_l2") return difference(l2(ours.embedding), theirs, ours.mask);
    if (name == "embeds" || name == "features")
      return std::min(difference(ours.embedding, theirs, ours.mask, pools_last),
                      difference(l2(ours.embedding), theirs, ours.mask, pools_last));
    if (name.compare(0, 13, "hidden_state_") == 0)  // a CNN's stages
      return difference(ours.hidden.at(std::stoul(name.substr(13))), theirs, ours.mask);
    EXPECT_EQ(name, "hidden_states") << "an output that no comparison knows";
    double worst = 0;
    if (theirs.size(0) != int64_t(ours.hidden.size()))
      return std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < theirs.size(0); ++i) {
      double here = difference(ours.hidden[size_t(i)], theirs[i], ours.mask);
      // Some versions hand on the last one after the final norm.
      if (i + 1 == theirs.size(0))
        here = std::min(here, difference(ours.tokens, theirs[i], ours.mask));
      worst = std::max(worst, here);
    }
    return worst;
  }

  const Kind kind_;
  formats::Checkpoint checkpoint_;
  Json config_;
};

const std::vector<Kind> kKinds = {Kind::text, Kind::image, Kind::audio, Kind::video};

// The cases of `folder`'s manifest, for the checkpoint of that config and those tensors.
int compare_cases(const fs::path& folder, const fs::path& config, const fs::path& weights) {
  const Json manifest = Json::parse(read_file((folder / "manifest.json").string()));
  int compared = 0;
  for (Kind kind : kKinds) {
    Checker checker(config, weights, kind);
    for (const auto& item : manifest["cases"].items()) {
      SCOPED_TRACE(std::string(data::to_string(kind)) + " " + item.key());
      const Json& outputs =
          item.value().contains("outputs") ? item.value()["outputs"] : item.value();
      std::map<std::string, double> tolerances;
      for (const auto& output : outputs.items())
        if (output.value().contains("atol"))
          tolerances[output.key()] = output.value()["atol"].get<double>();
      const fs::path files = folder / "cases" / item.key();
      compared += checker.run({files / "inputs", files / "outputs", ""}, tolerances);
    }
  }
  return compared;
}

// What comes of the features of pictures and sounds.
int compare_features(const fs::path& folder) {
  const Json manifest = Json::parse(read_file((folder / "e2e" / "manifest.json").string()));
  int compared = 0;
  for (Kind kind : {Kind::image, Kind::audio, Kind::video}) {
    Checker checker(folder, folder, kind);
    for (const auto& item : manifest["cases"].items()) {
      SCOPED_TRACE(std::string(data::to_string(kind)) + " " + item.key());
      std::map<std::string, double> tolerances;
      for (const auto& output : item.value().items())
        if (kOfFeatures.count(output.key()) != 0) tolerances[output.key()] = kFeaturesTolerance;
      const std::string stem = fs::path(item.key()).stem().string() + ".";
      compared += checker.run({folder / "e2e", folder / "e2e", stem}, tolerances);
    }
  }
  return compared;
}

void compare_all(const fs::path& root, const std::set<std::string>& without_encoder_outputs,
                 const std::function<int(const fs::path&)>& compare) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  int families = 0;
  for (const fs::path& folder : folders_in(root)) {
    const Json config = Json::parse(read_file((folder / "config.json").string()));
    if (kDecoders.count(config["model_type"].get<std::string>()) != 0) continue;
    const std::string name = folder.filename().string();
    SCOPED_TRACE(name);
    try {
      const int compared = compare(folder);
      EXPECT_EQ(compared == 0, without_encoder_outputs.count(name) != 0) << compared;
      families += compared > 0 ? 1 : 0;
    } catch (const Error& e) {
      ADD_FAILURE() << e.what();
    }
  }
  EXPECT_GE(families, 4);
}

const std::set<std::string> kWithoutEncoderOutputs = {"bert_mlm",          "bert_seqcls",
                                                      "distilbert_seqcls", "roberta_seqcls",
                                                      "vit_classifier",    "resnet_classifier"};

TEST(published_models, every_family_computes_what_the_reference_computes) {
  compare_all(fs::path(testing::goldens_folder()) / "models", kWithoutEncoderOutputs,
              [](const fs::path& folder) { return compare_cases(folder, folder, folder); });
}

TEST(published_models, other_layouts_of_the_same_checkpoints_are_the_same) {
  compare_all(fs::path(testing::goldens_folder()) / "variants", {},
              [](const fs::path& folder) { return compare_cases(folder, folder, folder); });
}

TEST(published_models, as_version_5_saves_them_they_are_the_same) {
  compare_all(fs::path(testing::goldens_folder()) / "models", kWithoutEncoderOutputs,
              [](const fs::path& folder) {
                const fs::path saved = folder / "saved_by_v5";
                return compare_cases(folder, saved,
                                     fs::exists(saved / "model.safetensors") ? saved : folder);
              });
}

TEST(published_models, features_of_pictures_and_sounds_give_what_they_give_the_reference) {
  std::set<std::string> without = {"wav2vec2_ctc_stable", "resnet_classifier", "vit_classifier"};
  const fs::path root = fs::path(testing::goldens_folder()) / "models";
  if (!testing::goldens_folder().empty())
    for (const fs::path& folder : folders_in(root))
      if (!fs::exists(folder / "e2e")) without.insert(folder.filename().string());
  compare_all(root, without, [](const fs::path& folder) {
    return fs::exists(folder / "e2e") ? compare_features(folder) : 0;
  });
}

// What was read is written under the published names, and read again to the same bits.
int write_and_read(const fs::path& folder) {
  const Json given = Json::parse(read_file((folder / "config.json").string()));
  const auto checkpoint = formats::Checkpoint::open(folder.string());
  const Json manifest = Json::parse(read_file((folder / "manifest.json").string()));
  int written = 0;
  for (Kind kind : kKinds)
    for (const auto& item : manifest["cases"].items()) {
      const fs::path files = folder / "cases" / item.key();
      const Feed feed = feed_of({files / "inputs", files / "outputs", ""}, kind, given);
      if (!feed.exists) continue;
      const Method& method = find_for(given["model_type"].get<std::string>(), kind, "golden");
      const Json config = published_config(method.family(), given, checkpoint, "golden");
      const auto encoder = loaded(method, config, checkpoint, feed.spec);
      std::vector<Tensor> storage;
      const auto views = published_state(*encoder, method.family(), &storage);
      const TemporaryFolder temporary;
      formats::write_checkpoint(temporary / "out", views, {});
      const auto again = formats::Checkpoint::open(temporary / "out");
      const ops::InitScope init(2);
      auto other = method.make(config, "encoders.golden", feed.spec);
      EXPECT_TRUE(load_published(*other, method.family(), again, "golden").unknown.empty());
      checks::expect_same_state(*encoder, *other);
      ++written;
      break;
    }
  return written;
}

TEST(published_models, what_is_written_is_what_was_read) {
  compare_all(fs::path(testing::goldens_folder()) / "models", {}, write_and_read);
}

}  // namespace
}  // namespace braid::encoders
