// What `list`, `show` and `--help` know of methods and verbs that live in libtorch files. The
// program without libtorch reads it from a file written at build time.
#pragma once
#include <string>
#include <vector>

#include "cli/verb.h"
#include "core/config.h"

namespace braid::cli {

/// One registered method, whatever its family.
struct Entry {
  /// What else there is to say of it: "cost", "1.2k multiply-adds".
  struct Note {
    std::string label, text;
  };
  std::string family, name, kind, summary, source;
  std::vector<Note> notes;
  std::vector<FieldDoc> fields;
};

struct Catalogue {
  std::vector<Entry> methods;  // every encoder, fusion, head, metric, corruption and alignment, in
                               // table order
  std::vector<VerbSummary> verbs;  // those of the program with libtorch, in table order
};

/// Written by src/programs/write_catalogue.cpp, and linked into the program without libtorch alone.
const Catalogue& catalogue();

}  // namespace braid::cli
