#include "model/shared_space.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "data/batch.h"
#include "formats/checkpoint.h"
#include "formats/hub_folder.h"
#include "fusion/fusion.h"
#include "model/bundle_folder.h"
#include "model/model.h"
#include "model/module_state.h"
#include "model/tensors.h"

namespace braid::model {
namespace {

constexpr double kLargestScale = 100;  // CLIP's
constexpr size_t kBlock = 64;          // samples prepared and encoded at a time

/// The kinds a published model's two towers read.
const std::map<std::string, std::vector<data::Kind>>& published_pairs() {
  using data::Kind;
  static const std::map<std::string, std::vector<Kind>> known = {
      {"clip", {Kind::image, Kind::text}},
      {"siglip", {Kind::image, Kind::text}},
      {"clap", {Kind::audio, Kind::text}}};
  return known;
}

// A scalar of a checkpoint; `fallback` where it has none of these names.
double scalar_in(const formats::Checkpoint& checkpoint, const std::vector<std::string>& names,
                 double fallback, const std::string& where) {
  for (const std::string& name : names) {
    const formats::TensorView* found = checkpoint.find(name);
    if (found == nullptr) continue;
    const std::vector<float> values = formats::to_floats(*found);
    BRAID_CHECK(values.size() == 1, format, "{}: {}: expected one number, got {}", where, name,
                values.size());
    return values[0];
  }
  return fallback;
}

// Members have to differ somewhere.
void check_members(const SpaceConfig& config, const Json& encoders,
                   const std::vector<std::string>& names) {
  const bool is_all_started = std::all_of(names.begin(), names.end(), [&](const auto& name) {
    return encoders.contains(name) && encoders[name].contains("from");
  });
  BRAID_CHECK(config.members == 1 || config.projection != "none" || !is_all_started, config,
              "space.members: expected members that begin differently, got {} of the same encoders "
              "without projections; set space.projection to linear, or members to 1",
              config.members);
}

}  // namespace

SharedSpace::SharedSpace(const SpaceConfig& config, const SpaceEncodersConfig& encoders,
                         data::Preparation preparation, Parameters first)
    : config_(config), encoders_config_(encoders), preparation_(std::move(preparation)) {
  prepared_modalities_ = choose_modalities(encoders.modalities, preparation_.specs());
  for (size_t m : prepared_modalities_) specs_.push_back(preparation_.specs()[m]);
  encoders_config_.modalities.clear();
  for (const data::ModalitySpec& spec : specs_) encoders_config_.modalities.push_back(spec.name);
  const std::vector<std::string>& names = encoders_config_.modalities;
  BRAID_CHECK(names.size() >= 2, config,
              "model.modalities: a shared space needs at least two modalities, got {} ({}); name "
              "another column",
              names.size(), fmt::join(names, ", "));
  check_encoder_names(encoders_config_.encoders, names);
  const Json again = encoders_config_.encoders;
  check_members(config_, again, names);
  members_.push_back(make_member(this, first, &encoders_config_.encoders, &warnings_));
  for (int64_t member = 2; member <= config_.members; ++member) {
    std::vector<std::string> said;  // by the first already
    Json encoders_again = again;
    auto parent =
        register_module(fmt::format("member{}", member), std::make_shared<torch::nn::Module>());
    members_.push_back(make_member(parent.get(), first, &encoders_again, &said));
  }
  is_frozen_.assign(specs_.size(), false);
  log_scale_ = register_parameter("logit_scale", at::scalar_tensor(-std::log(config.temperature)));
  bias_ = register_parameter("logit_bias", at::scalar_tensor(config.bias));
}

SharedSpace::Member SharedSpace::make_member(torch::nn::Module* parent, Parameters first,
                                             Json* encoders, std::vector<std::string>* warnings) {
  Member member;
  const std::vector<std::string> modules = fusion::module_names(modalities());
  auto folder = parent->register_module("encoders", std::make_shared<torch::nn::Module>());
  for (size_t m = 0; m < specs_.size(); ++m) {
    member.encoders.push_back(make_encoder(specs_[m], /*is_raw=*/false, first, encoders, warnings));
    folder->register_module(modules[m], member.encoders.back());
  }
  make_projections(parent, &member);
  return member;
}

void SharedSpace::make_projections(torch::nn::Module* parent, Member* member) {
  const auto& encoders = member->encoders;
  if (config_.projection == "none") {
    for (size_t m = 0; m < encoders.size(); ++m) {
      const int64_t width = encoders[m]->embedding_width();
      BRAID_CHECK(width > 0 && width == encoders[0]->embedding_width(), config,
                  "space.projection: none needs encoders with vectors of one width, got {} of {} "
                  "and {} of {}; use linear",
                  encoders[0]->embedding_width(), specs_[0].name, width, specs_[m].name);
      encoders[m]->wants_embedding = true;
    }
    config_.width = encoders[0]->embedding_width();
    return;
  }
  const std::vector<std::string> modules = fusion::module_names(modalities());
  auto folder = parent->register_module("projections", std::make_shared<torch::nn::Module>());
  const std::vector<int64_t> hidden =
      config_.projection == "mlp" ? std::vector<int64_t>{config_.width} : std::vector<int64_t>{};
  for (size_t m = 0; m < encoders.size(); ++m) {
    member->projections.emplace_back(encoders[m]->width(), hidden, config_.width, /*dropout=*/0.0,
                                     "gelu");
    folder->register_module(modules[m], member->projections.back());
  }
}

Embedded SharedSpace::embed(const Input& input, size_t modality) {
  std::vector<Tensor> rows;  // [member] (B, E / members) of length 1
  Tensor present;
  for (Member& member : members_) {
    Encoded encoded;
    try {
      encoded = member.encoders[modality]->forward(input);
    } catch (const Error& e) {
      rethrow_with(e, specs_[modality].name);
    }
    const Tensor vectors =
        member.projections.empty()
            ? encoded.embedding
            : member.projections[modality]->forward(keep_where(encoded.present, encoded.pooled));
    const Tensor lengths = vectors.norm(/*p=*/2, /*dim=*/1, /*keepdim=*/true).clamp_min(1e-12);
    rows.push_back(keep_where(encoded.present, vectors / lengths));
    present = encoded.present;
  }
  if (rows.size() == 1) return {rows[0], present};
  return {at::cat(rows, /*dim=*/1) / std::sqrt(static_cast<double>(rows.size())), present};
}

Tensor SharedSpace::member_rows(const Tensor& rows, int64_t member) const {
  if (config_.members == 1) return rows;
  return rows.narrow(/*dim=*/1, member * config_.width, config_.width) *
         std::sqrt(static_cast<double>(config_.members));
}

std::vector<std::string> SharedSpace::encoder_prefixes(size_t modality) const {
  const std::string own = "encoders." + fusion::module_names(modalities())[modality] + ".";
  std::vector<std::string> prefixes = {own};
  for (int64_t member = 2; member <= config_.members; ++member)
    prefixes.push_back(fmt::format("member{}.{}", member, own));
  return prefixes;
}

Embedded SharedSpace::embed(const std::vector<data::Sample>& samples, size_t modality,
                            int num_threads) {
  BRAID_CHECK(modality < specs_.size(), shape, "space: expected a modality below {}, got {}",
              specs_.size(), modality);
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> rows = {at::zeros({0, width()})};
  std::vector<Tensor> present = {at::zeros({0}, at::kBool)};
  for (size_t begin = 0; begin < samples.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, samples.size() - begin);
    std::vector<data::Prepared> prepared(size);
    parallel_for(static_cast<int64_t>(size), num_threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      prepared[at] = preparation_.prepare(samples[begin + at], prepared_modalities_[modality]);
    });
    std::vector<const data::Prepared*> pointers;
    for (const data::Prepared& one : prepared) pointers.push_back(&one);
    const Embedded block = embed(
        to_input(data::collate(specs_[modality], pointers), specs_[modality], device()), modality);
    rows.push_back(block.rows.cpu());
    present.push_back(block.present.cpu());
  }
  return {at::cat(rows), at::cat(present)};
}

void SharedSpace::clamp_scale() {
  const torch::NoGradGuard no_grad;
  log_scale_.clamp_max_(std::log(kLargestScale));
}

int64_t SharedSpace::num_parameters() const {
  int64_t total = 0;
  for (const Tensor& parameter : parameters()) total += parameter.numel();
  return total;
}

void SharedSpace::freeze(size_t modality) {
  is_frozen_[modality] = true;
  for (const Member& member : members_) {
    for (Tensor& parameter : member.encoders[modality]->parameters())
      parameter.set_requires_grad(false);
    member.encoders[modality]->eval();
  }
}

void SharedSpace::train(bool on) {
  torch::nn::Module::train(on);
  for (const Member& member : members_)
    for (size_t m = 0; m < is_frozen_.size(); ++m)
      if (is_frozen_[m]) member.encoders[m]->eval();
}

void SharedSpace::write(const std::string& folder, const Json& metrics) const {
  replace_as_a_whole(folder, [&](const std::string& fresh) {
    Json config = bundle_header(kBundleVersion);
    config["kind"] = kSharedSpaceKind;
    config["model"] = dump_config(encoders_config_);
    config["space"] = dump_config(config_);
    preparation_.save(fresh);
    write_file_atomically(fresh + "/model.safetensors",
                          formats::serialize_safetensors(module_state(*this)));
    write_file_atomically(fresh + "/metrics.json", metrics.dump(2) + "\n");
    write_file_atomically(fresh + "/config.json", config.dump(2) + "\n");
  });
}

std::shared_ptr<SharedSpace> SharedSpace::load(const std::string& folder) {
  if (!file_exists(folder + "/preparation.json")) return load_published(folder);
  const std::string path = folder + "/config.json";
  const Json config = read_bundle_config(folder);
  BRAID_CHECK(is_shared_space(config), format,
              "{}: expected a shared space, got a bundle that predicts; use 'braid predict' on it, "
              "or make a space with 'braid contrast'",
              folder);
  SpaceConfig space;
  SpaceEncodersConfig encoders;
  try {
    read_config(config.at("space"), "space", space);
    read_config(config.at("model"), "model", encoders);
  } catch (const Json::exception& e) {
    fail(ErrorKind::format, "{}: expected a shared space's config, got something else ({})", path,
         e.what());
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::config) throw;
    rethrow_with(e, path);
  }
  auto loaded = std::make_shared<SharedSpace>(space, encoders, data::Preparation::load(folder),
                                              Parameters::blank);
  const std::string weights = folder + "/model.safetensors";
  load_module_state(formats::read_safetensors(weights), weights, loaded.get());
  const std::string metrics = folder + "/metrics.json";
  if (file_exists(metrics))
    loaded->metrics_ = parse_json(read_file(metrics, uint64_t{1} << 26), metrics);
  loaded->eval();
  return loaded;
}

std::shared_ptr<SharedSpace> SharedSpace::load_published(const std::string& path) {
  const formats::HubFolder folder = formats::read_hub_folder(path);
  const Json type = folder.config.value("model_type", Json());
  const auto pair =
      published_pairs().find(type.is_string() ? type.get<std::string>() : std::string());
  std::vector<std::string> known;
  for (const auto& item : published_pairs()) known.push_back(item.first);
  BRAID_CHECK(
      pair != published_pairs().end(), config,
      "{}: expected a shared space, or a published model of two towers (model_type {}), got "
      "{}; make a space of single encoders with 'braid contrast'",
      path, fmt::join(known, ", "), type.dump());
  SpaceConfig config;
  config.projection = "none";
  config.loss = pair->first == "siglip" ? "sigmoid" : "infonce";
  SpaceEncodersConfig encoders;
  for (data::Kind kind : pair->second) encoders.encoders[data::to_string(kind)] = {{"from", path}};
  const formats::Checkpoint checkpoint = formats::Checkpoint::open(folder.model_path);
  // CLAP has a scale for each direction.
  const double log_scale =
      scalar_in(checkpoint, {"logit_scale", "logit_scale_a"}, -std::log(config.temperature), path);
  auto loaded = std::make_shared<SharedSpace>(
      config, encoders, data::Preparation::published(path, pair->second, data::PrepareConfig()));
  const torch::NoGradGuard no_grad;
  loaded->log_scale_.fill_(log_scale);
  loaded->bias_.fill_(scalar_in(checkpoint, {"logit_bias"}, /*fallback=*/0, path));
  loaded->eval();
  return loaded;
}

}  // namespace braid::model
