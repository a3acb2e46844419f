#include "model/embedder.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "data/batch.h"
#include "encoders/checkpoint_family.h"
#include "formats/hub_folder.h"
#include "model/bundle.h"
#include "model/bundle_folder.h"
#include "model/make_encoder.h"
#include "model/tensors.h"
#include "ops/random.h"
#include "text/wordpiece.h"

namespace braid::model {
namespace {

using data::Kind;

constexpr size_t kBlock = 64;  // samples prepared and encoded at a time

// Kinds that published checkpoints of this type have an encoder for.
std::vector<Kind> kinds_of(const std::string& folder) {
  const Json config = formats::read_hub_folder(folder).config;
  const Json type = config.value("model_type", Json());
  const std::string name = type.is_string() ? type.get<std::string>() : "";
  std::vector<Kind> kinds;
  std::set<std::string> known;
  for (const Kind kind : {Kind::text, Kind::image, Kind::audio, Kind::video}) {
    for (const encoders::Method* method : encoders::methods()) {
      if (method->family == nullptr || !method->reads(kind)) continue;
      const std::vector<std::string>& types = method->family().model_types;
      known.insert(types.begin(), types.end());
      const bool has_kind = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
      if (!has_kind && std::find(types.begin(), types.end(), name) != types.end())
        kinds.push_back(kind);
    }
  }
  if (kinds.empty())
    throw Error(ErrorKind::config,
                folder + ": " + unknown_name("model_type", name, {known.begin(), known.end()}));
  return kinds;
}

// The encoder's vector for comparing: its own, or the pooled one.
Tensor vectors_of(const Encoded& encoded) {
  const Tensor& vectors = encoded.embedding.defined() ? encoded.embedding : encoded.pooled;
  const Tensor lengths = vectors.norm(/*p=*/2, /*dim=*/1, /*keepdim=*/true).clamp_min(1e-12);
  return keep_where(encoded.present, vectors / lengths);  // [B, E]
}

}  // namespace

void check_says_something(const data::Preparation& preparation, size_t modality,
                          const std::vector<data::Sample>& samples) {
  const data::ModalitySpec& spec = preparation.specs()[modality];
  if (spec.kind != data::Kind::text) return;
  std::vector<std::string> unknown;
  for (const data::Sample& sample : samples) {
    const data::Prepared prepared = preparation.prepare(sample, modality);
    // One that is absent has its own message; a published vocabulary says nothing by this id alone.
    if (prepared.present && std::all_of(prepared.ids.begin(), prepared.ids.end(),
                                        [](int32_t id) { return id == text::kUnknown; }))
      unknown.push_back(sample.where);
  }
  BRAID_CHECK(unknown.empty(), data,
              "{}: expected words of the vocabulary that '{}' was trained with, got none of them; "
              "say it in other words",
              fmt::join(unknown, ", "), spec.name);
}

Embedder::Embedder(data::Preparation preparation, std::vector<size_t> prepared,
                   std::vector<data::ModalitySpec> specs)
    : preparation_(std::move(preparation)),
      prepared_(std::move(prepared)),
      specs_(std::move(specs)) {}

Embedder::Embedder(std::shared_ptr<SharedSpace> space)
    : Embedder(space->preparation(), space->prepared_modalities(), space->specs()) {
  space_ = std::move(space);
  device_ = space_->device();
}

Embedder Embedder::load(const std::string& folder) {
  if (file_exists(folder + "/preparation.json")) {
    if (is_shared_space(read_bundle_config(folder))) return Embedder(SharedSpace::load(folder));
    return of_bundle(folder);
  }
  const std::vector<Kind> kinds = kinds_of(folder);
  if (kinds.size() > 1) return Embedder(SharedSpace::load(folder));
  return of_checkpoint(folder, kinds[0]);
}

Embedder Embedder::of_bundle(const std::string& folder) {
  const Bundle bundle = load_bundle(folder);
  Embedder made(bundle.preparation, bundle.modalities, bundle.model->specs());
  for (size_t m = 0; m < made.specs_.size(); ++m) {
    encoders::Encoder& encoder = bundle.model->encoder(m);
    encoder.wants_embedding = encoder.embedding_width() > 0;
    made.encoders_.emplace_back(bundle.model, &encoder);  // keeps the model
  }
  return made;
}

Embedder Embedder::of_checkpoint(const std::string& folder, Kind kind) {
  data::Preparation preparation =
      data::Preparation::published(folder, {kind}, data::PrepareConfig());
  std::vector<data::ModalitySpec> specs = preparation.specs();
  const ops::InitScope init(/*seed=*/1);
  Json configs = {{specs[0].name, {{"from", folder}}}};
  std::vector<std::string> warnings;
  auto encoder = make_encoder(specs[0], /*is_raw=*/false, Parameters::fresh, &configs, &warnings);
  encoder->eval();
  encoder->wants_embedding = encoder->embedding_width() > 0;
  Embedder made(std::move(preparation), {0}, std::move(specs));
  made.encoders_.push_back(std::move(encoder));
  return made;
}

void Embedder::to(c10::Device device) {
  device_ = device;
  if (space_) space_->to(device);
  for (const auto& encoder : encoders_) encoder->to(device);
}

std::vector<std::string> Embedder::names() const {
  std::vector<std::string> names;
  for (const data::ModalitySpec& spec : specs_) names.push_back(spec.name);
  return names;
}

const data::Modality& Embedder::modality(size_t modality) const {
  return preparation_.modalities()[prepared_[modality]];
}

std::vector<data::Field> Embedder::fields(size_t modality) const {
  const data::Modality& of = this->modality(modality);
  std::vector<data::Field> fields;
  for (const data::Field& field : preparation_.fields()) {
    const bool is_column = std::count(of.fields.begin(), of.fields.end(), field.name) > 0;
    if (is_column || field.name == of.name) fields.push_back(field);
  }
  return fields;
}

int64_t Embedder::width(size_t modality) const {
  if (space_) return space_->width();
  const encoders::Encoder& encoder = *encoders_[modality];
  return encoder.wants_embedding ? encoder.embedding_width() : encoder.width();
}

Embedded Embedder::embed_block(const std::vector<data::Sample>& samples, size_t begin, size_t end,
                               size_t modality, int num_threads) {
  std::vector<data::Prepared> prepared(end - begin);
  parallel_for(static_cast<int64_t>(prepared.size()), num_threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    prepared[at] = preparation_.prepare(samples[begin + at], prepared_[modality]);
  });
  std::vector<const data::Prepared*> pointers;
  for (const data::Prepared& one : prepared) pointers.push_back(&one);
  const data::ModalitySpec& spec = specs_[modality];
  const Encoded encoded =
      encoders_[modality]->forward(to_input(data::collate(spec, pointers), spec, device_));
  return {vectors_of(encoded).cpu(), encoded.present.cpu()};
}

void Embedder::check_says_something(const std::vector<data::Sample>& samples,
                                    size_t modality) const {
  const data::Preparation& preparation = space_ ? space_->preparation() : preparation_;
  const std::vector<size_t>& prepared = space_ ? space_->prepared_modalities() : prepared_;
  model::check_says_something(preparation, prepared[modality], samples);
}

Embedded Embedder::embed(const std::vector<data::Sample>& samples, size_t modality,
                         int num_threads) {
  if (space_) return space_->embed(samples, modality, num_threads);
  BRAID_CHECK(modality < specs_.size(), shape, "embed: expected a modality below {}, got {}",
              specs_.size(), modality);
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> rows = {at::zeros({0, width(modality)})};
  std::vector<Tensor> present = {at::zeros({0}, at::kBool)};
  for (size_t begin = 0; begin < samples.size(); begin += kBlock) {
    const size_t end = std::min(samples.size(), begin + kBlock);
    const Embedded block = embed_block(samples, begin, end, modality, num_threads);
    rows.push_back(block.rows);
    present.push_back(block.present);
  }
  return {at::cat(rows), at::cat(present)};  // [N, E], [N]
}

}  // namespace braid::model
