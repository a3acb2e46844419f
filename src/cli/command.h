// One verb's options and help, on top of CLI11: examples first, groups, defaults in brackets,
// nearest names in errors.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace braid::cli {

class Command {
 public:
  /// usage: "train CONFIG [key=value ...] [options]"; examples: full lines.
  Command(const std::string& summary, const std::string& usage,
          const std::vector<std::string>& examples);
  CLI::App& app() { return app_; }
  const CLI::App& app() const { return app_; }

  template <class T>
  CLI::Option* option(const std::string& flag, T& target, const std::string& help,
                      const std::string& group) {
    return app_.add_option(flag, target, help)->group(group)->capture_default_str();
  }
  /// --name A,B: one word, split at commas; may be given again.
  CLI::Option* list(const std::string& flag, std::vector<std::string>& target,
                    const std::string& help, const std::string& group) {
    return app_.add_option(flag, target, help)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->take_all()
        ->group(group)
        ->type_name("A,B");
  }
  CLI::Option* flag(const std::string& name, bool& target, const std::string& help,
                    const std::string& group) {
    return app_.add_flag(name, target, help)->group(group);
  }
  /// Words without dashes: the first `count` are positional arguments, the rest (with '=') are
  /// overrides.
  std::vector<std::string>& words() { return words_; }
  /// Splits words into positional ones and key=value. Errors: usage, when the number of positional
  /// ones is not within [low, high].
  std::vector<std::string> positional(size_t low, size_t high, std::vector<std::string>* overrides);

  /// False when help was asked for (it has been printed). Errors: usage, with the nearest flag.
  bool parse(const std::vector<std::string>& args);
  /// Leaves unknown --name value pairs to extras() instead of failing.
  void allow_extras() { app_.allow_extras(); }
  std::vector<std::string> extras() const { return app_.remaining(); }

 private:
  CLI::App app_;
  std::vector<std::string> words_;
  std::string usage_;
};

/// Splits `args` into words without dashes and --FIELD VALUE pairs of flags the command does not
/// know (its own flags and their values are left out).
void split_fields(const std::vector<std::string>& args, const Command& command,
                  std::vector<std::string>* words, std::vector<std::string>* fields);

/// `args` as the user typed them.
std::string command_line(const std::string& verb, const std::vector<std::string>& args);

}  // namespace braid::cli
