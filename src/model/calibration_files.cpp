#include "model/calibration_files.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "model/tensors.h"

namespace braid::model {
namespace {

using calibration::Calibration;
using calibration::Conformal;
using calibration::FaultGate;
using calibration::Gaussian;
using calibration::ModalityGate;
using calibration::View;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<std::string> kParts = {"mean", "deviation", "directions"};

// The name of a tensor of the gate.
std::string tensor_name(const std::string& modality, size_t view, const std::string& part) {
  return modality + "." + calibration::kViews[view] + "." + part;
}

Tensor& part_of(Gaussian& gaussian, const std::string& part) {
  return part == "mean"        ? gaussian.mean
         : part == "deviation" ? gaussian.deviation
                               : gaussian.directions;
}

Json to_json(const FaultGate& gate) {
  if (gate.modalities.empty()) return nullptr;
  Json modalities = Json::array();
  for (const ModalityGate& one : gate.modalities) {
    Json views = Json::array();
    for (const View& view : one.views)
      views.push_back(
          {{"center", view.center}, {"scale", view.scale}, {"noise", view.gaussian.noise}});
    modalities.push_back({{"name", one.name},
                          {"rows", one.num_rows},
                          {"threshold", finite_or_null(one.threshold)},
                          {"views", std::move(views)}});
  }
  return {{"false_alarms", gate.false_alarms}, {"modalities", std::move(modalities)}};
}

// Exactly these keys.
void check_keys(const Json& node, const std::vector<std::string>& keys, const std::string& where) {
  BRAID_CHECK(node.is_object(), format, "{}: expected an object, got {}", where, node.dump());
  for (const std::string& key : keys)
    BRAID_CHECK(node.contains(key), format,
                "{}: expected the key \"{}\", which is not there; calibrate the bundle again",
                where, key);
  for (const auto& item : node.items())
    if (std::find(keys.begin(), keys.end(), item.key()) == keys.end())
      throw Error(ErrorKind::format, where + ": " + unknown_name("key", item.key(), keys));
}

// A number from `low` to `high`; `low` itself is out of bounds.
double number_of(const Json& node, const char* key, double low, double high,
                 const std::string& where) {
  const Json& value = node.at(key);
  BRAID_CHECK(value.is_number() && value.get<double>() > low && value.get<double>() < high, format,
              "{}: {}: expected a number above {} and below {}, got {}; calibrate the bundle again",
              where, key, low, high, value.dump());
  return value.get<double>();
}

double number_or_infinity(const Json& node, const char* key, const std::string& where) {
  return node.at(key).is_null() ? kInfinity : number_of(node, key, -kInfinity, kInfinity, where);
}

int64_t count_of(const Json& node, const char* key, const std::string& where) {
  const Json& value = node.at(key);
  BRAID_CHECK(value.is_number_integer() && value.get<int64_t>() >= 0, format,
              "{}: {}: expected a count, got {}; calibrate the bundle again", where, key,
              value.dump());
  return value.get<int64_t>();
}

Conformal read_conformal(const Json& node, const std::string& where) {
  check_keys(node, {"kind", "coverage", "threshold"}, where);
  BRAID_CHECK(node["kind"].is_string(), format, "{}: kind: expected text, got {}", where,
              node["kind"].dump());
  Conformal conformal;
  try {
    conformal.sets = calibration::parse_sets(node["kind"].get<std::string>(), where);
  } catch (const Error& e) {
    throw Error(ErrorKind::format, e.what());
  }
  conformal.coverage = number_of(node, "coverage", 0, 1, where);
  conformal.threshold = number_or_infinity(node, "threshold", where);
  return conformal;
}

// The tensors of one view, of `width` columns, or of any number where it is negative.
Gaussian read_gaussian(const formats::SafeTensors& tensors, const std::string& modality,
                       size_t view, int64_t width, const std::string& where) {
  Gaussian made;
  for (const std::string& part : kParts) {
    const std::string name = tensor_name(modality, view, part);
    const formats::SafeTensor* found = tensors.find(name);
    BRAID_CHECK(
        found != nullptr && found->dtype == "F64", format,
        "{}: expected the tensor '{}' of type F64, which is not there; calibrate the bundle "
        "again",
        where, name);
    const int64_t rank = part == "directions" ? 2 : 1;
    const bool is_ranked = static_cast<int64_t>(found->shape.size()) == rank;
    if (width < 0 && is_ranked) width = found->shape.back();
    BRAID_CHECK(is_ranked && width > 0 && found->shape.back() == width, format,
                "{}: tensor '{}': expected {} numbers a row, got [{}]; is this another model's "
                "calibration?",
                where, name, width, fmt::join(found->shape, ", "));
    part_of(made, part) = at::from_blob(const_cast<char*>(found->bytes.data()), found->shape,
                                        at::TensorOptions().dtype(at::kDouble))
                              .clone();
  }
  return made;
}

FaultGate read_gate(const Json& node, Model& model, const std::string& folder,
                    const std::string& where) {
  FaultGate gate;
  if (node.is_null()) return gate;
  check_keys(node, {"false_alarms", "modalities"}, where);
  gate.false_alarms = number_of(node, "false_alarms", 0, 1, where);
  const auto& specs = model.specs();
  BRAID_CHECK(node["modalities"].is_array() && node["modalities"].size() == specs.size(), format,
              "{}.modalities: expected {} modalities, got {}; is this another model's calibration?",
              where, specs.size(), node["modalities"].size());
  const std::string path = folder + "/gate.safetensors";
  const formats::SafeTensors tensors = formats::read_safetensors(path);
  for (size_t m = 0; m < specs.size(); ++m) {
    const Json& given = node["modalities"][m];
    const std::string here = fmt::format("{}.modalities[{}]", where, m);
    check_keys(given, {"name", "rows", "threshold", "views"}, here);
    BRAID_CHECK(given["name"] == specs[m].name, format,
                "{}: expected the modality \"{}\", got {}; is this another model's calibration?",
                here, specs[m].name, given["name"].dump());
    ModalityGate one = {specs[m].name,
                        {},
                        number_or_infinity(given, "threshold", here),
                        count_of(given, "rows", here)};
    const Json& views = given["views"];
    BRAID_CHECK(
        views.is_array() && (views.empty() || views.size() == std::size(calibration::kViews)),
        format, "{}: views: expected none or {}, got {}; calibrate the bundle again", here,
        std::size(calibration::kViews), views.size());
    for (size_t v = 0; v < views.size(); ++v) {
      check_keys(views[v], {"center", "scale", "noise"}, here);
      View view;
      const int64_t width = v == 0 ? model.fusion().context().widths[m] : -1;
      view.gaussian = read_gaussian(tensors, one.name, v, width, path);
      view.gaussian.noise = number_of(views[v], "noise", 0, kInfinity, here);
      view.center = number_of(views[v], "center", -kInfinity, kInfinity, here);
      view.scale = number_of(views[v], "scale", 0, kInfinity, here);
      one.views.push_back(std::move(view));
    }
    gate.modalities.push_back(std::move(one));
  }
  return gate;
}

}  // namespace

void save_calibration(const std::string& folder, const Calibration& calibration) {
  const Conformal& conformal = calibration.conformal;
  const Json document = {{"version", kCalibrationVersion},
                         {"rows", calibration.num_rows},
                         {"temperature", calibration.temperature},
                         {"sets",
                          {{"kind", calibration::to_string(conformal.sets)},
                           {"coverage", conformal.coverage},
                           {"threshold", finite_or_null(conformal.threshold)}}},
                         {"gate", to_json(calibration.gate)},
                         {"measured", calibration.measured}};
  write_file_atomically(folder + "/calibration.json", document.dump(2) + "\n");
  if (calibration.gate.modalities.empty()) return;
  formats::SafeTensors tensors;
  for (const ModalityGate& one : calibration.gate.modalities)
    for (size_t v = 0; v < one.views.size(); ++v) {
      Gaussian gaussian = one.views[v].gaussian;
      for (const std::string& part : kParts)
        tensors.tensors.emplace_back(tensor_name(one.name, v, part),
                                     to_safetensor(part_of(gaussian, part)));
    }
  write_file_atomically(folder + "/gate.safetensors", formats::serialize_safetensors(tensors));
}

Calibration load_calibration(const std::string& folder, Model& model) {
  const std::string path = folder + "/calibration.json";
  const Json document = parse_json(read_file(path, uint64_t{1} << 26), path);
  BRAID_CHECK(document.is_object() && document.value("version", Json()) == kCalibrationVersion,
              format, "{}: expected calibration version {}, got {}; use the Braid that wrote it",
              path, kCalibrationVersion,
              document.is_object() ? document.value("version", Json()).dump() : document.dump());
  check_keys(document, {"version", "rows", "temperature", "sets", "gate", "measured"}, path);
  Calibration made;
  made.num_rows = count_of(document, "rows", path);
  made.temperature = number_of(document, "temperature", 0, kInfinity, path);
  made.conformal = read_conformal(document["sets"], path + ": sets");
  made.gate = read_gate(document["gate"], model, folder, path + ": gate");
  made.measured = document["measured"];
  return made;
}

}  // namespace braid::model
