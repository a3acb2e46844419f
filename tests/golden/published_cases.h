// Cases of goldens/models as inputs of encoders, and how far outputs are apart.
#pragma once
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>
#include <string>

#include "core/file.h"
#include "encoders/checkpoint_family.h"
#include "formats/npy.h"
#include "ops/random.h"
#include "support/shared_folders.h"

namespace braid::encoders::golden {

namespace fs = std::filesystem;
using data::Kind;

// Of outputs from the features of a media file, as the manifests of e2e/ state it.
constexpr double kFeaturesTolerance = 5e-5;

inline Tensor numbers(const fs::path& path) {
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

inline Feed feed_of(const Files& files, Kind kind, const Json& config) {
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

inline std::shared_ptr<Encoder> loaded(const Method& method, const Json& config,
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
inline Json as_reference(Json config, const std::string& model_type) {
  if (model_type == "wav2vec2" || model_type == "hubert") config["norm_over_padding"] = true;
  return config;
}

// The reference's places of a spectrogram as the encoders order them: the first frames before the
// others, where the reference has the first bands before the others.
inline Tensor frames_first(const Tensor& theirs, const Json& config) {
  if (theirs.dim() == 4 && config["model_type"] == "clap") return theirs.transpose(2, 3);
  if (theirs.dim() < 3 || config["model_type"] != "audio-spectrogram-transformer") return theirs;
  const int64_t rows =
      (config["num_mel_bins"].get<int64_t>() - config["patch_size"].get<int64_t>()) /
          config["frequency_stride"].get<int64_t>() +
      1;
  const Tensor patches = theirs.slice(/*dim=*/-2, 2).unflatten(-2, {rows, -1}).transpose(-3, -2);
  return at::cat({theirs.slice(/*dim=*/-2, 0, 2), patches.flatten(-3, -2)}, /*dim=*/-2);
}

inline Tensor l2(const Tensor& x) { return x / x.norm(2, /*dim=*/-1, /*keepdim=*/true); }

// The largest difference where `mask` is true; infinite for other shapes. Tokens may lack the
// special ones that stand in front, and a picture's are (B, h w, C) of (B, C, h, w).
inline double difference(Tensor ours, Tensor theirs, const Tensor& mask, bool pools_last = false) {
  if (theirs.dim() == 4 && ours.dim() == 3) theirs = theirs.flatten(2).transpose(1, 2);
  if (theirs.dim() == 4 && ours.dim() == 2) theirs = theirs.flatten(1);
  if (ours.dim() == 3 && theirs.dim() == 3 && theirs.size(1) > ours.size(1) &&
      theirs.size(1) <= ours.size(1) + 2)
    theirs = theirs.slice(/*dim=*/1, theirs.size(1) - ours.size(1));
  if (ours.sizes() != theirs.sizes()) return std::numeric_limits<double>::infinity();
  Tensor apart = (ours.to(at::kDouble) - theirs).abs();
  if (ours.dim() == 3 && mask.sizes() == ours.sizes().slice(0, 2))
    apart = apart.masked_fill(mask.logical_not().unsqueeze(2), 0);
  // SigLIP's reference pools at the last place even where that is masked; here at the last real
  // one.
  if (ours.dim() == 2 && pools_last && mask.dim() == 2)
    apart = apart.masked_fill(mask.select(1, -1).logical_not().unsqueeze(1), 0);
  return apart.max().item<double>();
}

inline std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && fs::exists(entry.path() / "config.json"))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace braid::encoders::golden
