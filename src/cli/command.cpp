#include "cli/command.h"

#include <fmt/core.h>

#include <memory>

#include "core/error.h"
#include "core/file.h"

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
