#include "train/checkpoint.h"

#include "core/error.h"
#include "core/file.h"

namespace braid::train {
namespace {

Json to_json(const EpochRecord& r) {
  Json modalities = Json::array();
  for (const ModalityRecord& m : r.modalities)
    modalities.push_back({{"name", m.name},
                          {"gradient_share", m.gradient_share},
                          {"train_loss", m.train_loss},
                          {"validation_loss", m.validation_loss}});
  return {{"epoch", r.epoch},
          {"train_loss", r.train_loss},
          {"validation_loss", r.validation_loss},
          {"validation_metric", r.validation_metric},
          {"lr", r.lr},
          {"seconds", r.seconds},
          {"waited_s", r.waited_s},
          {"modalities", std::move(modalities)}};
}

double number_or_nan(const Json& node, const char* key) {
  const Json& value = node.at(key);
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Json to_json(const Progress& p) {
  Json history = Json::array();
  for (const EpochRecord& record : p.history) history.push_back(to_json(record));
  return {{"epoch", p.epoch},
          {"step_in_epoch", p.step_in_epoch},
          {"loss_sum", p.loss_sum},
          {"weight_sum", p.weight_sum},
          {"best_epoch", p.best_epoch},
          {"best_value", p.best_value},
          {"is_finished", p.is_finished},
          {"seconds", p.seconds},
          {"waited_s", p.waited_s},
          {"history", history}};
}

Progress progress_from(const Json& node) {
  Progress p;
  p.epoch = node.at("epoch").get<int64_t>();
  p.step_in_epoch = node.at("step_in_epoch").get<int64_t>();
  p.loss_sum = number_or_nan(node, "loss_sum");
  p.weight_sum = number_or_nan(node, "weight_sum");
  p.best_epoch = node.at("best_epoch").get<int64_t>();
  p.best_value = number_or_nan(node, "best_value");
  p.is_finished = node.at("is_finished").get<bool>();
  p.seconds = number_or_nan(node, "seconds");
  p.waited_s = number_or_nan(node, "waited_s");
  for (const Json& r : node.at("history")) {
    EpochRecord record;
    record.epoch = r.at("epoch").get<int64_t>();
    record.train_loss = number_or_nan(r, "train_loss");
    record.validation_loss = number_or_nan(r, "validation_loss");
    record.validation_metric = number_or_nan(r, "validation_metric");
    record.lr = number_or_nan(r, "lr");
    record.seconds = number_or_nan(r, "seconds");
    record.waited_s = number_or_nan(r, "waited_s");
    for (const Json& m : r.at("modalities"))
      record.modalities.push_back(
          {m.at("name").get<std::string>(), number_or_nan(m, "gradient_share"),
           number_or_nan(m, "train_loss"), number_or_nan(m, "validation_loss")});
    p.history.push_back(record);
  }
  return p;
}

std::string last_path(const std::string& folder) { return folder + "/last.safetensors"; }
std::string best_path(const std::string& folder) { return folder + "/best.safetensors"; }

}  // namespace

void save_checkpoint(const std::string& folder, const std::string& identity,
                     const model::Model& model, const AdamW& optimizer, const Progress& progress,
                     const Balance* balance) {
  formats::SafeTensors content;
  for (auto& entry : model.state().tensors)
    content.tensors.emplace_back("model." + entry.first, std::move(entry.second));
  optimizer.save(&content);
  if (balance != nullptr) balance->save(&content);
  content.metadata["identity"] = identity;
  content.metadata["steps"] = std::to_string(optimizer.steps());
  content.metadata["progress"] = to_json(progress).dump();
  // The history first: a run that is killed in between repeats the epoch and writes both again.
  std::string lines;
  for (const EpochRecord& record : progress.history) lines += to_json(record).dump() + "\n";
  write_file_atomically(folder + "/metrics.jsonl", lines);
  write_file_atomically(last_path(folder), formats::serialize_safetensors(content));
}

bool load_checkpoint(const std::string& folder, const std::string& identity, model::Model* model,
                     AdamW* optimizer, Progress* progress, Balance* balance) {
  const std::string path = last_path(folder);
  if (!file_exists(path)) return false;
  formats::SafeTensors content = formats::read_safetensors(path);
  BRAID_CHECK(content.metadata["identity"] == identity, config,
              "{}: the checkpoint belongs to another config, data set or seed; resume with the "
              "same ones, or choose another folder",
              path);
  formats::SafeTensors parameters, moments;
  for (auto& entry : content.tensors) {
    const bool is_parameter = entry.first.compare(0, 6, "model.") == 0;
    if (is_parameter) entry.first.erase(0, 6);
    (is_parameter ? parameters : moments).tensors.push_back(std::move(entry));
  }
  try {
    *progress = progress_from(parse_json(content.metadata["progress"], path));
    const int64_t steps = std::stoll(content.metadata["steps"]);
    model->load_state(parameters, path);
    optimizer->load(moments, steps, path);
    if (balance != nullptr) balance->load(moments, steps, path);
  } catch (const Json::exception& e) {
    fail(ErrorKind::format, "{}: expected a checkpoint's progress, got something else ({})", path,
         e.what());
  } catch (const std::logic_error&) {
    fail(ErrorKind::format, "{}: expected a step count, got '{}'", path, content.metadata["steps"]);
  }
  return true;
}

void save_best(const std::string& folder, const model::Model& model) {
  write_file_atomically(best_path(folder), formats::serialize_safetensors(model.state()));
}

void load_best(const std::string& folder, model::Model* model) {
  model->load_state(formats::read_safetensors(best_path(folder)), best_path(folder));
}

}  // namespace braid::train
