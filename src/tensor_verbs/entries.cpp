#include "tensor_verbs/entries.h"

#include <fmt/core.h>
#include <torch/torch.h>

#include "align/align.h"
#include "corruptions/corruption.h"
#include "encoders/encoder.h"
#include "fusion/fusion.h"
#include "heads/head.h"
#include "metrics/metric.h"
#include "ops/random.h"
#include "ops/work.h"
#include "report/numbers.h"

namespace braid::tensor_verbs {
namespace {

std::string join(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Those that say something.
std::vector<cli::Entry::Note> notes(const std::vector<cli::Entry::Note>& all) {
  std::vector<cli::Entry::Note> said;
  for (const cli::Entry::Note& note : all)
    if (!note.text.empty()) said.push_back(note);
  return said;
}

std::string use_of(const align::Method& method) {
  if (!method.is_local) return "files";
  return method.is_causal ? "files, live" : "files, live with a tolerance";
}

// "12.3k multiply-adds, 4.5k parameters" for one sample of three modalities, 16 tokens of width 64
// and two stages each, and ten classes; a single modality for what reads one.
std::string cost_of(const fusion::Method& method) {
  fusion::Context context = {
      {"a", "b", "c"}, {64, 64, 64}, 10, Activation::softmax, {{64}, {64}, {64}}};
  if (method.family == fusion::Family::single)
    context = {{"a"}, {64}, 10, Activation::softmax, {{64}}};
  const ops::InitScope init(/*seed=*/1);
  const auto fusion = method.make(Json::object(), "model.fusion", context);
  fusion->eval();
  std::vector<Encoded> encoded;
  for (int64_t width : context.widths)
    encoded.push_back({at::randn({1, 16, width}),
                       at::ones({1, 16}, at::kBool),
                       at::randn({1, width}),
                       at::ones({1}, at::kBool),
                       {at::randn({1, width})}});
  const c10::InferenceMode inference;
  const ops::WorkScope counting;
  fusion->forward(encoded);
  int64_t parameters = 0;
  for (const at::Tensor& parameter : fusion->parameters()) parameters += parameter.numel();
  return fmt::format("{} multiply-adds, {} parameters",
                     report::short_count(counting.work().multiply_adds),
                     report::short_count(parameters));
}

}  // namespace

std::vector<cli::Entry> all_entries() {
  using data::Kind;
  using metrics::Task;
  std::vector<cli::Entry> entries;
  const auto kinds_of = [](const auto& is_one) {
    std::vector<std::string> kinds;
    for (Kind kind : {Kind::text, Kind::image, Kind::audio, Kind::video, Kind::series, Kind::volume,
                      Kind::tabular, Kind::embedding})
      if (is_one(kind)) kinds.emplace_back(data::to_string(kind));
    return join(kinds);
  };
  for (const encoders::Method* m : encoders::methods()) {
    entries.push_back(
        {"encoder", m->name, kinds_of(m->reads), m->summary, m->source, {}, m->describe()});
  }
  for (const fusion::Method* m : fusion::methods())
    entries.push_back(
        {"fusion", m->name, fusion::to_string(m->family), m->summary, m->source,
         notes({{"use for", m->when}, {"cost", cost_of(*m)}, {"missing", m->missing}}),
         m->describe()});
  auto tasks_of = [](bool (*applies)(Task)) {
    std::vector<std::string> tasks;
    for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression})
      if (applies(task)) tasks.push_back(metrics::to_string(task));
    return join(tasks);
  };
  for (const heads::Method* m : heads::methods())
    entries.push_back(
        {"head", m->name, tasks_of(m->applies), m->summary, m->source, {}, m->describe()});
  for (const metrics::Method* m : metrics::methods())
    entries.push_back({"metric", m->name, tasks_of(m->applies), m->summary, m->source, {}, {}});
  for (const corruptions::Method* m : corruptions::methods())
    entries.push_back({"corruption",
                       m->name,
                       kinds_of([m](Kind kind) { return applies(*m, kind); }),
                       m->summary,
                       m->source,
                       {},
                       {}});
  for (const align::Method* m : align::methods())
    entries.push_back({"alignment",
                       m->name,
                       use_of(*m),
                       m->summary,
                       m->source,
                       notes({{"formula", m->definition}, {"error", m->error_bound}}),
                       {}});
  return entries;
}

}  // namespace braid::tensor_verbs
