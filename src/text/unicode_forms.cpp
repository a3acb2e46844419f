#include "text/unicode_forms.h"

#include <utf8proc.h>

#include <algorithm>

#include "text/code_points.h"

namespace braid::text {
namespace {

struct Letter {
  int32_t code_point;
  int combining_class;
  int change;  // see Rewriter::put()
};

/// The one code point that two make up, or -1.
int32_t compose(int32_t first, int32_t second) {
  if (second < 0x300) return -1;
  utf8proc_int32_t pair[2] = {first, second};
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  return utf8proc_normalize_utf32(pair, 2, options) == 1 ? pair[0] : -1;
}

/// Writes letters that come in canonical order, composed (UAX 15, D117).
class Composer {
 public:
  explicit Composer(Rewriter& out) : out_(out) {}

  void take(const Letter& letter) {
    if (!has_starter_) {
      if (letter.combining_class != 0) return put(letter);
      starter_ = letter;
      has_starter_ = true;
      return;
    }
    const int last = marks_.empty() ? -1 : marks_.back().combining_class;
    const bool is_blocked = last >= letter.combining_class;
    if (!is_blocked) {
      const int32_t composed = compose(starter_.code_point, letter.code_point);
      if (composed >= 0) {
        starter_.code_point = composed;
        starter_.change += letter.change - 1;
        return;
      }
    }
    if (letter.combining_class != 0) {
      marks_.push_back(letter);
      return;
    }
    finish();
    starter_ = letter;
    has_starter_ = true;
  }

  void finish() {
    if (has_starter_) put(starter_);
    for (const Letter& mark : marks_) put(mark);
    marks_.clear();
    has_starter_ = false;
  }

 private:
  void put(const Letter& letter) { out_.put(letter.code_point, letter.change); }

  Rewriter& out_;
  Letter starter_ = {};
  bool has_starter_ = false;
  std::vector<Letter> marks_;
};

/// Takes text apart and hands the letters on in canonical order.
template <class Take>
void decompose(std::string_view text, bool is_compatible, const Take& take) {
  std::vector<Letter> marks;  // since the last letter of class 0
  const auto flush = [&] {
    if (marks.empty()) return;
    std::stable_sort(marks.begin(), marks.end(), [](const Letter& a, const Letter& b) {
      return a.combining_class < b.combining_class;
    });
    for (const Letter& mark : marks) take(mark);
    marks.clear();
  };
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (is_compatible ? UTF8PROC_COMPAT : 0));
  for (size_t at = 0; at < text.size();) {
    const int32_t code_point = step_code_point(text, at);
    if (code_point < 0xA0) {
      flush();
      take(Letter{code_point, 0, 0});
      continue;
    }
    utf8proc_int32_t parts[32];  // the longest decomposition has 18
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(code_point, parts, 32, options, &boundary);
    if (count < 1 || count > 32) {
      parts[0] = code_point;
      count = 1;
    }
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const Letter letter{parts[i], combining_class(parts[i]), i > 0 ? 1 : 0};
      if (letter.combining_class == 0) {
        flush();
        take(letter);
      } else {
        marks.push_back(letter);
      }
    }
  }
  flush();
}

/// Whether no code point of the text is of those that the form changes, by a quick look.
bool is_in_form(std::string_view text, Form form) {
  if (is_ascii_only(text)) return true;
  // The first code points that change; NFC also composes what follows U+0300.
  const int32_t first = form == Form::nfc ? 0x300 : form == Form::nfd ? 0xC0 : 0xA0;
  for (size_t at = 0; at < text.size();)
    if (step_code_point(text, at) >= first) return false;
  return true;
}

}  // namespace

void to_form(Form form, AlignedText& aligned) {
  if (is_in_form(aligned.text, form)) return;
  AlignedText changed;
  changed.text.reserve(aligned.size());
  changed.sources.reserve(aligned.size());
  Rewriter out(aligned, 0, aligned.size(), changed);
  const bool is_compatible = form == Form::nfkc || form == Form::nfkd;
  if (form == Form::nfc || form == Form::nfkc) {
    Composer composer(out);
    decompose(aligned.text, is_compatible, [&](const Letter& letter) { composer.take(letter); });
    composer.finish();
  } else {
    decompose(aligned.text, is_compatible,
              [&](const Letter& letter) { out.put(letter.code_point, letter.change); });
  }
  std::swap(aligned, changed);
}

}  // namespace braid::text
