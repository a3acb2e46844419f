#include "data/prepare.h"

#include <algorithm>
#include <set>

#include "core/file.h"
#include "data/prepare_kinds.h"
#include "data/prepare_published.h"

namespace braid::data {
namespace {

constexpr int64_t kFormatVersion = 1;
constexpr char kFileName[] = "/preparation.json";
// Goes up when the code gives other arrays for the same learned state: caches are then made anew.
constexpr int64_t kArraysVersion = 3;

PreparerPtr learn_kind(const Training& training, const PrepareConfig& config) {
  switch (training.modality.kind) {
    case Kind::image:
      return learn_image(training, config.image);
    case Kind::audio:
      return learn_audio(training, config.audio);
    case Kind::series:
      return learn_series(training, config.series);
    case Kind::video:
      return learn_video(training, config.video);
    case Kind::volume:
      return learn_volume(training, config.volume);
    case Kind::text:
      return learn_text(training, config.text);
    case Kind::tabular:
      return learn_tabular(training, config.tabular);
    case Kind::embedding:
      return learn_embedding(training, config.embedding);
    default:
      fail(ErrorKind::config, "modality \"{}\": expected the kind of a modality, got {}",
           training.modality.name, to_string(training.modality.kind));
  }
}

PreparerPtr load_kind(const Saved& saved) {
  if (is_published(saved.node)) return load_published(saved);
  switch (saved.modality.kind) {
    case Kind::image:
      return load_image(saved);
    case Kind::audio:
      return load_audio(saved);
    case Kind::series:
      return load_series(saved);
    case Kind::video:
      return load_video(saved);
    case Kind::volume:
      return load_volume(saved);
    case Kind::text:
      return load_text(saved);
    case Kind::tabular:
      return load_tabular(saved);
    case Kind::embedding:
      return load_embedding(saved);
    default:
      fail(ErrorKind::format, "{}: expected the kind of a modality, got {}", saved.where,
           to_string(saved.modality.kind));
  }
}

// "vocab-caption.txt", or "tokenizer-caption.json" of a published one; letters that a file system
// may not like become '_', and a number keeps two apart.
std::string vocabulary_file(const std::string& modality, size_t index, bool is_tokenizer,
                            std::set<std::string>* used) {
  std::string name = is_tokenizer ? "tokenizer-" : "vocab-";
  for (const char c : modality) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += is_plain ? c : '_';
  }
  if (!used->insert(name).second) name += fmt::format("-{}", index);
  used->insert(name);
  return name + (is_tokenizer ? ".json" : ".txt");
}

struct SavedField {
  std::string name, kind;
  template <class V>
  void visit(V& v) {
    v("name", name, any(), "column");
    v("kind", kind, any(), "what it holds");
  }
};

struct SavedModality {
  std::string name, kind, vocabulary;
  std::vector<std::string> fields;
  Json state = Json::object();
  template <class V>
  void visit(V& v) {
    v("name", name, any(), "modality");
    v("kind", kind, any(), "what it holds");
    v("fields", fields, any(), "columns");
    v("vocabulary", vocabulary, any(), "file of the vocabulary; empty for all but text");
    v("state", state, any(), "settings and statistics");
  }
};

struct SavedPreparation {
  int64_t version = kFormatVersion;
  Json fields = Json::array(), modalities = Json::array();
  template <class V>
  void visit(V& v) {
    v("version", version, any(), "of this file's format");
    v("fields", fields, any(), "columns");
    v("modalities", modalities, any(), "what encoders read");
  }
};

Kind read_kind(const std::string& name, const std::string& where) {
  try {
    return parse_kind(name);
  } catch (const Error& e) {
    throw Error(ErrorKind::format, fmt::format("{}: {}", where, e.what()));
  }
}

SavedPreparation read_saved_preparation(const std::string& path) {
  const Json node = parse_json(read_file(path), path);
  const bool has_version =
      node.is_object() && node.contains("version") && node["version"].is_number_integer();
  BRAID_CHECK(has_version && node["version"] == kFormatVersion, format,
              "{}: expected version {}, got {}; was it written by another version of Braid?", path,
              kFormatVersion, has_version ? node["version"].dump() : "none");
  const auto saved = read_saved<SavedPreparation>(node, path);
  BRAID_CHECK(saved.fields.is_array() && saved.modalities.is_array() && !saved.modalities.empty(),
              format, "{}: expected lists of fields and modalities", path);
  return saved;
}

std::string vocabulary_of(const std::string& folder, const SavedModality& modality, Kind kind,
                          const std::string& where) {
  if (kind != Kind::text) return "";
  BRAID_CHECK(!modality.vocabulary.empty() && modality.vocabulary.find('/') == std::string::npos,
              format, "{}: expected the name of a vocabulary file in this folder, got \"{}\"",
              where, modality.vocabulary);
  return read_file(folder + "/" + modality.vocabulary);
}

// As the bundle in `folder` prepares its modality of the same name, or its only one of the kind.
PreparerPtr from_bundle(const Training& training, const std::string& folder) {
  const std::string path = folder + kFileName;
  std::vector<SavedModality> same_kind;
  for (const Json& item : read_saved_preparation(path).modalities) {
    auto modality = read_saved<SavedModality>(item, path + ": modalities");
    if (modality.kind != to_string(training.modality.kind)) continue;
    if (modality.name == training.modality.name) same_kind.clear();
    same_kind.push_back(modality);
    if (modality.name == training.modality.name) break;
  }
  BRAID_CHECK(same_kind.size() == 1, config,
              "{}: expected a modality \"{}\", or one of its kind ({}), got {}; name the modality "
              "as the bundle does",
              folder, training.modality.name, to_string(training.modality.kind), same_kind.size());
  const std::vector<Field>& fields = training.dataset.fields();
  return load_kind({same_kind[0].state, training.modality, fields,
                    vocabulary_of(folder, same_kind[0], training.modality.kind, path), path});
}

// PrepareConfig::from in the modalities' order, "" for what is learned.
std::vector<std::string> folders_of(const PrepareConfig& config,
                                    const std::vector<Modality>& modalities) {
  BRAID_CHECK(config.from.is_object(), config,
              "prepare.from: expected a folder per modality ({{text: FOLDER}}), got {}",
              config.from.dump());
  std::vector<std::string> names, folders;
  for (const Modality& modality : modalities) names.push_back(modality.name);
  for (const auto& item : config.from.items()) {
    if (std::find(names.begin(), names.end(), item.key()) == names.end())
      throw Error(ErrorKind::config,
                  "prepare.from: " + unknown_name("modality", item.key(), names));
    BRAID_CHECK(item.value().is_string(), config, "prepare.from.{}: expected a folder, got {}",
                item.key(), item.value().dump());
  }
  for (const std::string& name : names) folders.push_back(config.from.value(name, ""));
  return folders;
}

// A key that changes nothing would be taken for one that does: where folders prepare all modalities
// of a kind, the kind's own settings must be the default ones.
template <class C>
void check_unused(const char* name, const C& given, const C& apart_from, Kind kind,
                  const std::vector<Modality>& modalities,
                  const std::vector<std::string>& folders) {
  std::string folder;
  for (size_t m = 0; m < modalities.size(); ++m) {
    if (modalities[m].kind != kind) continue;
    if (folders[m].empty()) return;
    folder = folders[m];
  }
  BRAID_CHECK(folder.empty() || dump_config(given) == dump_config(apart_from), config,
              "prepare.{}: {} is prepared as {} says, got settings of its own; leave them out",
              name, to_string(kind), folder);
}

void check_unused(const PrepareConfig& config, const std::vector<Modality>& modalities,
                  const std::vector<std::string>& folders) {
  TextConfig text;
  text.max_tokens = config.text.max_tokens;
  VideoConfig video;
  video.frames = config.video.frames;
  check_unused("image", config.image, ImageConfig(), Kind::image, modalities, folders);
  check_unused("audio", config.audio, AudioConfig(), Kind::audio, modalities, folders);
  check_unused("video", config.video, video, Kind::video, modalities, folders);
  check_unused("text", config.text, text, Kind::text, modalities, folders);
}

}  // namespace

struct Preparation::State {
  std::vector<Field> fields;
  std::vector<Modality> modalities;
  std::vector<PreparerPtr> preparers;
  std::vector<ModalitySpec> specs;
  std::string json;                                               // preparation.json
  std::vector<std::pair<std::string, std::string>> vocabularies;  // file name, bytes
  uint64_t fingerprint = 0;
  std::string cache;

  // From fields, modalities and preparers everything else.
  void finish() {
    SavedPreparation saved;
    for (const Field& field : fields)
      saved.fields.push_back(dump_config(SavedField{field.name, to_string(field.kind)}));
    std::set<std::string> used;
    for (size_t m = 0; m < modalities.size(); ++m) {
      SavedModality modality;
      modality.name = modalities[m].name;
      modality.kind = to_string(modalities[m].kind);
      modality.fields = modalities[m].fields;
      modality.state = preparers[m]->dump();
      if (modalities[m].kind == Kind::text) {
        modality.vocabulary =
            vocabulary_file(modality.name, m, is_published(modality.state), &used);
        vocabularies.emplace_back(modality.vocabulary, preparers[m]->vocabulary());
      }
      saved.modalities.push_back(dump_config(modality));
      specs.push_back(preparers[m]->spec());
    }
    json = dump_config(saved).dump(1) + "\n";
    fingerprint = hash_bytes(json, static_cast<uint64_t>(kArraysVersion));
    for (const auto& [name, bytes] : vocabularies) fingerprint = hash_bytes(bytes, fingerprint);
  }
};

Preparation Preparation::learn(const Dataset& dataset, const std::vector<int64_t>& rows,
                               const PrepareConfig& config, int num_threads, const Sinks& sinks) {
  auto state = std::make_shared<State>();
  state->fields = dataset.fields();
  state->modalities = dataset.modalities();
  state->cache = config.cache;
  const std::vector<std::string> folders = folders_of(config, state->modalities);
  check_unused(config, state->modalities, folders);
  for (size_t m = 0; m < folders.size(); ++m) {
    const Training training{dataset, rows, state->modalities[m], num_threads, sinks};
    if (folders[m].empty())
      state->preparers.push_back(learn_kind(training, config));
    else if (file_exists(folders[m] + kFileName))
      state->preparers.push_back(from_bundle(training, folders[m]));
    else
      state->preparers.push_back(make_published(training.modality, folders[m], config));
  }
  state->finish();
  return Preparation(std::move(state));
}

Preparation Preparation::published(const std::string& folder, const std::vector<Kind>& kinds,
                                   const PrepareConfig& config) {
  auto state = std::make_shared<State>();
  for (const Kind kind : kinds) {
    const std::string name = to_string(kind);
    state->fields.push_back({name, kind});
    state->modalities.push_back({name, kind, {name}});
    state->preparers.push_back(make_published(state->modalities.back(), folder, config));
  }
  state->finish();
  return Preparation(std::move(state));
}

const std::vector<Modality>& Preparation::modalities() const { return state_->modalities; }
const std::vector<Field>& Preparation::fields() const { return state_->fields; }
const std::vector<ModalitySpec>& Preparation::specs() const { return state_->specs; }
uint64_t Preparation::fingerprint() const { return state_->fingerprint; }
const std::string& Preparation::cache() const { return state_->cache; }

std::vector<Prepared> Preparation::prepare(const Sample& sample) const {
  std::vector<Prepared> result;
  for (const PreparerPtr& preparer : state_->preparers) result.push_back(preparer->prepare(sample));
  return result;
}

Prepared Preparation::prepare(const Sample& sample, size_t modality) const {
  BRAID_ASSERT(modality < state_->preparers.size());
  return state_->preparers[modality]->prepare(sample);
}

void Preparation::save(const std::string& folder) const {
  make_folders(folder);
  for (const auto& [name, bytes] : state_->vocabularies)
    write_file_atomically(folder + "/" + name, bytes);
  write_file_atomically(folder + kFileName, state_->json);
}

Preparation Preparation::load(const std::string& folder) {
  const std::string path = folder + kFileName;
  const SavedPreparation saved = read_saved_preparation(path);
  auto state = std::make_shared<State>();
  std::set<std::string> names;
  for (const Json& item : saved.fields) {
    const auto field = read_saved<SavedField>(item, path + ": fields");
    state->fields.push_back({field.name, read_kind(field.kind, path)});
    BRAID_CHECK(names.insert(field.name).second, format, "{}: field \"{}\" stands twice", path,
                field.name);
  }
  names.clear();
  for (const Json& item : saved.modalities) {
    const auto modality = read_saved<SavedModality>(item, path + ": modalities");
    const std::string where = fmt::format("{}: modality \"{}\"", path, modality.name);
    BRAID_CHECK(names.insert(modality.name).second, format, "{} stands twice", where);
    state->modalities.push_back({modality.name, read_kind(modality.kind, where), modality.fields});
    state->preparers.push_back(
        load_kind({modality.state, state->modalities.back(), state->fields,
                   vocabulary_of(folder, modality, state->modalities.back().kind, where), where}));
  }
  state->finish();
  return Preparation(std::move(state));
}

}  // namespace braid::data
