// Every family's small checkpoint of goldens/models and goldens/variants: what transformers
// computes from it (hidden states, last tokens, pooled, projected), within the manifest's
// tolerances; from the features of pictures and sounds too (e2e), and as version 5 saves it.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "core/file.h"
#include "encoders/checkpoint_family.h"
#include "formats/npy.h"
#include "ops/random.h"
#include "support/module_checks.h"
#include "support/shared_folders.h"

namespace braid::encoders {
namespace {

namespace fs = std::filesystem;
using data::Kind;

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
constexpr double kFeaturesTolerance = 5e-5;

Tensor numbers(const fs::path& path) {
  const formats::NpyArray array = formats::read_npy(path.string());
  return at::from_blob(const_cast<double*>(array.values.data()), array.shape,
                       at::TensorOptions(at::kDouble))
      .clone();
}

/// Where the arrays of one case lie.
struct Files {
  fs::path inputs, outputs;
  std::string prefix;  // of their names
  fs::path input(const std::string& name) const { return inputs / (prefix + name + ".npy"); }
  fs::path output(const std::string& name) const { return outputs / (prefix + name + ".npy"); }
};

/// What one case feeds an encoder of `kind`; not present where the case has nothing for it.
struct Feed {
  Input input;
  data::ModalitySpec spec;
  bool exists = false;
};

Feed feed_of(const Files& files, Kind kind, const Json& config) {
  Feed feed;
  feed.spec.name = "golden";
  feed.spec.kind = kind;
  const auto has = [&](const char* name) { return fs::exists(files.input(name)); };
  const auto get = [&](const char* name) { return numbers(files.input(name)); };
  Input& input = feed.input;
  if (kind == Kind::text && has("input_ids")) {
    input.ids = get("input_ids").to(at::kLong);
    input.mask = has("attention_mask") ? get("attention_mask").ne(0) : input.ids.ge(0);
    if (has("token_type_ids")) input.types = get("token_type_ids").to(at::kLong);
    const Json& part = config.contains("text_config") ? config["text_config"] : config;
    feed.spec.vocabulary = part["vocab_size"].get<int64_t>();
    feed.spec.max_length = input.ids.size(1);
  } else if ((kind == Kind::image || kind == Kind::video) && has("pixel_values")) {
    input.values = get("pixel_values").to(at::kFloat);
    if (input.values.dim() != (kind == Kind::image ? 4 : 5)) return feed;
    feed.spec.channels = input.values.size(-3);
    feed.spec.height = input.values.size(-2);
    feed.spec.width = input.values.size(-1);
    if (kind == Kind::video) feed.spec.max_length = input.values.size(1);
  } else if (kind == Kind::audio && (has("input_features") || has("input_values"))) {
    input.values = get(has("input_values") ? "input_values" : "input_features").to(at::kFloat);
    if (input.values.dim() == 2) {
      input.values = input.values.unsqueeze(2);  // waves
      if (has("attention_mask")) input.mask = get("attention_mask").ne(0);
    } else if (input.values.dim() == 4) {
      input.values = input.values.squeeze(1);  // CLAP
    } else if (config["model_type"] == "whisper") {
      input.values = input.values.transpose(1, 2).contiguous();
    }
    feed.spec.features = input.values.size(2);
    feed.spec.max_length = input.values.size(1);
  } else {
    return feed;
  }
  const int64_t rows = (input.ids.defined() ? input.ids : input.values).size(0);
  input.present = at::ones({rows}, at::kBool);
  if (kind != Kind::image && !input.mask.defined())
    input.mask = at::ones({rows, input.values.size(1)}, at::kBool);
  feed.exists = true;
  return feed;
}

std::shared_ptr<Encoder> loaded(const Method& method, const Json& config,
                                const formats::Checkpoint& checkpoint,
                                const data::ModalitySpec& spec) {
  const ops::InitScope init(1);
  auto encoder = method.make(config, "encoders.golden", spec);
  encoder->eval();
  encoder->wants_hidden = true;
  encoder->wants_embedding = true;
  const Unused unused = load_published(*encoder, method.family(), checkpoint, "golden");
  EXPECT_TRUE(unused.unknown.empty()) << fmt::format("{}", fmt::join(unused.unknown, ", "));
  return encoder;
}

// What the reference does that only a batch's padding shows.
Json as_reference(Json config, const std::string& model_type) {
  if (model_type == "wav2vec2" || model_type == "hubert") config["norm_over_padding"] = true;
  return config;
}

// The reference's places of a spectrogram as the encoders order them: the first frames before the
// others, where the reference has the first bands before the others.
Tensor frames_first(const Tensor& theirs, const Json& config) {
  if (theirs.dim() == 4 && config["model_type"] == "clap") return theirs.transpose(2, 3);
  if (theirs.dim() < 3 || config["model_type"] != "audio-spectrogram-transformer") return theirs;
  const int64_t rows =
      (config["num_mel_bins"].get<int64_t>() - config["patch_size"].get<int64_t>()) /
          config["frequency_stride"].get<int64_t>() +
      1;
  const Tensor patches = theirs.slice(/*dim=*/-2, 2).unflatten(-2, {rows, -1}).transpose(-3, -2);
  return at::cat({theirs.slice(/*dim=*/-2, 0, 2), patches.flatten(-3, -2)}, /*dim=*/-2);
}

Tensor l2(const Tensor& x) { return x / x.norm(2, /*dim=*/-1, /*keepdim=*/true); }

// The largest difference where `mask` is true; infinite for other shapes. Tokens may lack the
// special ones that stand in front, and a picture's are (B, h w, C) of (B, C, h, w).
double difference(Tensor ours, Tensor theirs, const Tensor& mask) {
  if (theirs.dim() == 4 && ours.dim() == 3) theirs = theirs.flatten(2).transpose(1, 2);
  if (theirs.dim() == 4 && ours.dim() == 2) theirs = theirs.flatten(1);
  if (ours.dim() == 3 && theirs.dim() == 3 && theirs.size(1) > ours.size(1) &&
      theirs.size(1) <= ours.size(1) + 2)
    theirs = theirs.slice(/*dim=*/1, theirs.size(1) - ours.size(1));
  if (ours.sizes() != theirs.sizes()) return std::numeric_limits<double>::infinity();
  Tensor apart = (ours.to(at::kDouble) - theirs).abs();
  if (ours.dim() == 3 && mask.sizes() == ours.sizes().slice(0, 2))
    apart = apart.masked_fill(mask.logical_not().unsqueeze(2), 0);
  return apart.max().item<double>();
}

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

  static double apart(const std::string& name, const Encoded& ours, const Tensor& theirs) {
    if (name == "last_hidden_state") return difference(ours.tokens, theirs, ours.mask);
    if (name == "pooler_output" || name == "mean_pooled")
      return std::min(difference(ours.pooled, theirs, ours.mask),
                      difference(ours.embedding, theirs, ours.mask));
    if (name == "mean_pooled_l2") return difference(l2(ours.pooled), theirs, ours.mask);
    if (name == "embeds_l2") return difference(l2(ours.embedding), theirs, ours.mask);
    if (name == "embeds" || name == "features")
      return std::min(difference(ours.embedding, theirs, ours.mask),
                      difference(l2(ours.embedding), theirs, ours.mask));
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

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && fs::exists(entry.path() / "config.json"))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

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

}  // namespace
}  // namespace braid::encoders
