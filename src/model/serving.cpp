#include "model/serving.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/free_cores.h"
#include "data/cells.h"
#include "model/tensors.h"

namespace braid::model {
namespace {

data::Value parse_cell(const std::string& where, const std::string& field, data::Kind kind,
                       const std::string& cell) {
  const std::string core(data::trimmed(cell));
  if (core.empty()) return std::monostate{};
  switch (kind) {
    case data::Kind::numeric: {
      double value = 0;
      BRAID_CHECK(data::read_number(core, &value) == data::NumberCell::number, data,
                  "{}: field \"{}\": expected a number, got \"{}\"; correct it, or leave it "
                  "empty where it is not known",
                  where, field, cell);
      return value;
    }
    case data::Kind::image:
    case data::Kind::audio:
    case data::Kind::video:
    case data::Kind::series:
    case data::Kind::volume:
    case data::Kind::embedding:
      return data::Path{core};
    case data::Kind::category:
      return core;
    default:
      return cell;
  }
}

bool is_joined(const data::Modality& modality) {
  return modality.kind == data::Kind::embedding && modality.fields[0] != modality.name;
}

}  // namespace

Serving Serving::load(const std::string& folder, const PredictorOptions& options) {
  const ops::Precision precision =
      ops::parse_precision(options.precision, "PredictorOptions::precision");
  Serving serving(load_bundle(folder));
  serving.precision = precision;
  serving.num_threads = options.num_threads;
  if (serving.bundle.calibration && !options.has_gate)
    serving.bundle.calibration = calibration::without_gate(*serving.bundle.calibration);
  serving.bundle.model->to(parse_device(options.device));
  serving.task = metrics::to_string(serving.bundle.model->head_context().task);
  serving.list_fields();
  return serving;
}

void Serving::list_fields() {
  for (size_t m : bundle.modalities) {
    const data::Modality& modality = bundle.preparation.modalities()[m];
    modalities.push_back(modality.name);
    // An embedding made of several numeric columns can be set as one vector under its name, or
    // column by column.
    const bool joined = is_joined(modality);
    if (joined) fields.push_back({modality.name, data::to_string(data::Kind::embedding)});
    for (const std::string& name : modality.fields) {
      if (joined) {
        fields.push_back({name, data::to_string(data::Kind::numeric)});
        continue;
      }
      for (const data::Field& field : bundle.preparation.fields())
        if (field.name == name) fields.push_back({name, data::to_string(field.kind)});
    }
  }
}

int Serving::threads() const { return num_threads > 0 ? num_threads : free_cores(); }

double Serving::coverage() const {
  return bundle.calibration ? bundle.calibration->conformal.coverage : 0;
}

data::Kind Serving::kind_of(const std::string& field) const {
  for (const FieldInfo& info : fields)
    if (info.name == field) return data::parse_kind(info.kind);
  for (const data::Field& other : bundle.preparation.fields())
    if (other.name == field) return other.kind;  // known to the data set, not read by this model
  for (const data::Modality& modality : bundle.preparation.modalities())
    if (std::count(modality.fields.begin(), modality.fields.end(), field) > 0)
      return data::Kind::numeric;  // a column of an embedding
  std::vector<std::string> known;
  for (const FieldInfo& info : fields) known.push_back(info.name);
  throw Error(ErrorKind::config, unknown_name("field", field, known));
}

data::Sample Serving::understand(
    const data::Sample& given,
    const std::vector<std::pair<std::string, std::string>>& cells) const {
  data::Sample sample = given;
  for (const auto& [field, cell] : cells)
    sample.values[field] = parse_cell(sample.where, field, kind_of(field), cell);
  for (const auto& value : sample.values) kind_of(value.first);
  return sample;
}

void Serving::join_columns(data::Sample* sample) const {
  for (const size_t m : bundle.modalities) {
    const data::Modality& modality = bundle.preparation.modalities()[m];
    if (!is_joined(modality)) continue;
    std::vector<float> vector;
    for (const std::string& column : modality.fields) {
      const auto found = sample->values.find(column);
      if (found == sample->values.end()) continue;
      if (const double* number = std::get_if<double>(&found->second))
        vector.push_back(static_cast<float>(*number));
      sample->values.erase(found);
    }
    if (vector.size() == modality.fields.size()) sample->values[modality.name] = std::move(vector);
  }
}

// What a calibration adds.
void Serving::add_set(const Scores& scores, size_t i, Prediction* prediction) const {
  const calibration::Calibration* known = bundle.calibration.get();
  if (known == nullptr) return;
  calibration::Conformal conformal = known->conformal;
  if (!scores.masked.empty()) {
    for (size_t m = 0; m < modalities.size(); ++m)
      if (scores.masked[i][m]) prediction->masked.push_back(modalities[m]);
    prediction->is_refused = is_refused(scores.present[i], scores.masked[i]);
  }
  if (prediction->is_refused) conformal.threshold = std::numeric_limits<double>::infinity();
  if (task == "regression") {
    prediction->low = prediction->scores[0] - conformal.threshold;
    prediction->high = prediction->scores[0] + conformal.threshold;
    return;
  }
  for (int64_t k : calibration::label_set(conformal, metrics::parse_task(task), prediction->scores))
    prediction->set.push_back(bundle.labels[static_cast<size_t>(k)]);
}

Prediction Serving::describe(const Scores& scores, size_t i) const {
  Prediction prediction;
  prediction.scores = scores.scores[i];
  if (!scores.weights.empty()) prediction.weights = scores.weights[i];
  for (size_t m = 0; m < modalities.size(); ++m)
    if (!scores.present[i][m]) prediction.missing.push_back(modalities[m]);
  if (task == "regression") {
    prediction.value = prediction.scores[0];
  } else if (task == "multilabel") {
    for (size_t k = 0; k < prediction.scores.size(); ++k) {
      if (prediction.scores[k] < 0.5) continue;
      prediction.label += (prediction.label.empty() ? "" : ";") + bundle.labels[k];
      prediction.value = std::max(prediction.value, prediction.scores[k]);
    }
  } else {
    const auto best = std::max_element(prediction.scores.begin(), prediction.scores.end());
    prediction.label = bundle.labels[static_cast<size_t>(best - prediction.scores.begin())];
    prediction.value = *best;
  }
  add_set(scores, i, &prediction);
  return prediction;
}

}  // namespace braid::model
