// Writes the catalogue of methods and verbs as C++, for the program that is built without libtorch.
// Usage: braid_write_catalogue FILE
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "core/file.h"
#include "tensor_verbs/entries.h"
#include "tensor_verbs/verbs.h"

namespace {

using braid::cli::Entry;

// Text as a literal, whatever quotes, backslashes or line ends it holds.
std::string literal(const std::string& text) { return "R\"braid(" + text + ")braid\""; }

std::string fields_of(const Entry& entry) {
  std::string text;
  for (const braid::FieldDoc& f : entry.fields)
    text += fmt::format("{{{}, {}, {}, {}}},\n", literal(f.name), literal(f.type),
                        literal(f.default_value), literal(f.help));
  return text;
}

std::string notes_of(const Entry& entry) {
  std::string text;
  for (const Entry::Note& note : entry.notes)
    text += fmt::format("{{{}, {}}},", literal(note.label), literal(note.text));
  return text;
}

std::string catalogue() {
  std::string text =
      "// Written by src/programs/write_catalogue.cpp.\n#include \"cli/catalogue.h\"\n\nnamespace "
      "braid::cli {\n\nconst Catalogue& catalogue() {\n  static const Catalogue all = {{\n";
  for (const Entry& e : braid::tensor_verbs::all_entries())
    text += fmt::format("{{{}, {}, {}, {}, {}, {{{}}}, {{\n{}}}}},\n", literal(e.family),
                        literal(e.name), literal(e.kind), literal(e.summary), literal(e.source),
                        notes_of(e), fields_of(e));
  text += "}, {\n";
  for (const braid::cli::Method* verb : braid::tensor_verbs::methods())
    text += fmt::format("{{{}, {}}},\n", literal(verb->name), literal(verb->summary));
  return text + "}};\n  return all;\n}\n\n}  // namespace braid::cli\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: braid_write_catalogue FILE\n");
    return 2;
  }
  try {
    braid::write_file_atomically(argv[1], catalogue());
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "braid_write_catalogue: {}\n", e.what());
    return 5;
  }
}
