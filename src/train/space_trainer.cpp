#include "train/space_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "core/error.h"
#include "model/module_state.h"
#include "model/tensors.h"
#include "ops/memory.h"
#include "ops/precision.h"
#include "ops/random.h"
#include "train/adamw.h"
#include "train/by_modality.h"
#include "train/gradient_cache.h"
#include "train/sampling.h"
#include "train/schedule.h"

namespace braid::train {
namespace {

using at::Tensor;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Run {
 public:
  explicit Run(const SpaceTask& task) : task_(task), rng_(static_cast<uint64_t>(task.train.seed)) {
    check_contrast_options(options());
    const c10::Device device = model::parse_device(task.device);
    {
      const ops::InitScope init(rng_.fork("init").bits());
      space_ =
          std::make_shared<model::SharedSpace>(task.space, task.model, task.store->preparation());
    }
    for (const std::string& warning : space_->warnings()) task.sinks.warn(warning);
    space_->to(device);
    freeze();
    make_optimizer();
    content_ = contents_of(*space_, *task.store, task.split.train, task.num_workers);
    validation_content_ =
        contents_of(*space_, *task.store, task.split.validation, task.num_workers);
    for (size_t i = 0; i < task.split.train.size(); ++i) place_[task.split.train[i]] = i;
    const auto rows = static_cast<int64_t>(task.split.train.size());
    steps_per_epoch_ = std::max<int64_t>(1, rows / task.train.batch_size);
  }

  SpaceResult finish() {
    while (result_.history.size() < static_cast<size_t>(task_.train.epochs) &&
           !is_patience_over()) {
      result_.was_stopped = !run_epoch();
      if (result_.was_stopped) break;
    }
    if (result_.best_epoch > 0) model::load_module_state(best_, "best epoch", space_.get());
    space_->eval();
    result_.space = space_;
    return std::move(result_);
  }

 private:
  ContrastOptions options() const {
    return {task_.space.loss, task_.space.hardness, task_.space.noise};
  }

  void freeze() {
    const std::vector<std::string>& names = space_->modalities();
    for (const std::string& name : task_.space.frozen) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        throw Error(ErrorKind::config, "space.frozen: " + unknown_name("modality", name, names));
      space_->freeze(static_cast<size_t>(found - names.begin()));
    }
  }

  void make_optimizer() {
    torch::OrderedDict<std::string, Tensor> learning;
    for (const auto& item : space_->named_parameters())
      if (item.value().requires_grad()) learning.insert(item.key(), item.value());
    AdamWOptions adamw;
    adamw.weight_decay = task_.train.weight_decay;
    optimizer_ = std::make_unique<AdamW>(learning, adamw);
    const std::vector<std::string>& names = space_->modalities();
    const std::vector<double> scales = in_order(
        by_modality(task_.train.lr_scales, "train.lr_scales", names, between(0, 1000)), names, 1);
    for (size_t m = 0; m < names.size(); ++m)
      for (const std::string& prefix : space_->encoder_prefixes(m))
        optimizer_->scale_rate(prefix, scales[m]);
  }

  bool is_patience_over() const {
    return task_.train.patience > 0 && result_.best_epoch > 0 &&
           static_cast<int64_t>(result_.history.size()) - result_.best_epoch >=
               task_.train.patience;
  }

  // False when `stop` was set.
  bool run_epoch() {
    const double started = now_s();
    SpaceEpoch record;
    record.epoch = static_cast<int64_t>(result_.history.size()) + 1;
    const Rng rng = rng_.fork("epoch").fork(static_cast<uint64_t>(record.epoch));
    data::LoaderOptions loading;
    loading.batch_size = task_.train.batch_size;
    loading.keep_last = static_cast<int64_t>(task_.split.train.size()) < task_.train.batch_size;
    loading.augment = task_.train.augment ? &task_.augment : nullptr;
    loading.seed = rng.fork("augment").bits();
    loading.num_workers = task_.num_workers;
    loading.modalities = space_->prepared_modalities();
    data::Loader loader(*task_.store,
                        epoch_order("shuffle", task_.split.train, task_.store->dataset().targets(),
                                    rng.fork("order")),
                        loading);
    space_->train();
    loss_sum_ = 0;
    num_losses_ = 0;
    int64_t step_in_epoch = 0;
    data::Batch batch;
    while (loader.next(&batch)) {
      record.lr = learning_rate(task_.train.schedule, task_.train.lr, task_.train.warmup, step_,
                                task_.train.epochs * steps_per_epoch_);
      step(std::move(batch), rng.fork("step").fork(static_cast<uint64_t>(step_in_epoch++)), record);
      tick(record.epoch);
      if (task_.stop != nullptr && *task_.stop) return false;
    }
    close_epoch(started, &record);
    return true;
  }

  void step(data::Batch&& batch, const Rng& rng, const SpaceEpoch& epoch) {
    const std::vector<Tensor> keys = keys_of(batch.rows);
    const model::TensorBatch tensors =
        model::to_tensors(std::move(batch), space_->specs(), space_->device());
    optimizer_->zero_grad();
    ++step_;
    const std::optional<double> loss =
        contrastive_step(*space_, tensors.inputs, keys, options(), task_.space.chunk, rng);
    if (!loss) return;
    BRAID_CHECK(std::isfinite(*loss), numeric,
                "contrast: epoch {}: step {}: expected a finite loss, got {}; lower train.lr or "
                "look for extreme values with 'braid inspect'",
                epoch.epoch, step_, *loss);
    if (task_.train.clip_norm > 0)
      torch::nn::utils::clip_grad_norm_(optimizer_->parameters(), task_.train.clip_norm);
    optimizer_->step(epoch.lr);
    space_->clamp_scale();
    loss_sum_ += *loss;
    ++num_losses_;
  }

  std::vector<Tensor> keys_of(const std::vector<int64_t>& rows) const {
    std::vector<Tensor> keys;
    for (const std::vector<uint64_t>& content : content_) {
      std::vector<int64_t> own;
      for (int64_t row : rows) own.push_back(static_cast<int64_t>(content[place_.at(row)]));
      keys.push_back(at::tensor(at::ArrayRef<int64_t>(own.data(), own.size()), at::kLong)
                         .to(space_->device()));
    }
    return keys;
  }

  void close_epoch(double started, SpaceEpoch* record) {
    const std::vector<Direction> directions =
        rank_directions(encode_rows(*space_, *task_.store, task_.split.validation,
                                    validation_content_, task_.num_workers),
                        task_.num_workers);
    BRAID_CHECK(!directions.empty(), data,
                "contrast: expected validation rows that have two of the modalities {}, got none",
                fmt::join(space_->modalities(), ", "));
    record->validation = mean_retrieval(directions);
    record->train_loss = num_losses_ > 0 ? loss_sum_ / static_cast<double>(num_losses_) : 0;
    record->scale = space_->logit_scale().item<double>();
    record->seconds = now_s() - started;
    result_.seconds += record->seconds;
    result_.history.push_back(*record);
    const auto is_better = [](const MeanRetrieval& a, const MeanRetrieval& b) {
      return std::tie(a.average_precision, a.recall_10) >
             std::tie(b.average_precision, b.recall_10);
    };
    if (result_.best_epoch == 0 || is_better(record->validation, best_validation_)) {
      result_.best_epoch = record->epoch;
      best_validation_ = record->validation;
      best_ = model::module_state(*space_);
    }
    tick(record->epoch);
  }

  void tick(int64_t epoch) const {
    ProgressTick t;
    t.task = "contrast";
    t.done = step_;
    t.total = is_patience_over() ? step_ : task_.train.epochs * steps_per_epoch_;
    t.detail = fmt::format("epoch {}/{}", epoch, task_.train.epochs);
    if (num_losses_ > 0)
      t.detail += fmt::format(" loss {:.4f}", loss_sum_ / static_cast<double>(num_losses_));
    if (!result_.history.empty())
      t.detail += fmt::format(" validation mAP {:.3f} best {:.3f} (epoch {})",
                              result_.history.back().validation.average_precision,
                              best_validation_.average_precision, result_.best_epoch);
    task_.sinks.tick(t);
  }

  const SpaceTask& task_;
  const Rng rng_;
  std::shared_ptr<model::SharedSpace> space_;
  std::unique_ptr<AdamW> optimizer_;
  std::vector<std::vector<uint64_t>> content_;  // [modality][place among the training rows]
  std::vector<std::vector<uint64_t>> validation_content_;
  std::unordered_map<int64_t, size_t> place_;  // of a row of the data set
  int64_t steps_per_epoch_ = 0, step_ = 0;
  double loss_sum_ = 0;  // of the epoch's steps that had pairs
  int64_t num_losses_ = 0;
  MeanRetrieval best_validation_;
  formats::SafeTensors best_;
  SpaceResult result_;
};

}  // namespace

SpaceResult train_space(const SpaceTask& task) {
  const ops::MemoryScope memory;
  const ops::PrecisionScope precision(
      ops::parse_precision(task.train.precision, "train.precision"));
  BRAID_CHECK(!task.split.train.empty() && !task.split.validation.empty(), data,
              "contrast: expected rows to train and to validate on, got {} and {}",
              task.split.train.size(), task.split.validation.size());
  return Run(task).finish();
}

Experiment open_experiment(const SpaceExperimentConfig& config, const Sinks& sinks) {
  ExperimentConfig data;
  static_cast<data::DataConfig&>(data) = config;
  data.model.encoders = config.model.encoders;
  return open_experiment(data, sinks);
}

}  // namespace braid::train
