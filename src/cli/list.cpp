// braid list: what exists.
#include <fmt/core.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/verb.h"
#include "core/error.h"

namespace braid::cli {
namespace {

std::string cell(std::string text) {
  for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.replace(at, 1, "\\|");
  return text;
}

std::string sentence_case(std::string text) {
  text[0] = static_cast<char>(std::toupper(text[0]));
  return text;
}

// docs/methods.md.
std::string methods_page() {
  std::string page =
      "# Methods\n\nEvery registered encoder, fusion, head, metric, corruption and alignment. "
      "Written by "
      "`braid list "
      "--markdown`; `tools/check_docs.py` fails where it is stale.\n\nThe cost of a fusion is that "
      "of one sample of three "
      "modalities, 16 tokens of width 64 and two stages each, and ten classes, with its default "
      "keys; encoders "
      "not "
      "counted.\n";
  std::string family;
  for (const Entry& e : catalogue().methods) {
    if (e.family != family) page += fmt::format("\n## {}s\n", sentence_case(e.family));
    family = e.family;
    page += fmt::format("\n### {}\n\n{} ({})", e.name, e.summary, e.kind);
    page += "\n";
    for (const Entry::Note& note : e.notes)
      page += fmt::format("\n{}: {}\n", sentence_case(note.label), note.text);
    if (!e.source.empty()) page += fmt::format("\nSource: {}\n", e.source);
    if (e.fields.empty()) continue;
    page += "\n| key | default | meaning |\n| --- | --- | --- |\n";
    for (const FieldDoc& f : e.fields)
      page += fmt::format("| `{}` | `{}` | {} |\n", f.name, f.default_value, cell(f.help));
  }
  return page;
}

int run(const std::vector<std::string>& args) {
  Command command("List every registered method.",
                  "list [encoder|fusion|head|metric|corruption|alignment] [options]",
                  {"braid list", "braid list fusion"});
  bool is_json = false, is_markdown = false;
  command.flag("--json", is_json, "one JSON object per line", "Output");
  command.flag("--markdown", is_markdown, "the page docs/methods.md", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(0, 1, nullptr);
  if (is_markdown) {
    fmt::print("{}", methods_page());
    return 0;
  }
  const std::vector<std::string> families = {"encoder", "fusion",     "head",
                                             "metric",  "corruption", "alignment"};
  if (!words.empty() && std::find(families.begin(), families.end(), words[0]) == families.end())
    throw Error(ErrorKind::usage, unknown_name("family", words[0], families));
  std::string family;
  for (const Entry& e : catalogue().methods) {
    if (!words.empty() && words[0] != e.family) continue;
    if (is_json) {
      fmt::print("{}\n", Json{{"family", e.family},
                              {"name", e.name},
                              {"kind", e.kind},
                              {"summary", e.summary},
                              {"source", e.source}}
                             .dump());
      continue;
    }
    if (e.family != family) fmt::print("{}{}:\n", family.empty() ? "" : "\n", e.family);
    family = e.family;
    fmt::print("  {:<20} {:<36} {}\n", e.name, e.kind, e.summary);
  }
  return 0;
}

}  // namespace

extern const Method list = {"list", "list every registered method", run};

}  // namespace braid::cli
