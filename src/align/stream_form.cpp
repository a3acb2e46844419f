#include "align/stream_form.h"

#include <algorithm>
#include <vector>

#include "align/align.h"
#include "core/error.h"

namespace braid::align {
namespace {

const char* const kForms[] = {"ticks", "cut", "text"};

}  // namespace

const char* to_string(StreamForm form) { return kForms[static_cast<int>(form)]; }

StreamForm form_of(const std::string& word) {
  for (const StreamForm form : {StreamForm::cut, StreamForm::text})
    if (word == to_string(form)) return form;
  return StreamForm::ticks;
}

void check_method_word(const std::string& word) {
  if (form_of(word) != StreamForm::ticks) return;
  std::vector<std::string> known = {to_string(StreamForm::cut), to_string(StreamForm::text)};
  for (const Method* method : methods()) known.emplace_back(method->name);
  BRAID_CHECK(std::find(known.begin(), known.end(), word) != known.end(), config, "{}",
              unknown_name("alignment method", word, known));
}

}  // namespace braid::align
