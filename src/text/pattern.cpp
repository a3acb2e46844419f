#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/pattern.h"

#include <pcre2.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "text/code_points.h"
#include "text/regex_syntax.h"

namespace braid::text {
namespace {

constexpr uint32_t kMaxSteps = 1000000;         // a match
constexpr uint32_t kMaxHeap_kb = 64 * 1024;     // a match without JIT
constexpr size_t kMaxStack_bytes = 16 << 20;    // a match with JIT
constexpr size_t kMaxExpression_bytes = 65536;  // the longest in use has some hundred

struct FreeMatch {
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
};
struct FreeContext {
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};
struct FreeStack {
  void operator()(pcre2_jit_stack* p) const { pcre2_jit_stack_free(p); }
};
struct FreeCompileContext {
  void operator()(pcre2_compile_context* p) const { pcre2_compile_context_free(p); }
};

/// What one thread needs for matching; its stack grows with what is matched.
struct Workspace {
  std::unique_ptr<pcre2_match_data, FreeMatch> match{pcre2_match_data_create(1, nullptr)};
  std::unique_ptr<pcre2_match_context, FreeContext> context{pcre2_match_context_create(nullptr)};
  std::unique_ptr<pcre2_jit_stack, FreeStack> stack{
      pcre2_jit_stack_create(32 * 1024, kMaxStack_bytes, nullptr)};
  Workspace() {
    BRAID_CHECK(match != nullptr && context != nullptr && stack != nullptr, internal,
                "regular expression: expected memory to match with, got none");
    pcre2_set_match_limit(context.get(), kMaxSteps);
    pcre2_set_heap_limit(context.get(), kMaxHeap_kb);
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }
};

std::string message_of(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof(buffer));
  return reinterpret_cast<const char*>(buffer);
}

}  // namespace

struct Pattern::Regex {
  std::string expression;
  pcre2_code* code = nullptr;

  Regex(const std::string& written, const std::string& where) : expression(written) {
    BRAID_CHECK(written.size() <= kMaxExpression_bytes, format,
                "{}: regular expression: expected at most {} bytes, got {}", where,
                kMaxExpression_bytes, written.size());
    const std::string translated = to_pcre2(written, where);
    std::unique_ptr<pcre2_compile_context, FreeCompileContext> context(
        pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context.get(), 50);
    int error = 0;
    PCRE2_SIZE at = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error,
                         &at, context.get());
    BRAID_CHECK(code != nullptr, format,
                "{}: regular expression '{}': expected one that can be compiled, got: {}", where,
                written, message_of(error));
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where it cannot, PCRE2 interprets
  }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex() { pcre2_code_free(code); }

  /// The first match from `from` on; false where there is none.
  bool search(std::string_view text, size_t from, size_t* begin, size_t* end) const {
    thread_local Workspace workspace;
    const int code_or_error =
        pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                    PCRE2_NO_UTF_CHECK, workspace.match.get(), workspace.context.get());
    if (code_or_error == PCRE2_ERROR_NOMATCH) return false;
    BRAID_CHECK(code_or_error >= 0, data,
                "text: regular expression '{}' at byte {}: expected a match within bounds, got: {}",
                expression, from, message_of(code_or_error));
    const PCRE2_SIZE* where = pcre2_get_ovector_pointer(workspace.match.get());
    *begin = std::min(where[0], where[1]);
    *end = where[1];
    return true;
  }
};

Pattern Pattern::literal(std::string text) {
  Pattern pattern;
  pattern.literal_ = std::move(text);
  return pattern;
}

Pattern Pattern::regex(const std::string& expression, const std::string& where) {
  Pattern pattern;
  pattern.regex_ = std::make_shared<Regex>(expression, where);
  return pattern;
}

Pattern Pattern::parse(const PlainJson& value, const std::string& where) {
  if (value.is_string()) return literal(value.get<std::string>());
  Fields fields(value, where);
  const bool is_regex = fields.find("Regex") != nullptr;
  const std::string text = fields.text(is_regex ? "Regex" : "String");
  fields.find("String");
  fields.done();
  return is_regex ? regex(text, where) : literal(text);
}

void Pattern::find_literal(std::string_view text, uint32_t offset,
                           std::vector<Match>& matches) const {
  size_t behind = 0;
  const auto put = [&](size_t begin, size_t end, bool is_match) {
    matches.push_back(
        {offset + static_cast<uint32_t>(begin), offset + static_cast<uint32_t>(end), is_match});
  };
  for (size_t at; !literal_.empty() && (at = text.find(literal_, behind)) != std::string_view::npos;
       behind = at + literal_.size()) {
    if (at > behind) put(behind, at, false);
    put(at, at + literal_.size(), true);
  }
  if (behind < text.size()) put(behind, text.size(), false);
}

void Pattern::find(std::string_view text, uint32_t offset, std::vector<Match>& matches) const {
  if (regex_ == nullptr) return find_literal(text, offset, matches);
  const auto put = [&](size_t begin, size_t end, bool is_match) {
    matches.push_back(
        {offset + static_cast<uint32_t>(begin), offset + static_cast<uint32_t>(end), is_match});
  };
  size_t behind = 0, from = 0, begin = 0, end = 0;
  bool is_first = true;
  while (from <= text.size() && regex_->search(text, from, &begin, &end)) {
    if (begin == end && !is_first && end == behind) {  // nothing, right behind a match
      if (from >= text.size()) break;
      from += length_by_lead(text[from]);
      continue;
    }
    if (begin > behind) put(behind, begin, false);
    put(begin, end, true);
    behind = from = end;
    is_first = false;
  }
  if (behind < text.size()) put(behind, text.size(), false);
}

std::string Pattern::replace(std::string_view text, std::string_view by) const {
  std::vector<Match> matches;
  find(text, 0, matches);
  std::string out;
  for (const Match& match : matches)
    out += match.is_match ? by : text.substr(match.begin, match.end - match.begin);
  return out;
}

}  // namespace braid::text
