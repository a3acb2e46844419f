#include "text/regex_syntax.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "core/error.h"

namespace braid::text {
namespace {

constexpr const char* kEscapes = "s S d D w W b B p P n r t f v e a x u A z Z, digits, symbols";
// White_Space; PCRE2's own \s has U+180E too.
constexpr const char* kSpace =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr const char* kNotSpace =
    R"(\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF})"
    R"(\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF})";
// Alphabetic, marks, decimal digits and connectors; PCRE2's own \w has neither marks nor
// connectors.
constexpr const char* kWord = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149})"
                              R"(\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})";

std::string lowered(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '_' && c != ' ' && c != '-')
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

/// PCRE2's name of a property: categories by their short names, else a script.
std::string property_name(std::string_view name) {
  static constexpr std::array<std::array<const char*, 2>, 12> kLong = {{{"letter", "L"},
                                                                        {"mark", "M"},
                                                                        {"number", "N"},
                                                                        {"punctuation", "P"},
                                                                        {"symbol", "S"},
                                                                        {"separator", "Z"},
                                                                        {"other", "C"},
                                                                        {"uppercaseletter", "Lu"},
                                                                        {"lowercaseletter", "Ll"},
                                                                        {"decimalnumber", "Nd"},
                                                                        {"alpha", "Alphabetic"},
                                                                        {"punct", "P"}}};
  const std::string key = lowered(name);
  for (const auto& [from, to] : kLong)
    if (key == from) return to;
  static constexpr std::array<const char*, 8> kBinary = {
      "alphabetic", "lowercase", "uppercase", "emoji", "whitespace", "ideographic", "any", "math"};
  if (name.size() <= 2 || std::find(kBinary.begin(), kBinary.end(), key) != kBinary.end())
    return std::string(name);
  return "sc:" + std::string(name);
}

class Translator {
 public:
  Translator(const std::string& in, const std::string& where) : in_(in), where_(where) {}

  std::string run() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        escape();
      } else if (is_in_class_) {
        in_class(c);
      } else if (c == '[') {
        open_class();
      } else if (c == '(' && in_.compare(at_, 2, "(?") == 0) {
        options();
      } else if (c == '{') {
        brace();
      } else {
        out_ += c;
        ++at_;
      }
    }
    return out_;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorKind::format,
         "{}: regular expression '{}': {} at byte {} is not supported; known: {}", where_, in_,
         what, at_, kEscapes);
  }

  void open_class() {
    is_in_class_ = true;
    out_ += in_[at_++];
    if (at_ < in_.size() && in_[at_] == '^') out_ += in_[at_++];
    if (at_ < in_.size() && in_[at_] == ']') {
      out_ += "\\]";
      ++at_;
    }
  }

  void in_class(char c) {
    if (in_.compare(at_, 2, "&&") == 0) refuse("&& in a class");
    if (c == '[') refuse("a class in a class");
    if (c == ']') is_in_class_ = false;
    out_ += c;
    ++at_;
  }

  /// (?m) is Ruby's word for what PCRE2 calls (?s).
  void options() {
    out_ += "(?";
    at_ += 2;
    const size_t end = in_.find_first_not_of("imx-", at_);
    if (end == std::string::npos) refuse("an open group");
    if (end > at_ && in_[end] != ')' && in_[end] != ':') refuse("a group's options");
    if (end > at_ && in_[end] == ')') refuse("options without ':'");
    for (; at_ < end; ++at_) out_ += in_[at_] == 'm' ? 's' : in_[at_];
    if (std::string_view(":=!>").find(in_[end]) != std::string_view::npos) return;
    const bool is_behind = in_.compare(end, 2, "<=") == 0 || in_.compare(end, 2, "<!") == 0;
    if (!is_behind) refuse("this kind of group");
  }

  /// "{2,3}" repeats; a brace that does not is itself. Ruby has no possessive "{2,3}+".
  void brace() {
    const size_t end = in_.find_first_not_of("0123456789,", at_ + 1);
    const bool is_repeat = end != std::string::npos && in_[end] == '}' && end > at_ + 1;
    if (!is_repeat) {
      out_ += "\\{";
      ++at_;
      return;
    }
    std::string count = in_.substr(at_, end + 1 - at_);
    if (count[1] == ',') count.insert(1, "0");
    if (end + 1 < in_.size() && in_[end + 1] == '+') refuse("a '+' behind '}'");
    out_ += count;
    at_ = end + 1;
  }

  /// A class of letters by the list of its ranges, alone or inside of brackets.
  void put_set(const char* ranges, bool is_negated) {
    if (is_in_class_ && is_negated) refuse("a negated class in brackets");
    out_ += is_in_class_ ? ranges : std::string(is_negated ? "[^" : "[") + ranges + "]";
  }

  void put_boundary(bool is_negated) {
    const std::string word = std::string("[") + kWord + "]";
    const std::string here = "(?<=" + word + ")", before = "(?=" + word + ")";
    const std::string not_here = "(?<!" + word + ")", not_before = "(?!" + word + ")";
    out_ += is_negated ? "(?:" + here + before + "|" + not_here + not_before + ")"
                       : "(?:" + here + not_before + "|" + not_here + before + ")";
  }

  void escape() {
    if (at_ + 1 >= in_.size()) refuse("a lone backslash");
    const char c = in_[at_ + 1];
    if (c == 'p' || c == 'P') return property();
    if (c == 'u' || c == 'x') return code_point();
    const bool is_plain = !std::isalpha(static_cast<unsigned char>(c)) ||
                          std::string_view("dDnrtfea").find(c) != std::string_view::npos;
    if (is_plain) {
      out_.append(in_, at_, 2);
    } else if (c == 's') {
      put_set(kSpace, false);
    } else if (c == 'S') {
      is_in_class_ ? put_set(kNotSpace, false) : put_set(kSpace, true);
    } else if (c == 'w' || c == 'W') {
      put_set(kWord, c == 'W');
    } else if (c == 'v') {
      out_ += "\\x{B}";
    } else if (!is_in_class_ && (c == 'b' || c == 'B')) {
      put_boundary(c == 'B');
    } else if (!is_in_class_ && (c == 'A' || c == 'z' || c == 'Z')) {
      out_.append(in_, at_, 2);
    } else {
      refuse(std::string("\\") + c);
    }
    at_ += 2;
  }

  void property() {
    const size_t close = in_.find('}', at_);
    if (in_.compare(at_ + 2, 1, "{") != 0 || close == std::string::npos) refuse("\\p without {");
    std::string name = in_.substr(at_ + 3, close - at_ - 3);
    const bool is_caret = !name.empty() && name[0] == '^';
    if (is_caret) name.erase(0, 1);
    const bool is_negated = (in_[at_ + 1] == 'P') != is_caret;
    out_ += (is_negated ? "\\P{" : "\\p{") + property_name(name) + "}";
    at_ = close + 1;
  }

  /// \uHHHH, \xHH and \x{H...}.
  void code_point() {
    const bool is_braced = in_.compare(at_ + 1, 2, "x{") == 0;
    const size_t begin = at_ + (is_braced ? 3 : 2);
    const size_t longest = is_braced ? 8 : in_[at_ + 1] == 'u' ? 4 : 2;
    size_t end = begin;
    while (end < in_.size() && end - begin < longest &&
           std::isxdigit(static_cast<unsigned char>(in_[end])))
      ++end;
    const bool is_whole =
        is_braced ? in_.compare(end, 1, "}") == 0 && end > begin : end - begin == longest;
    if (!is_whole) refuse("a code point that is not whole");
    out_ += "\\x{" + in_.substr(begin, end - begin) + "}";
    at_ = end + (is_braced ? 1 : 0);
  }

  const std::string& in_;
  const std::string& where_;
  size_t at_ = 0;
  bool is_in_class_ = false;
  std::string out_;
};

}  // namespace

std::string to_pcre2(const std::string& expression, const std::string& where) {
  return Translator(expression, where).run();
}

}  // namespace braid::text
