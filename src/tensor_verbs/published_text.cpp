#include "tensor_verbs/published_text.h"

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "data/prepare_published.h"
#include "encoders/checkpoint_family.h"
#include "formats/checkpoint.h"
#include "formats/hub_folder.h"
#include "model/start.h"
#include "ops/random.h"

namespace braid::tensor_verbs {
namespace {

using data::Kind;

constexpr Kind kKinds[] = {Kind::text, Kind::image, Kind::audio, Kind::video};

std::string what_it_reads(const data::ModalitySpec& spec) {
  switch (spec.kind) {
    case Kind::text:
      return fmt::format("up to {} tokens of {} ids", spec.max_length, spec.vocabulary);
    case Kind::image:
      return fmt::format("{} x {} pixels, {} channels", spec.height, spec.width, spec.channels);
    case Kind::video:
      return fmt::format("{} frames of {} x {} pixels, {} channels", spec.max_length, spec.height,
                         spec.width, spec.channels);
    default:
      return spec.features == 1
                 ? fmt::format("waves of up to {} samples", spec.max_length)
                 : fmt::format("up to {} frames of {} mel bands", spec.max_length, spec.features);
  }
}

std::string processor_name(const Json& preprocessor) {
  for (const char* key : {"image_processor_type", "feature_extractor_type"})
    if (preprocessor.is_object() && preprocessor.contains(key) && preprocessor[key].is_string())
      return preprocessor[key].get<std::string>();
  return "";
}

// One encoder of the folder, made and filled.
std::string encoder_text(const std::string& path, const formats::HubFolder& folder, Kind kind) {
  const std::string name = data::to_string(kind);
  const data::Modality modality{name, kind, {name}};
  data::ModalitySpec spec;
  try {
    spec = data::make_published(modality, path, {})->spec();
  } catch (const Error& e) {
    return fmt::format("{:<11} {}\n", name, e.what());
  }
  const auto begin = std::chrono::steady_clock::now();
  const model::Start start = model::Start::open(path, "", Json::object(), spec, name);
  const ops::InitScope init(/*seed=*/1);
  const auto encoder = start.method().make(start.config(), name, spec);
  const std::vector<std::string> warnings = start.fill(*encoder);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  int64_t parameters = 0;
  for (const at::Tensor& parameter : encoder->parameters()) parameters += parameter.numel();
  std::string text =
      fmt::format("{:<11} encoder {}: {}\n", name, start.method().name, start.method().summary);
  const auto line = [&text](const char* what, const std::string& value) {
    text += fmt::format("  {:<11} {}\n", what, value);
  };
  line("reads", what_it_reads(spec) +
                    (kind == Kind::text ? "" : ", by " + processor_name(folder.preprocessor)));
  line("gives",
       fmt::format("tokens of {} features, pooled by {}, embedding of {}", encoder->width(),
                   start.config().value("pooled", "its own way"), encoder->embedding_width()));
  line("parameters", fmt::format("{}, loaded in {:.3f} s", parameters, seconds));
  line("config", start.config().dump());
  line("use", fmt::format("model.encoders.{}.from={}", name, path));
  for (const std::string& warning : warnings) line("warning", warning);
  return text;
}

}  // namespace

std::string published_text(const std::string& path) {
  const formats::HubFolder folder = formats::read_hub_folder(path);
  std::string text = fmt::format("checkpoint  {}\n", path);
  const std::string type = folder.config.value("model_type", "");
  text += fmt::format("family      {}\n", type);
  std::vector<std::string> counts;
  for (const auto& [dtype, count] : folder.num_values)
    counts.push_back(fmt::format("{} {}", count, dtype));
  text += fmt::format("values      {}\n", fmt::join(counts, ", "));
  if (!folder.modules.empty())
    text += fmt::format("modules     {}\n", fmt::join(folder.modules, ", "));
  bool is_known = false;
  std::vector<std::string> known;
  for (Kind kind : kKinds) {
    for (const encoders::Method* method : encoders::methods()) {
      if (method->family == nullptr || !method->reads(kind)) continue;
      const auto& types = method->family().model_types;
      known.insert(known.end(), types.begin(), types.end());
      if (std::find(types.begin(), types.end(), type) == types.end()) continue;
      text += encoder_text(path, folder, kind);
      is_known = true;
    }
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  if (!is_known)
    throw Error(ErrorKind::config, path + ": " + unknown_name("model_type", type, known));
  return text;
}

}  // namespace braid::tensor_verbs
