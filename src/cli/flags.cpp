#include "cli/flags.h"

#include "core/error.h"
#include "core/thread_pool.h"

namespace braid::cli {

void DataFlags::add(Command* command) {
  const char* group = "Data";
  command->option("--target", target, "column to predict", group)->type_name("NAME");
  command->list("--fields", fields,
                "input columns, comma-separated; left out = all that can be inferred", group);
  command->list("--exclude", exclude, "columns never to use as inputs", group);
  command
      ->list("--kind", kinds,
             "kind of a column where the inferred one is wrong (text, image, audio, ...)", group)
      ->type_name("COL=KIND");
  command
      ->option("--group", this->group, "column whose value never stands on two sides of a split",
               group)
      ->type_name("COL");
  command->option("--fold", fold, "column of folds: cross-validation", group)->type_name("COL");
  command->option("--task", task, "auto, binary, multiclass, multilabel, regression", group)
      ->type_name("NAME");
  command->flag("--skip-bad", skip_bad, "leave bad rows out, count and list them", group);
}

void DataFlags::apply(data::DatasetConfig* config) const {
  if (!target.empty()) config->target = target;
  if (!group.empty()) config->group = group;
  if (!fold.empty()) config->fold = fold;
  if (!task.empty()) config->task = task;
  if (!fields.empty()) config->fields = fields;
  if (!exclude.empty()) config->exclude = exclude;
  if (skip_bad) config->skip_bad = true;
  for (const std::string& pair : kinds) {
    const size_t equals = pair.find('=');
    BRAID_CHECK(equals != std::string::npos, usage, "--kind {}: expected COLUMN=KIND", pair);
    config->kinds[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
}

void ThreadFlags::add(Command* command) {
  command->option("--threads", threads, "worker threads; 0 = all cores", "Hardware")
      ->check(CLI::Range(0, 1024))
      ->type_name("N");
}

int ThreadFlags::num_threads() const { return resolve_threads(threads); }

}  // namespace braid::cli
