#include "tensor_verbs/entries.h"

#include <fmt/core.h>

#include "corruptions/corruption.h"
#include "encoders/encoder.h"
#include "fusion/fusion.h"
#include "heads/head.h"
#include "metrics/metric.h"

namespace braid::tensor_verbs {
namespace {

std::string join(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<cli::Entry> all_entries() {
  using data::Kind;
  using metrics::Task;
  std::vector<cli::Entry> entries;
  for (const encoders::Method* m : encoders::methods()) {
    std::vector<std::string> kinds;
    for (Kind kind : {Kind::text, Kind::image, Kind::audio, Kind::tabular, Kind::embedding})
      if (m->reads(kind)) kinds.push_back(data::to_string(kind));
    entries.push_back({"encoder", m->name, join(kinds), m->summary, m->source, "", m->describe()});
  }
  for (const fusion::Method* m : fusion::methods())
    entries.push_back({"fusion", m->name, fusion::to_string(m->family), m->summary, m->source,
                       m->missing, m->describe()});
  auto tasks_of = [](bool (*applies)(Task)) {
    std::vector<std::string> tasks;
    for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression})
      if (applies(task)) tasks.push_back(metrics::to_string(task));
    return join(tasks);
  };
  for (const heads::Method* m : heads::methods())
    entries.push_back(
        {"head", m->name, tasks_of(m->applies), m->summary, m->source, "", m->describe()});
  for (const metrics::Method* m : metrics::methods())
    entries.push_back({"metric", m->name, tasks_of(m->applies), m->summary, m->source, "", {}});
  for (const corruptions::Method* m : corruptions::methods())
    entries.push_back(
        {"corruption", m->name, data::to_string(m->kind), m->summary, m->source, "", {}});
  return entries;
}

}  // namespace braid::tensor_verbs
