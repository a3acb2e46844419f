#include "compare/search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "compare/side_by_side.h"
#include "core/error.h"
#include "core/file.h"

namespace braid::compare {
namespace {

constexpr const char* kPlace = "compare.search";

// "lr=0.002,rank=4" as part of a folder's name.
std::string folder_part(const std::string& key, const Json& value) {
  std::string text = key + "=" + value.dump();
  for (char& c : text)
    if (!isalnum(static_cast<unsigned char>(c)) && std::string("=.-_").find(c) == std::string::npos)
      c = '_';
  return "," + text;
}

const Json& list_of(const Json& value, const std::string& where) {
  BRAID_CHECK(value.is_array() && !value.empty(), config,
              "{}: expected a list of values to try, got {}; write [{}]", where, value.dump(),
              value.dump());
  return value;
}

Json values_to_try(const CompareJob& job) {
  const double lr = job.config.train.lr;
  const Json& given = job.config.compare.search.train;
  BRAID_CHECK(given.is_object(), config,
              "{}.train: expected keys with lists, got {}; write "
              "{{lr: [0.001, 0.003]}}",
              kPlace, given.dump());
  return given.empty() ? Json{{"lr", Json::array({lr / 3, lr, std::min(1.0, 3 * lr)})}} : given;
}

// One more setting for each of the contenders so far.
std::vector<Contender> with_each(const std::vector<Contender>& so_far, const Json& values,
                                 const std::function<void(const Json& value, Contender*)>& set) {
  std::vector<Contender> all;
  for (const Contender& contender : so_far)
    for (const Json& value : values) {
      all.push_back(contender);
      set(value, &all.back());
    }
  return all;
}

std::vector<Contender> settings_of(const CompareJob& job, const Contender& contender) {
  std::vector<Contender> all = {contender};
  const Json tried = values_to_try(job);
  for (const auto& item : tried.items()) {
    const std::string key = item.key();
    all = with_each(all, list_of(item.value(), fmt::format("{}.train.{}", kPlace, key)),
                    [&](const Json& value, Contender* one) {
                      one->settings[key] = value;
                      one->folder += folder_part(key, value);
                    });
  }
  const Json& fusions = job.config.compare.search.fusions;
  if (!fusions.contains(contender.method->name)) return all;
  const std::string where = fmt::format("{}.fusions.{}", kPlace, contender.method->name);
  return with_each(all, list_of(fusions[contender.method->name], where),
                   [&](const Json& keys, Contender* one) {
                     BRAID_CHECK(keys.is_object(), config,
                                 "{}: expected keys, got {}; write "
                                 "[{{rank: 2}}, {{rank: 8}}]",
                                 where, keys.dump());
                     one->model.fusion.update(keys);
                     for (const auto& item : keys.items())
                       one->folder += folder_part(item.key(), item.value());
                   });
}

// Settings of fusions that could not try them would be passed over.
void check_fusions(const CompareJob& job, const Plan& plan) {
  for (const auto& item : job.config.compare.search.fusions.items()) {
    const fusion::Method& method = fusion::find(item.key());
    const auto found =
        std::find_if(plan.contenders.begin(), plan.contenders.end(),
                     [&](const Contender& contender) { return contender.method == &method; });
    BRAID_CHECK(found != plan.contenders.end(), config,
                "{}.fusions.{}: expected a method of this comparison, got another; add it to "
                "compare.methods",
                kPlace, item.key());
    BRAID_CHECK(
        !combines_singles(job, *found), config,
        "{}.fusions.{}: expected a fusion that trains, got one that combines single models; "
        "set its keys in compare.fusions, or train.late=joint",
        kPlace, item.key());
  }
}

struct Score {
  double value = 0, loss = 0;  // means over seeds and folds
};

bool beats(const Score& a, const Score& b, bool higher_is_better) {
  if (std::isfinite(a.value) != std::isfinite(b.value)) return std::isfinite(a.value);
  if (a.value != b.value && std::isfinite(a.value))
    return higher_is_better ? a.value > b.value : a.value < b.value;
  return a.loss < b.loss;
}

class Halving {
 public:
  Halving(const CompareJob& job, std::vector<train::Fold>& folds, const metrics::Method& metric,
          const Plan& plan)
      : job_(job),
        folds_(folds),
        metric_(metric),
        plan_(plan),
        options_(job.config.compare.search),
        all_(candidates_of(job, plan)) {
    left_.resize(all_.contenders.size());
    std::iota(left_.begin(), left_.end(), size_t{0});
  }

  // Null where the job was stopped.
  Json run() {
    open_record();
    const std::vector<int64_t> rungs = rungs_of(options_, job_.config.train.epochs);
    Json list = Json::array();
    for (size_t r = 0; r < rungs.size(); ++r) {
      const bool is_known = r < record_["rungs"].size();
      const std::vector<Score> scores =
          is_known ? scores_of(record_["rungs"][r]) : train_rung(rungs[r], r, rungs.size());
      if (scores.empty()) return nullptr;
      const std::vector<size_t> entered = left_;
      left_ = survivors(entered, scores, r + 1 == rungs.size());
      list.push_back(describe(rungs[r], entered, scores));
      epochs_ += static_cast<int64_t>(entered.size()) * (rungs[r] - (r > 0 ? rungs[r - 1] : 0));
      if (!is_known) {
        record_["rungs"].push_back(list.back());
        write_file_atomically(file(), record_.dump(2) + "\n");
      }
    }
    const int64_t full = job_.config.train.epochs, runs = num_runs();
    epochs_ += static_cast<int64_t>(left_.size()) * (full - (rungs.empty() ? 0 : rungs.back()));
    return {{"name", options_.name},
            {"factor", options_.factor},
            {"candidates", all_.contenders.size()},
            {"rungs", std::move(list)},
            {"epochs", epochs_ * runs},
            {"epochs_of_all", static_cast<int64_t>(all_.contenders.size()) * full * runs}};
  }

  Plan narrowed() const {
    Plan plan = plan_;
    plan.contenders.clear();
    for (size_t c = 0; c < plan_.contenders.size(); ++c) {
      if (combines_singles(job_, plan_.contenders[c]))
        plan.contenders.push_back(plan_.contenders[c]);
      for (size_t i : left_)
        if (all_.origin[i] == c) plan.contenders.push_back(all_.contenders[i]);
    }
    plan.trials = trials_of(job_, plan.contenders.size(), folds_.size());
    return plan;
  }

 private:
  int64_t num_runs() const {
    return job_.config.compare.seeds * static_cast<int64_t>(folds_.size());
  }
  std::string file() const { return job_.out + "/search.json"; }

  // What was decided before a stop is not decided again: trainings have gone on since.
  void open_record() {
    Json config = dump_config(job_.config);
    for (const char* key : {"stress", "costs"}) config["compare"].erase(key);  // ask for more
    const std::string identity = fmt::format("{:016x}", hash_bytes(config.dump()));
    record_ = {{"identity", identity}, {"rungs", Json::array()}};
    if (!file_exists(file())) return;
    const Json found = parse_json(read_file(file()), file());
    BRAID_CHECK(found.is_object() && found.value("identity", "") == identity &&
                    found.contains("rungs") && found["rungs"].is_array(),
                config,
                "{}: expected the choices of this very search, got another's; take another --out",
                file());
    record_ = found;
  }

  // Means of the candidates that are left, in their order; empty where the job was stopped.
  std::vector<Score> train_rung(int64_t epochs, size_t rung, size_t num_rungs) {
    std::vector<Trial> trials = trials_of(job_, left_.size(), folds_.size());
    SideBySide bar(job_, fmt::format("search {}/{}", rung + 1, num_rungs), trials.size());
    std::vector<SideBySide::Piece> pieces;
    for (size_t t = 0; t < trials.size(); ++t) {
      const Contender& contender = all_.contenders[left_[trials[t].contender]];
      pieces.push_back(
          {t, contender.folder, fmt::format("{} seed {}", contender.folder, trials[t].seed),
           [&, t, epochs](const Sinks& sinks) {
             Trial& trial = trials[t];
             train::TrainTask task =
                 task_of(job_, all_.contenders[left_[trial.contender]], folds_[trial.fold], trial);
             task.pause_after = epochs;
             task.sinks = sinks;
             const train::TrainResult result = train::train(task);
             trial.validation = metric_.value(result.validation.predictions);
             trial.result.validation.loss = result.validation.loss;
           }});
    }
    if (!bar.run(pieces)) return {};
    std::vector<Score> scores(left_.size());
    for (const Trial& trial : trials) {
      scores[trial.contender].value += trial.validation / static_cast<double>(num_runs());
      scores[trial.contender].loss +=
          trial.result.validation.loss / static_cast<double>(num_runs());
    }
    return scores;
  }

  std::vector<Score> scores_of(const Json& rung) const {
    std::vector<Score> scores;
    for (const Json& one : rung.at("candidates"))
      scores.push_back({number_or_nan(one.at("validation")), number_or_nan(one.at("loss"))});
    BRAID_CHECK(scores.size() == left_.size(), config,
                "{}: expected {} candidates, got {}; take another --out", file(), left_.size(),
                scores.size());
    return scores;
  }
  static double number_or_nan(const Json& value) {
    return value.is_number() ? value.get<double>() : std::nan("");
  }

  // Best first within each race: the fusions together, each single modality by itself.
  std::vector<size_t> survivors(const std::vector<size_t>& entered,
                                const std::vector<Score>& scores, bool is_last) const {
    std::map<size_t, std::vector<size_t>> races;  // places in `entered`
    for (size_t i = 0; i < entered.size(); ++i) {
      const size_t origin = all_.origin[entered[i]];
      races[origin < plan_.num_singles ? origin : plan_.num_singles].push_back(i);
    }
    std::vector<size_t> left;
    for (auto& [race, places] : races) {
      std::stable_sort(places.begin(), places.end(), [&](size_t a, size_t b) {
        return beats(scores[a], scores[b], metric_.higher_is_better);
      });
      const bool is_single = race < plan_.num_singles;
      const auto factor = static_cast<size_t>(options_.factor);
      const size_t share = (places.size() + factor - 1) / factor;
      const size_t most = is_single ? share : std::max(share, static_cast<size_t>(options_.keep));
      std::vector<size_t> origins;  // at the end, of each method its best setting alone
      for (size_t i : places) {
        const size_t origin = all_.origin[entered[i]];
        const bool is_new = std::find(origins.begin(), origins.end(), origin) == origins.end();
        if (origins.size() >= most || (is_last && !is_new)) continue;
        origins.push_back(origin);
        left.push_back(entered[i]);
      }
    }
    std::sort(left.begin(), left.end());
    return left;
  }

  Json describe(int64_t epochs, const std::vector<size_t>& entered,
                const std::vector<Score>& scores) const {
    Json list = Json::array();
    for (size_t i = 0; i < entered.size(); ++i) {
      const Contender& contender = all_.contenders[entered[i]];
      const bool goes_on = std::find(left_.begin(), left_.end(), entered[i]) != left_.end();
      Json settings = contender.settings;
      const Json& plain = plan_.contenders[all_.origin[entered[i]]].model.fusion;
      for (const auto& item : contender.model.fusion.items())
        if (!plain.contains(item.key()) || plain[item.key()] != item.value())
          settings["fusion." + item.key()] = item.value();
      list.push_back({{"method", contender.name},
                      {"settings", std::move(settings)},
                      {"validation", finite_or_null(scores[i].value)},
                      {"loss", finite_or_null(scores[i].loss)},
                      {"goes_on", goes_on}});
    }
    return {{"epochs", epochs}, {"candidates", std::move(list)}};
  }

  const CompareJob& job_;
  std::vector<train::Fold>& folds_;
  const metrics::Method& metric_;
  const Plan& plan_;
  const SearchOptions& options_;
  const Candidates all_;
  std::vector<size_t> left_;  // places among all_, ascending
  Json record_;
  int64_t epochs_ = 0;  // of one seed and fold
};

}  // namespace

std::vector<int64_t> rungs_of(const SearchOptions& options, int64_t epochs) {
  int64_t next = options.first_epochs;
  if (next == 0) next = std::max<int64_t>(1, epochs / (options.factor * options.factor));
  std::vector<int64_t> rungs;
  for (; next < epochs; next *= options.factor) rungs.push_back(next);
  return rungs;
}

Candidates candidates_of(const CompareJob& job, const Plan& plan) {
  check_fusions(job, plan);
  Candidates all;
  for (size_t c = 0; c < plan.contenders.size(); ++c) {
    if (combines_singles(job, plan.contenders[c])) continue;
    for (Contender& one : settings_of(job, plan.contenders[c])) {
      train_config(job, one);  // for its errors, before any training
      all.contenders.push_back(std::move(one));
      all.origin.push_back(c);
    }
  }
  return all;
}

Json halve(const CompareJob& job, std::vector<train::Fold>& folds, const metrics::Method& metric,
           Plan* plan) {
  Halving halving(job, folds, metric, *plan);
  Json record = halving.run();
  if (!record.is_null()) *plan = halving.narrowed();
  return record;
}

}  // namespace braid::compare
