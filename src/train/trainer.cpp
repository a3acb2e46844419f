#include "train/trainer.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/file.h"
#include "core/free_cores.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "ops/parallel.h"
#include "ops/precision.h"
#include "ops/random.h"
#include "train/balance.h"
#include "train/by_modality.h"
#include "train/late.h"
#include "train/progress_words.h"
#include "train/sampling.h"
#include "train/schedule.h"

namespace braid::train {
namespace {

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What the modalities' own heads say of rows, batch after batch.
class OwnOutputs {
 public:
  void add(Balance* balance, const std::vector<Encoded>& encoded) {
    if (balance == nullptr) return;
    const std::vector<Tensor> outputs = balance->outputs(encoded);
    outputs_.resize(outputs.size());
    present_.resize(outputs.size());
    for (size_t m = 0; m < outputs.size(); ++m) {
      outputs_[m].push_back(outputs[m].cpu());
      present_[m].push_back(encoded[m].present.cpu());
    }
  }
  /// Mean over the rows that have the modality.
  std::vector<double> losses(const heads::Head& head, const Tensor& targets) const {
    std::vector<double> all;
    for (size_t m = 0; m < outputs_.size(); ++m)
      all.push_back(head.loss(at::cat(outputs_[m]), targets, at::cat(present_[m]).to(at::kDouble))
                        .item<double>());
    return all;
  }

 private:
  std::vector<std::vector<Tensor>> outputs_, present_;  // [modality][batch]
};

std::string identity_of(const TrainTask& task) {
  Json node;
  node["model"] = dump_config(task.model);
  node["train"] = dump_config(task.train);
  node["augment"] = dump_config(task.augment);
  node["data"] = task.store->dataset().fingerprint();
  node["target"] = task.store->dataset().config().target;
  node["task"] = metrics::to_string(task.store->dataset().targets().task);
  node["preparation"] = fmt::format("{:016x}", task.store->preparation().fingerprint());
  uint64_t hash = hash_bytes(node.dump());
  for (const auto* rows : {&task.split.train, &task.split.validation})
    hash = hash_bytes({reinterpret_cast<const char*>(rows->data()), rows->size() * sizeof(int64_t)},
                      hash);
  return fmt::format("{:016x}", hash);
}

// One model's training from start or checkpoint to the end.
class Run {
 public:
  explicit Run(const TrainTask& task)
      : task_(task),
        targets_(task.store->dataset().targets()),
        device_(model::parse_device(task.device)) {
    const auto& specs = task.store->preparation().specs();
    modalities_ = model::choose_modalities(task.model, specs);
    std::vector<data::ModalitySpec> chosen;
    for (size_t m : modalities_) chosen.push_back(specs[m]);
    const heads::Context head = head_context(targets_, task.split.train, task.train.class_weights);
    shown_ = task.train.metric == "auto" ? &metrics::default_metric(targets_.task)
                                         : &metrics::find(task.train.metric);
    BRAID_CHECK(shown_->applies(targets_.task), config,
                "train.metric: '{}' does not fit a {} target; use auto or '{}'", shown_->name,
                metrics::to_string(targets_.task), metrics::default_metric(targets_.task).name);
    {
      ops::InitScope init(Rng(static_cast<uint64_t>(task.train.seed)).fork("init").bits());
      model_ = std::make_shared<model::Model>(task.model, chosen, head);
      tuning_ = std::make_unique<Tuning>(task.train.tuning, specs, model_.get());
    }
    for (const std::string& warning : model_->warnings()) task.sinks.warn(warning);
    model_->to(device_);
    encodings_ = keep_encodings(model_, tuning_->frozen(), modalities_, task.store);
    AdamWOptions options;
    options.weight_decay = task.train.weight_decay;
    optimizer_ = std::make_unique<AdamW>(learning_parameters(*model_), options);
    settle_modalities(specs);
    tuning_->scale_rates(optimizer_.get());
    order_ = std::make_unique<EpochOrder>(task.train, task.split.train, *task.store, modalities_,
                                          task.num_workers);
    const auto rows = static_cast<int64_t>(task.split.train.size());
    batches_per_epoch_ = (rows + task.train.batch_size - 1) / task.train.batch_size;
    if (!task.folder.empty()) {
      identity_ = identity_of(task);
      make_folders(task.folder);
      load_checkpoint(task.folder, identity_, model_.get(), optimizer_.get(), &progress_,
                      balance_.get());
    }
  }

  TrainResult finish() {
    bool was_stopped = false;
    const auto is_paused = [this] {
      return task_.pause_after > 0 && progress_.epoch >= task_.pause_after;
    };
    while (!progress_.is_finished && !was_stopped && !is_paused()) {
      was_stopped = !run_epoch();
      if (!task_.folder.empty())
        save_checkpoint(task_.folder, identity_, *model_, *optimizer_, progress_, balance_.get());
    }
    if (progress_.best_epoch > 0) load_best();
    if (!was_stopped && !is_paused()) tuning_->finish();
    TrainResult result;
    result.model = model_;
    result.modalities = modalities_;
    result.progress = progress_;
    result.was_stopped = was_stopped;
    if (!was_stopped)
      result.validation = evaluate(*model_, *task_.store, modalities_, task_.split.validation);
    model_->eval();
    return result;
  }

 private:
  // Rates and the balance of the model's modalities. Their names are those of the whole data set:
  // one config serves models of some of them.
  void settle_modalities(const std::vector<data::ModalitySpec>& all) {
    std::vector<std::string> known, own;
    for (const data::ModalitySpec& spec : all) known.push_back(spec.name);
    for (const data::ModalitySpec& spec : model_->specs()) own.push_back(spec.name);
    const TrainConfig& train = task_.train;
    dropout_rates_ = in_order(by_modality(train.modality_dropout_rates,
                                          "train.modality_dropout_rates", known, between(0, 0.95)),
                              own, train.modality_dropout);
    const std::vector<double> scales =
        in_order(by_modality(train.lr_scales, "train.lr_scales", known, between(0, 1000)), own, 1);
    const std::vector<std::string> modules = fusion::module_names(own);
    for (size_t m = 0; m < own.size(); ++m)
      optimizer_->scale_rate("encoders." + modules[m] + ".", scales[m]);
    by_modality(train.balance.unimodal_weights, "train.balance.unimodal_weights", known,
                at_least(0));  // wrong names are wrong for a single modality too
    if (own.size() < 2) return;
    balance_ =
        std::make_unique<Balance>(train.balance, *model_, known, train.weight_decay,
                                  Rng(static_cast<uint64_t>(train.seed)).fork("balance").bits());
  }

  // False when `stop` was set: progress then holds the steps done.
  bool run_epoch() {
    const double started = now_s();
    const int64_t epoch = progress_.epoch + 1;
    const Rng rng = Rng(static_cast<uint64_t>(task_.train.seed))
                        .fork("epoch")
                        .fork(static_cast<uint64_t>(epoch));
    std::vector<int64_t> order = order_->of(rng);
    order.erase(order.begin(), order.begin() + std::min<int64_t>(static_cast<int64_t>(order.size()),
                                                                 progress_.step_in_epoch *
                                                                     task_.train.batch_size));
    data::LoaderOptions options;
    options.batch_size = task_.train.batch_size;
    options.augment = task_.train.augment ? &task_.augment : nullptr;
    options.seed = rng.fork("augment").bits();
    options.num_workers = task_.num_workers;
    options.modalities = modalities_;
    options.encodings = encodings_;
    data::Loader loader(*task_.store, order, options);
    model_->train();
    tuning_->begin_epoch(epoch);
    double lr = 0;
    bool was_stopped = false;
    data::Batch batch;
    while (loader.next(&batch)) {
      lr = learning_rate(task_.train.schedule, task_.train.lr, task_.train.warmup,
                         optimizer_->steps(), task_.train.epochs * steps_per_epoch());
      step(std::move(batch), rng.fork("step").fork(static_cast<uint64_t>(progress_.step_in_epoch)),
           lr, epoch);
      ++progress_.step_in_epoch;
      epoch_seconds_ = now_s() - started;
      tick(epoch);
      was_stopped = task_.stop != nullptr && *task_.stop &&
                    progress_.step_in_epoch % task_.train.accumulate == 0;  // between two steps
      if (was_stopped && progress_.step_in_epoch < batches_per_epoch_) break;
    }
    const double waited = loader.waited_s();
    progress_.waited_s += waited;
    if (was_stopped && progress_.step_in_epoch < batches_per_epoch_) {
      progress_.seconds += now_s() - started;
      return false;
    }
    close_epoch(epoch, lr, started, waited);
    return progress_.is_finished || !was_stopped;
  }

  void step(data::Batch&& batch, const Rng& rng, double lr, int64_t epoch) {
    std::vector<double> rates = dropout_rates_;
    const double factor =
        dropout_factor(task_.train.modality_dropout_schedule, epoch, task_.train.epochs);
    for (double& rate : rates) rate *= factor;
    drop_modalities(rates, rng.fork("modality_dropout"), &batch);
    std::optional<ops::ThreadScope> threads;
    if (task_.shares_cores) threads.emplace(std::min(at::get_num_threads(), free_cores()));
    ops::RandomScope random(rng.fork("dropout").bits());
    const model::TensorBatch tensors =
        model::to_tensors(std::move(batch), model_->specs(), device_);
    const int64_t in_step = progress_.step_in_epoch % task_.train.accumulate;
    if (in_step == 0) {
      optimizer_->zero_grad();
      if (balance_) balance_->zero_grad();
    }
    const std::vector<Encoded> encoded = model_->encode(tensors.inputs);
    const Fused fused = model_->fusion().forward(encoded);
    Tensor loss = model_->head().loss(fused.output, tensors.targets, tensors.weights);
    const double head_loss = loss.item<double>();
    if (fused.auxiliary.defined()) loss = loss + fused.auxiliary;
    const double value = loss.item<double>();
    BRAID_CHECK(std::isfinite(value), numeric,
                "{}: epoch {}: step {}: expected a finite loss, got {}; lower train.lr or look for "
                "extreme values with 'braid inspect'",
                task_.name, epoch, progress_.step_in_epoch + 1, value);
    if (balance_)
      loss = balance_->total(loss, head_loss, encoded, tensors.targets, tensors.weights);
    if (task_.train.accumulate > 1)
      loss = loss /
             static_cast<double>(std::min(
                 task_.train.accumulate, batches_per_epoch_ - (progress_.step_in_epoch - in_step)));
    loss.backward();
    if (balance_) balance_->modulate(progress_.step_in_epoch);
    if (in_step + 1 == task_.train.accumulate ||
        progress_.step_in_epoch + 1 == batches_per_epoch_) {
      if (task_.train.clip_norm > 0)
        torch::nn::utils::clip_grad_norm_(optimizer_->parameters(), task_.train.clip_norm);
      optimizer_->step(lr);
      if (balance_) balance_->step(lr);
    }
    const double weight = static_cast<double>(tensors.weights.size(0));
    progress_.loss_sum += value * weight;
    progress_.weight_sum += weight;
  }

  int64_t steps_per_epoch() const {
    return (batches_per_epoch_ + task_.train.accumulate - 1) / task_.train.accumulate;
  }

  void close_epoch(int64_t epoch, double lr, double started, double waited) {
    OwnOutputs own;
    const Evaluation validation =
        evaluate(*model_, *task_.store, modalities_, task_.split.validation, /*batch_size=*/64,
                 [&](const std::vector<Encoded>& encoded) { own.add(balance_.get(), encoded); });
    EpochRecord record;
    record.epoch = epoch;
    record.train_loss = progress_.loss_sum / progress_.weight_sum;
    record.validation_loss = validation.loss;
    record.validation_metric = shown_->value(validation.predictions);
    record.lr = lr;
    record.seconds = now_s() - started;
    record.waited_s = waited;
    double criterion = validation.loss;
    if (task_.train.metric != "auto")
      criterion = shown_->higher_is_better ? -record.validation_metric : record.validation_metric;
    // A criterion that cannot be computed (NaN) is beaten by any that can.
    if (progress_.best_epoch == 0 ||
        (std::isfinite(criterion) && !(progress_.best_value <= criterion))) {
      progress_.best_epoch = epoch;
      progress_.best_value = criterion;
      keep_best();
    }
    if (balance_)
      record.modalities = balance_->close_epoch(
          epoch, record.validation_loss,
          own.losses(model_->head(), target_tensor(targets_, task_.split.validation)));
    progress_.history.push_back(record);
    warn_of_dominance();
    progress_.epoch = epoch;
    progress_.step_in_epoch = 0;
    progress_.loss_sum = progress_.weight_sum = 0;
    epoch_seconds_ = 0;
    progress_.seconds += record.seconds;
    const bool is_patience_over =
        task_.train.patience > 0 && epoch - progress_.best_epoch >= task_.train.patience;
    progress_.is_finished = epoch >= task_.train.epochs || is_patience_over;
    tick(epoch);
  }

  void warn_of_dominance() {
    if (has_warned_) return;
    const std::string warning = dominance_warning(progress_);
    has_warned_ = !warning.empty();
    if (has_warned_) task_.sinks.warn(fmt::format("{}: {}", task_.name, warning));
  }

  void tick(int64_t epoch) const {
    if (!task_.sinks.progress) return;
    ProgressTick t;
    t.task = task_.name;
    t.done = progress_.epoch * batches_per_epoch_ + progress_.step_in_epoch;
    t.total = progress_.is_finished ? t.done : task_.train.epochs * batches_per_epoch_;
    t.detail = progress_detail(progress_, epoch, task_.train.epochs, epoch_seconds_);
    task_.sinks.tick(t);
  }

  void keep_best() {
    if (!task_.folder.empty())
      save_best(task_.folder, *model_);
    else
      best_ = model_->state();
  }
  void load_best() {
    if (!task_.folder.empty())
      train::load_best(task_.folder, model_.get());
    else
      model_->load_state(best_, "best epoch");
  }

  const TrainTask& task_;
  const data::Targets& targets_;
  c10::Device device_;
  std::vector<size_t> modalities_;
  const metrics::Method* shown_ =
      nullptr;  // the metric of progress lines, and the criterion unless train.metric is auto
  std::shared_ptr<model::Model> model_;
  std::unique_ptr<Tuning> tuning_;
  std::vector<uint64_t> encodings_;  // of frozen encoders, by modality
  std::unique_ptr<AdamW> optimizer_;
  std::unique_ptr<Balance> balance_;   // null for a single modality
  std::vector<double> dropout_rates_;  // of the model's modalities
  std::unique_ptr<EpochOrder> order_;
  bool has_warned_ = false;
  Progress progress_;
  formats::SafeTensors best_;
  std::string identity_;
  int64_t batches_per_epoch_ = 0;
  double epoch_seconds_ = 0;  // of the epoch that runs
};

}  // namespace

heads::Context head_context(const data::Targets& targets, const std::vector<int64_t>& train_rows,
                            const std::string& class_weights) {
  heads::Context context;
  context.task = targets.task;
  context.num_labels = targets.num_outputs();
  context.class_weights = train::class_weights(class_weights, train_rows, targets);
  if (targets.task == metrics::Task::regression) {
    double sum = 0, squares = 0;
    for (int64_t row : train_rows) sum += targets.values[static_cast<size_t>(row)];
    const double count = static_cast<double>(train_rows.size());
    context.target_mean = sum / count;
    for (int64_t row : train_rows)
      squares += std::pow(targets.values[static_cast<size_t>(row)] - context.target_mean, 2);
    const double deviation = std::sqrt(squares / count);
    context.target_deviation = deviation > 0 ? deviation : 1.0;
  }
  return context;
}

TrainTask single_task(const TrainTask& late, const std::string& modality) {
  TrainTask task = late;
  task.name = modality;
  task.model.modalities = {modality};
  task.model.fusion = Json{{"name", "single"}};
  for (const char* key : {"hidden", "dropout"})  // the modality's own head is the late fusion's
    if (late.model.fusion.contains(key)) task.model.fusion[key] = late.model.fusion[key];
  task.model.encoders = Json::object();
  if (late.model.encoders.contains(modality))
    task.model.encoders[modality] = late.model.encoders[modality];
  if (!late.folder.empty()) task.folder = late.folder + "/single-" + modality;
  return task;
}

TrainResult train(const TrainTask& task) {
  const ops::MemoryScope memory;
  const ops::PrecisionScope precision(
      ops::parse_precision(task.train.precision, "train.precision"));
  BRAID_CHECK(!task.split.train.empty() && !task.split.validation.empty(), data,
              "{}: expected rows to train and to validate on, got {} and {}", task.name,
              task.split.train.size(), task.split.validation.size());
  const Json& fusion = task.model.fusion;  // {name: average, ...} or just average
  const Json name = fusion.is_object() && fusion.contains("name") ? fusion["name"] : fusion;
  if (task.train.late == "separate" && name.is_string() && name != "auto" &&
      fusion::find(name.get<std::string>()).family == fusion::Family::late)
    return train_late(task);
  return Run(task).finish();
}

}  // namespace braid::train
