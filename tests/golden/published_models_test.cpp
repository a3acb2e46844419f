// Every family's small checkpoint of goldens/models and goldens/variants: what transformers
// computes from it (hidden states, last tokens, pooled, projected), within the manifest's
// tolerances.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <functional>
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
    "logits",           "logits_per_image", "logits_per_text",          "logits_per_audio",
    "extract_features", "mlm_logits",       "decoder_last_hidden_state"};
// What the manifests of media files list among the outputs.
const std::set<std::string> kInputs = {"pixel_values", "input_values", "input_features",
                                       "frames_uint8"};
// Of outputs from the features of a media file, as those manifests state it.
constexpr double kMediaTolerance = 5e-5;

Tensor numbers(const fs::path& path) {
  const formats::NpyArray array = formats::read_npy(path.string());
  return at::from_blob(const_cast<double*>(array.values.data()), array.shape,
                       at::TensorOptions(at::kDouble))
      .clone();
}

/// What one case feeds an encoder of `kind`; not present where the case has nothing for it.
struct Feed {
  Input input;
  data::ModalitySpec spec;
  bool exists = false;
};

// Files are found at `inputs` + name + ".npy".
Feed feed_of(const std::string& inputs, Kind kind, const Json& config) {
  Feed feed;
  feed.spec.name = "golden";
  feed.spec.kind = kind;
  const auto has = [&](const char* name) { return fs::exists(inputs + name + ".npy"); };
  const auto get = [&](const char* name) { return numbers(inputs + name + ".npy"); };
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

Tensor l2(const Tensor& x) { return x / x.norm(2, /*dim=*/-1, /*keepdim=*/true); }

// The largest difference where `mask` is true; infinite for other shapes. Tokens may lack the
// special ones that stand in front, and a picture's are (B, h w, C) of (B, C, h, w).
double difference(Tensor ours, Tensor theirs, const Tensor& mask, bool pools_last = false) {
  if (theirs.dim() == 4 && ours.dim() == 3) theirs = theirs.flatten(2).transpose(1, 2);
  if (theirs.dim() == 4 && ours.dim() == 2) theirs = theirs.flatten(1);
  if (ours.dim() == 3 && theirs.dim() == 3 && theirs.size(1) > ours.size(1) &&
      theirs.size(1) <= ours.size(1) + 2)
    theirs = theirs.slice(/*dim=*/1, theirs.size(1) - ours.size(1));
  if (ours.sizes() != theirs.sizes()) return std::numeric_limits<double>::infinity();
  Tensor apart = (ours.to(at::kDouble) - theirs).abs();
  if (ours.dim() == 3 && mask.sizes() == ours.sizes().slice(0, 2))
    apart = apart.masked_fill(mask.logical_not().unsqueeze(2), 0);
  // SigLIP's reference pools at the last place even where that is masked; here at the last real one.
  if (ours.dim() == 2 && pools_last && mask.dim() == 2)
    apart = apart.masked_fill(mask.select(1, -1).logical_not().unsqueeze(1), 0);
  return apart.max().item<double>();
}

class Checker {
 public:
  Checker(const fs::path& folder, Kind kind)
      : folder_(folder), kind_(kind), checkpoint_(formats::Checkpoint::open(folder.string())) {
    config_ = Json::parse(read_file((folder / "config.json").string()));
  }

  // The number of outputs compared: those that have an atol, with `atol_of_all` every one.
  int run(const std::string& inputs, const std::string& results, const Json& outputs,
          double atol_of_all = 0) {
    const Feed feed = feed_of(inputs, kind_, config_);
    if (!feed.exists) return 0;
    const Method& method = find_for(config_["model_type"].get<std::string>(), kind_, "golden");
    const Json config = published_config(method.family(), config_, checkpoint_, "golden");
    int compared = 0;
    for (const auto& item : outputs.items()) {
      const std::string name = without_tower(item.key());
      if (name.empty() || kOfOthers.count(item.key()) != 0 || kInputs.count(item.key()) != 0 ||
          !item.value().is_object())
        continue;
      const double atol = item.value().value("atol", atol_of_all);
      if (atol == 0) continue;
      SCOPED_TRACE(item.key());
      const Tensor theirs = numbers(results + item.key() + ".npy");
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
                                                                     {"audio_", Kind::audio}};
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
    if (name == "embeds" || name == "embeds_l2" || name == "features")
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

  const fs::path folder_;
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

int compare_folder(const fs::path& folder, const fs::path& cases, const Json& manifest) {
  int compared = 0;
  for (Kind kind : {Kind::text, Kind::image, Kind::audio, Kind::video}) {
    Checker checker(folder, kind);
    for (const auto& item : manifest["cases"].items()) {
      SCOPED_TRACE(folder.filename().string() + " " + data::to_string(kind) + " " + item.key());
      const Json& outputs =
          item.value().contains("outputs") ? item.value()["outputs"] : item.value();
      const std::string at = (cases / item.key()).string();
      compared += checker.run(at + "/inputs/", at + "/outputs/", outputs);
    }
  }
  return compared;
}

// `compare` for every checkpoint of an encoder under `root`; the number of those it found outputs
// of.
int for_each_checkpoint(const fs::path& root, const std::function<int(const fs::path&)>& compare) {
  int families = 0;
  for (const fs::path& folder : folders_in(root)) {
    const Json config = Json::parse(read_file((folder / "config.json").string()));
    if (kDecoders.count(config["model_type"].get<std::string>()) != 0) continue;
    SCOPED_TRACE(folder.filename().string());
    try {
      families += compare(folder) > 0 ? 1 : 0;
    } catch (const Error& e) {
      ADD_FAILURE() << e.what();
    }
  }
  return families;
}

void compare_all(const fs::path& root, std::set<std::string> without_encoder_outputs) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const int families = for_each_checkpoint(root, [&](const fs::path& folder) {
    const Json manifest = Json::parse(read_file((folder / "manifest.json").string()));
    const int compared = compare_folder(folder, folder / "cases", manifest);
    const std::string name = folder.filename().string();
    EXPECT_EQ(compared == 0, without_encoder_outputs.count(name) != 0) << compared;
    return compared;
  });
  EXPECT_GE(families, 4);
}

TEST(published_models, every_family_computes_what_the_reference_computes) {
  compare_all(fs::path(testing::goldens_folder()) / "models",
              {"bert_mlm", "bert_seqcls", "distilbert_seqcls", "roberta_seqcls", "vit_classifier",
               "resnet_classifier"});
}

TEST(published_models, other_layouts_of_the_same_checkpoints_are_the_same) {
  compare_all(fs::path(testing::goldens_folder()) / "variants", {});
}

TEST(published_models, features_of_media_files_make_what_the_reference_makes) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const fs::path root = fs::path(testing::goldens_folder()) / "models";
  const int families = for_each_checkpoint(root, [](const fs::path& folder) {
    if (!fs::exists(folder / "e2e" / "manifest.json")) return 0;
    const Json manifest = Json::parse(read_file((folder / "e2e" / "manifest.json").string()));
    int compared = 0;
    for (Kind kind : {Kind::image, Kind::audio, Kind::video}) {
      Checker checker(folder, kind);
      for (const auto& item : manifest["cases"].items()) {
        SCOPED_TRACE(item.key());
        const std::string at = (folder / "e2e" / fs::path(item.key()).stem()).string() + ".";
        compared += checker.run(at, at, item.value(), kMediaTolerance);
      }
    }
    return compared;
  });
  EXPECT_GE(families, 4);
}

/// A classifier's own head: its linear maps, one after the other, on the pooled vector or the first
/// token.
struct Head {
  const char* folder;
  Kind kind;
  bool is_of_pooled;
  std::vector<std::string> maps;
  std::function<Tensor(const Tensor&)> between = nullptr;
  const char* pooled = "";  // unless it is the family's own way
};

Tensor parameter_of(const formats::Checkpoint& checkpoint, const std::string& name) {
  const formats::TensorView* view = checkpoint.find(name);
  const Tensor values = at::empty(at::IntArrayRef(view->shape), at::kFloat);
  formats::to_floats(*view, values.data_ptr<float>());
  return values;
}

Tensor logits_of(const Head& head, const formats::Checkpoint& checkpoint, const Encoded& encoded) {
  Tensor x = head.is_of_pooled ? encoded.pooled : encoded.tokens.select(/*dim=*/1, 0);
  for (size_t i = 0; i < head.maps.size(); ++i) {
    if (i > 0) x = head.between(x);
    x = at::linear(x, parameter_of(checkpoint, head.maps[i] + ".weight"),
                   parameter_of(checkpoint, head.maps[i] + ".bias"));
  }
  return x;
}

/// Where a case's inputs and logits are, and how close the logits have to be.
struct LogitsCase {
  std::string inputs, outputs;
  double atol;
};

std::vector<LogitsCase> logits_cases(const fs::path& folder) {
  std::vector<LogitsCase> cases;
  const Json manifest = Json::parse(read_file((folder / "manifest.json").string()));
  for (const auto& item : manifest["cases"].items()) {
    const std::string at = (folder / "cases" / item.key()).string();
    cases.push_back({at + "/inputs/", at + "/outputs/",
                     item.value()["outputs"]["logits"]["atol"].get<double>()});
  }
  for (const char* file : {"a", "b", "frames"}) {
    const std::string at = (folder / "e2e" / file).string() + ".";
    if (fs::exists(at + "logits.npy")) cases.push_back({at, at, kMediaTolerance});
  }
  return cases;
}

TEST(published_models, heads_of_classifiers_make_the_same_logits) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const std::vector<Head> heads = {
      {"bert_seqcls", Kind::text, /*is_of_pooled=*/true, {"classifier"}, nullptr, "pooler"},
      {"roberta_seqcls",
       Kind::text,
       /*is_of_pooled=*/false,
       {"classifier.dense", "classifier.out_proj"},
       [](const Tensor& x) { return at::tanh(x); }},
      {"distilbert_seqcls",
       Kind::text,
       /*is_of_pooled=*/false,
       {"pre_classifier", "classifier"},
       [](const Tensor& x) { return at::relu(x); }},
      {"vit_classifier", Kind::image, /*is_of_pooled=*/false, {"classifier"}},
      {"resnet_classifier", Kind::image, /*is_of_pooled=*/true, {"classifier.1"}},
      {"videomae", Kind::video, /*is_of_pooled=*/true, {"classifier"}}};
  for (const Head& head : heads) {
    SCOPED_TRACE(head.folder);
    const fs::path folder = fs::path(testing::goldens_folder()) / "models" / head.folder;
    const auto checkpoint = formats::Checkpoint::open(folder.string());
    const Json given = Json::parse(read_file((folder / "config.json").string()));
    const Method& method = find_for(given["model_type"].get<std::string>(), head.kind, "golden");
    Json config = published_config(method.family(), given, checkpoint, "golden");
    if (*head.pooled != '\0') config["pooled"] = head.pooled;
    for (const LogitsCase& one : logits_cases(folder)) {
      SCOPED_TRACE(one.inputs);
      const Feed feed = feed_of(one.inputs, head.kind, given);
      auto encoder = loaded(method, config, checkpoint, feed.spec);
      const Tensor logits = logits_of(head, checkpoint, encoder->forward(feed.input));
      EXPECT_LE(difference(logits, numbers(one.outputs + "logits.npy"), Tensor()), one.atol);
    }
  }
}

}  // namespace
}  // namespace braid::encoders
