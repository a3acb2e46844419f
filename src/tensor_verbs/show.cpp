// braid show: one method, bundle, space, published checkpoint or media file in detail.
#include <fmt/core.h>

#include "braid/predictor.h"
#include "cli/command.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "model/bundle.h"
#include "model/bundle_folder.h"
#include "model/shared_space.h"
#include "tensor_verbs/calibration_text.h"
#include "tensor_verbs/entries.h"
#include "tensor_verbs/published_text.h"
#include "tensor_verbs/results.h"
#include "tensor_verbs/space_text.h"

namespace braid::tensor_verbs {
namespace {

void show_method(const cli::Entry& e) {
  fmt::print("{} {} ({})\n{}\n", e.family, e.name, e.kind, e.summary);
  for (const cli::Entry::Note& note : e.notes) fmt::print("{:<8} {}\n", note.label, note.text);
  if (!e.source.empty()) fmt::print("source   {}\n", e.source);
  for (const FieldDoc& f : e.fields)
    fmt::print("  {:<24} {} [{}]\n", f.name, f.help, f.default_value);
}

void show_bundle(const std::string& folder) {
  const Predictor predictor = Predictor::load(folder);
  const model::Bundle bundle = model::load_bundle(folder);
  fmt::print("bundle      {}\ntask        {} \"{}\"\n", folder, predictor.task(),
             predictor.target());
  if (!predictor.labels().empty())
    fmt::print("labels      {}\n", fmt::join(predictor.labels(), ", "));
  for (const FieldInfo& field : predictor.fields())
    fmt::print("field       {} ({})\n", field.name, field.kind);
  for (const auto& item : bundle.model->config().encoders.items())
    fmt::print("encoder     {}: {}\n", item.key(), item.value().dump());
  fmt::print("fusion      {}\nparameters  {}\n", bundle.model->config().fusion.dump(),
             bundle.model->num_parameters());
  fmt::print("{}", metrics_text(bundle.metrics));
  if (bundle.calibration) fmt::print("{}", calibration_text(*bundle.calibration));
}

void show_space(const std::string& folder) {
  const auto space = model::SharedSpace::load(folder);
  fmt::print("space       {}\n", folder);
  for (size_t m = 0; m < space->modalities().size(); ++m)
    fmt::print("modality    {} ({})\n", space->modalities()[m],
               data::to_string(space->specs()[m].kind));
  for (const auto& item : space->encoders_config().encoders.items())
    fmt::print("encoder     {}: {}\n", item.key(), item.value().dump());
  fmt::print("vectors     {} numbers{}, {}, scale {:.2f}\nparameters  {}\n", space->width(),
             members_text(*space), space->config().loss, space->logit_scale().item<double>(),
             space->num_parameters());
  for (const char* part : {"validation", "test"})
    if (space->metrics().contains(part)) fmt::print("{}", space_text(part, space->metrics()[part]));
}

bool show_file(const std::string& path) {
  const std::string extension = path.substr(path.find_last_of('.') + 1);
  if (extension == "npy") {
    const formats::NpyArray array = formats::read_npy(path);
    fmt::print("array [{}]\n", fmt::join(array.shape, ", "));
    return true;
  }
  for (const char* image : {"png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"}) {
    if (extension != image) continue;
    const formats::Image decoded = formats::read_image(path);
    fmt::print("image {}x{}, {} channels of {} bits\n", decoded.width, decoded.height,
               decoded.channels, decoded.bits);
    return true;
  }
  for (const char* audio : {"wav", "flac", "mp3", "ogg", "m4a", "opus"}) {
    if (extension != audio) continue;
    formats::AudioInfo info;
    formats::read_audio(path, /*rate_hz=*/0, &info);
    fmt::print("audio {:.3f} s, {} Hz, {} channels\n", info.duration_s, info.rate_hz,
               info.channels);
    return true;
  }
  return false;
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Show one method with its keys, a bundle, a shared space, the folder of a published "
      "checkpoint, or a media file.",
      "show NAME|FOLDER|FILE",
      {"braid show cross_attention", "braid show compare/best", "braid show clip-vit-base-patch32",
       "braid show clip.wav"});
  if (!command.parse(args)) return 0;
  const std::string word = command.positional(1, 1, nullptr)[0];
  if (file_exists(word + "/preparation.json")) {
    const std::string config = word + "/config.json";
    const bool is_space =
        file_exists(config) && model::is_shared_space(parse_json(read_file(config), config));
    (is_space ? show_space : show_bundle)(word);
    return 0;
  }
  if (file_exists(word + "/config.json") || file_exists(word + "/modules.json")) {
    fmt::print("{}", published_text(word));
    return 0;
  }
  if (file_exists(word) && show_file(word)) return 0;
  bool is_found = false;
  std::vector<std::string> known;
  for (const cli::Entry& e : all_entries()) {
    known.push_back(e.name);
    if (e.name != word) continue;
    show_method(e);
    is_found = true;
  }
  if (!is_found)
    throw Error(ErrorKind::usage, unknown_name("method, folder or media file", word, known));
  return 0;
}

}  // namespace

extern const cli::Method show = {
    "show", "show a method, a bundle, a checkpoint or a media file in detail", run};

}  // namespace braid::tensor_verbs
