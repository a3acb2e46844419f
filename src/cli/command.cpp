#include "cli/command.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <filesystem>

#include "compare/compare.h"
#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "model/tensors.h"
#include "ops/kernels.h"

namespace braid::cli {
namespace {

constexpr size_t kHelpColumn = 26;

// Examples before options, one line per option, defaults in brackets at the end.
class Formatter : public CLI::Formatter {
 public:
  Formatter(std::string usage, std::vector<std::string> examples)
      : usage_(std::move(usage)), examples_(std::move(examples)) {}

  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    std::string out = app->get_description() + "\n\nUsage: braid " + usage_ + "\n\nExamples:\n";
    for (const std::string& example : examples_) out += "  " + example + "\n";
    for (const std::string& group : app->get_groups()) {
      if (group.empty()) continue;
      out += "\n" + group + ":\n";
      for (const CLI::Option* option : app->get_options(
               [&](const CLI::Option* o) { return o->get_group() == group && o->nonpositional(); }))
        out += line(*option);
    }
    return out +
           "\nExit codes: 0 done, 1 a check failed, 2 usage, 3 config, 4 data, 5 i/o, 70 bug "
           "(please report),\n130 stopped by a signal (run it again to continue).\n";
  }

 private:
  static std::string line(const CLI::Option& option) {
    std::string left = "  " + option.get_name();
    if (option.get_items_expected_max() != 0) left += " " + option.get_type_name();
    if (left.size() < kHelpColumn) left.resize(kHelpColumn, ' ');
    std::string text = left + " " + option.get_description();
    const std::string fallback = option.get_default_str();
    if (option.get_items_expected_max() != 0 && !fallback.empty() && fallback != "[]" &&
        fallback != "\"\"")
      text += " [" + fallback + "]";
    return text + "\n";
  }
  std::string usage_;
  std::vector<std::string> examples_;
};

bool has_suffix(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

}  // namespace

Command::Command(const std::string& summary, const std::string& usage,
                 const std::vector<std::string>& examples)
    : app_(summary), usage_(usage) {
  app_.formatter(std::make_shared<Formatter>(usage, examples));
  app_.set_help_flag("-h,--help", "show this help")->group("Output");
  app_.add_option("words", words_)->group("");
}

std::vector<std::string> Command::positional(size_t low, size_t high,
                                             std::vector<std::string>* overrides) {
  std::vector<std::string> given;
  for (const std::string& word : words_) {
    const bool is_override =
        overrides != nullptr && word.find('=') != std::string::npos && !file_exists(word);
    if (is_override)
      overrides->push_back(word);
    else
      given.push_back(word);
  }
  BRAID_CHECK(given.size() >= low && given.size() <= high, usage,
              "expected: braid {}; got {} of its words; see --help", usage_, given.size());
  return given;
}

bool Command::parse(const std::vector<std::string>& args) {
  std::vector<std::string> reversed(args.rbegin(), args.rend());
  try {
    app_.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app_.help());
    return false;
  } catch (const CLI::ExtrasError&) {
    std::vector<std::string> known;
    for (const CLI::Option* option : app_.get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    for (const std::string& extra : app_.remaining()) {
      const std::string name = extra.substr(0, extra.find('='));
      const std::string guess = nearest(name, known);
      fail(ErrorKind::usage, "unknown option '{}'{}; see --help", name,
           guess.empty() ? "" : fmt::format("; did you mean '{}'?", guess));
    }
    throw;
  } catch (const CLI::ParseError& e) {
    fail(ErrorKind::usage, "{}; see --help", e.what());
  }
  return true;
}

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

void HardwareFlags::add(Command* command) {
  ThreadFlags::add(command);
  command->option("--device", device, "cpu, cuda, cuda:1", "Hardware")->type_name("NAME");
  command
      ->option("--kernels", kernels,
               "auto, or one of 'braid version --full'; reference: libtorch's own operators",
               "Hardware")
      ->type_name("NAME");
}

void HardwareFlags::apply() const {
  model::parse_device(device);
  at::set_num_threads(num_threads());
  ops::choose_kernels(kernels);
}

void split_fields(const std::vector<std::string>& args, const Command& command,
                  std::vector<std::string>* words, std::vector<std::string>* fields) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i].rfind("--", 0) != 0) {
      words->push_back(args[i]);
      continue;
    }
    const size_t equals = args[i].find('=');
    const CLI::Option* known = command.app().get_option_no_throw(args[i].substr(0, equals));
    const bool takes_value = known == nullptr || known->get_items_expected_max() != 0;
    if (known == nullptr) fields->push_back(args[i]);
    if (!takes_value || equals != std::string::npos || i + 1 >= args.size()) continue;
    ++i;
    if (known == nullptr) fields->push_back(args[i]);
  }
}

template <class Config>
Config read_run_config(const std::string& first, const std::vector<std::string>& overrides) {
  Json node = Json::object();
  const bool is_yaml = has_suffix(first, ".yaml") || has_suffix(first, ".yml");
  if (is_yaml) {
    node = parse_yaml(read_file(first), first);
    if (node.is_null()) node = Json::object();
    BRAID_CHECK(node.is_object(), config, "{}: expected an object, got {}", first, node.dump());
    // A manifest is relative to the config that names it.
    if (node.contains("data") && node["data"].is_object() && node["data"].contains("manifest") &&
        node["data"]["manifest"].is_string()) {
      const std::string manifest = node["data"]["manifest"].get<std::string>();
      node["data"]["manifest"] =
          join_path(std::filesystem::path(first).parent_path().string(), manifest);
    }
  } else if (has_suffix(first, ".json")) {
    node = parse_json(read_file(first), first);
  } else {
    node["data"]["manifest"] = first;
  }
  for (const std::string& assignment : overrides) apply_override(node, assignment);
  Config config;
  try {
    read_config(node, "", config);
  } catch (const Error& e) {
    if (is_yaml) rethrow_with(e, first);
    throw;
  }
  return config;
}
template train::ExperimentConfig read_run_config(const std::string&,
                                                 const std::vector<std::string>&);
template compare::CompareConfig read_run_config(const std::string&,
                                                const std::vector<std::string>&);

std::string next_run_folder(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  for (int number = 1;; ++number) {
    const std::string folder = fmt::format("runs/{:04}", number);
    if (!file_exists(folder)) return folder;
  }
}

std::string command_line(const std::string& verb, const std::vector<std::string>& args) {
  std::string line = "braid " + verb;
  for (const std::string& arg : args) {
    const bool is_plain =
        !arg.empty() && arg.find_first_of(" \t\"'\\$&;|<>()*?#~`!{}") == std::string::npos;
    line += " " + (is_plain ? arg : "'" + arg + "'");
  }
  return line;
}

}  // namespace braid::cli
