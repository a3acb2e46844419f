#include "data/fields.h"

#include <iterator>

namespace braid::data {
namespace {

const char* const kNames[] = {"text",   "image",   "audio",    "video",     "series",
                              "volume", "numeric", "category", "embedding", "tabular"};

}  // namespace

const char* to_string(Kind kind) { return kNames[static_cast<int>(kind)]; }

Kind parse_kind(const std::string& name) {
  for (int i = 0; i < static_cast<int>(std::size(kNames)); ++i)
    if (name == kNames[i]) return static_cast<Kind>(i);
  throw Error(ErrorKind::config,
              unknown_name("kind", name, {std::begin(kNames), std::end(kNames)}));
}

}  // namespace braid::data
