#include "cli/families.h"

#include <fmt/core.h>

#include "encoders/encoder.h"
#include "fusion/fusion.h"
#include "heads/head.h"
#include "metrics/metric.h"

namespace braid::cli {
namespace {

std::string join(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string cell(std::string text) {
  for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

std::vector<Entry> all_entries() {
  using data::Kind;
  using metrics::Task;
  std::vector<Entry> entries;
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
  return entries;
}

std::string methods_page() {
  std::string page =
      "# Methods\n\nEvery registered encoder, fusion, head and metric. Written by `braid list "
      "--markdown`; `tools/check_docs.py` fails where it is stale.\n";
  std::string family;
  for (const Entry& e : all_entries()) {
    if (e.family != family)
      page += fmt::format("\n## {}s\n",
                          static_cast<char>(std::toupper(e.family[0])) + e.family.substr(1));
    family = e.family;
    page += fmt::format("\n### {}\n\n{} ({})", e.name, e.summary, e.kind);
    page += "\n";
    if (!e.missing.empty()) page += fmt::format("\nMissing modalities: {}\n", e.missing);
    if (!e.source.empty()) page += fmt::format("\nSource: {}\n", e.source);
    if (e.fields.empty()) continue;
    page += "\n| key | default | meaning |\n| --- | --- | --- |\n";
    for (const FieldDoc& f : e.fields)
      page += fmt::format("| `{}` | `{}` | {} |\n", f.name, f.default_value, cell(f.help));
  }
  return page;
}

}  // namespace braid::cli
