#include "model/bundle.h"

#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "data/batch.h"
#include "model/bundle_folder.h"
#include "model/calibration_files.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "ops/parallel.h"

namespace braid::model {
namespace {

Json to_json(const heads::Context& head) {
  return {{"task", metrics::to_string(head.task)},
          {"num_labels", head.num_labels},
          {"class_weights", head.class_weights},
          {"target_mean", head.target_mean},
          {"target_deviation", head.target_deviation}};
}

heads::Context head_from(const Json& node) {
  heads::Context head;
  head.task = metrics::parse_task(node.at("task").get<std::string>());
  head.num_labels = node.at("num_labels").get<int64_t>();
  head.class_weights = node.at("class_weights").get<std::vector<double>>();
  head.target_mean = node.at("target_mean").get<double>();
  head.target_deviation = node.at("target_deviation").get<double>();
  return head;
}

}  // namespace

void save_bundle(const std::string& folder, const Bundle& bundle) {
  replace_as_a_whole(folder, [&](const std::string& fresh) {
    Json config = bundle_header(bundle.calibration ? kCalibratedVersion : kBundleVersion);
    config["target"] = bundle.target;
    config["labels"] = bundle.labels;
    config["head"] = to_json(bundle.model->head_context());
    config["model"] = dump_config(bundle.model->config());
    bundle.preparation.save(fresh);
    write_file_atomically(fresh + "/model.safetensors",
                          formats::serialize_safetensors(bundle.model->state()));
    if (bundle.calibration) save_calibration(fresh, *bundle.calibration);
    write_file_atomically(fresh + "/metrics.json", bundle.metrics.dump(2) + "\n");
    write_file_atomically(fresh + "/config.json", config.dump(2) + "\n");
  });
}

Bundle load_bundle(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const Json config = read_bundle_config(folder);
  BRAID_CHECK(
      !is_shared_space(config), format,
      "{}: expected a bundle that predicts, got a shared space; use 'braid embed' on it, or "
      "start an encoder from it with model.encoders.NAME.from",
      folder);
  Bundle bundle{nullptr, data::Preparation::load(folder), {}, "", {}, Json::object()};
  ModelConfig model_config;
  heads::Context head;
  try {
    bundle.target = config.at("target").get<std::string>();
    bundle.labels = config.at("labels").get<std::vector<std::string>>();
    head = head_from(config.at("head"));
    const size_t num_names =
        head.task == metrics::Task::regression ? 0 : static_cast<size_t>(head.num_labels);
    BRAID_CHECK(bundle.labels.size() == num_names, format,
                "{}: labels: expected {} names, got {}; is this another bundle's config?", path,
                num_names, bundle.labels.size());
    read_config(config.at("model"), "model", model_config);
  } catch (const Json::exception& e) {
    fail(ErrorKind::format, "{}: expected a bundle's config, got something else ({})", path,
         e.what());
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::config) throw;
    rethrow_with(e, path);
  }
  std::vector<data::ModalitySpec> specs;
  bundle.modalities = choose_modalities(model_config, bundle.preparation.specs());
  for (size_t m : bundle.modalities) specs.push_back(bundle.preparation.specs()[m]);
  bundle.model = std::make_shared<Model>(model_config, specs, head, Parameters::blank);
  const std::string weights = folder + "/model.safetensors";
  bundle.model->load_state(formats::read_safetensors(weights), weights);
  bundle.model->eval();
  const std::string metrics = folder + "/metrics.json";
  if (file_exists(metrics))
    bundle.metrics = parse_json(read_file(metrics, uint64_t{1} << 26), metrics);
  if (config["format_version"] == kCalibratedVersion)
    bundle.calibration =
        std::make_shared<const calibration::Calibration>(load_calibration(folder, *bundle.model));
  return bundle;
}

Inferred infer(Model& model, const std::vector<Input>& inputs, ops::Precision precision,
               const calibration::Calibration* calibration) {
  const c10::InferenceMode inference;
  const ops::PrecisionScope scope(precision);
  return infer_encoded(model, inputs, model.encode(inputs), calibration);
}

Inferred infer_encoded(Model& model, const std::vector<Input>& inputs, std::vector<Encoded> encoded,
                       const calibration::Calibration* calibration) {
  Inferred made;
  if (calibration != nullptr)
    made.masked = calibration::apply_gate(calibration->gate, inputs, &encoded);
  const Fused fused = model.fusion().forward(encoded);
  const bool is_scaled = calibration != nullptr && calibration->temperature != 1;
  const Tensor output = is_scaled ? fused.output / calibration->temperature : fused.output;
  made.scores = model.head().scores(output).to(at::kCPU, at::kDouble).contiguous();
  made.weights = fused.weights;
  return made;
}

bool is_refused(const std::vector<bool>& present, const std::vector<bool>& masked) {
  bool is_masked = false;
  for (size_t m = 0; m < masked.size(); ++m) {
    if (present[m] && !masked[m]) return false;
    is_masked = is_masked || masked[m];
  }
  return is_masked;
}

PreparedBatch prepare(const Bundle& bundle, const std::vector<data::Sample>& samples,
                      int num_threads) {
  std::vector<std::vector<data::Prepared>> prepared(samples.size());
  parallel_for(static_cast<int64_t>(samples.size()), num_threads, [&](int64_t i) {
    for (size_t m : bundle.modalities)
      prepared[static_cast<size_t>(i)].push_back(
          bundle.preparation.prepare(samples[static_cast<size_t>(i)], m));
  });
  const auto& specs = bundle.model->specs();
  data::Batch batch = data::collate(specs, prepared);
  batch.rows.assign(samples.size(), 0);
  PreparedBatch result;
  result.inputs =
      to_tensors(std::move(batch), specs, bundle.model->parameters()[0].device()).inputs;
  for (const std::vector<data::Prepared>& sample : prepared) {
    std::vector<bool> present;
    for (const data::Prepared& p : sample) present.push_back(p.present);
    result.present.push_back(std::move(present));
  }
  return result;
}

Scores score(Bundle& bundle, const std::vector<data::Sample>& samples, int num_threads,
             ops::Precision precision) {
  const ops::ThreadScope threads(num_threads);
  const ops::MemoryScope memory;
  const c10::InferenceMode inference;
  PreparedBatch prepared = prepare(bundle, samples, num_threads);
  return scores_of(infer(*bundle.model, prepared.inputs, precision, bundle.calibration.get()),
                   std::move(prepared.present));
}

Scores scores_of(Inferred inferred, std::vector<std::vector<bool>> present) {
  Scores result;
  for (int64_t i = 0; i < inferred.scores.size(0); ++i) {
    const double* row = inferred.scores.data_ptr<double>() + i * inferred.scores.size(1);
    result.scores.emplace_back(row, row + inferred.scores.size(1));
    if (inferred.weights.defined()) result.weights.push_back(to_doubles(inferred.weights[i]));
  }
  result.present = std::move(present);
  result.masked = std::move(inferred.masked);
  return result;
}

}  // namespace braid::model
