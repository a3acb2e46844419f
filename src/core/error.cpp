#include "core/error.h"

#include <algorithm>

namespace braid {

int Error::exit_code() const {
  switch (kind_) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::config:
      return 3;
    case ErrorKind::data:
    case ErrorKind::format:
    case ErrorKind::shape:
    case ErrorKind::numeric:
      return 4;
    case ErrorKind::io:
      return 5;
    case ErrorKind::internal:
      break;
  }
  return 70;
}

const char* to_string(ErrorKind kind) {
  static const char* const kNames[] = {"usage", "config",  "data", "format",
                                       "shape", "numeric", "io",   "internal"};
  return kNames[static_cast<int>(kind)];
}

void rethrow_with(const Error& e, std::string_view where) {
  throw Error(e.kind(), fmt::format("{}: {}", where, e.what()));
}

namespace {

// Levenshtein distance with adjacent transpositions, case ignored.
size_t edit_distance(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known) {
  std::string message = fmt::format("unknown {} '{}'", what, name);
  const std::string guess = nearest(name, known);
  if (!guess.empty()) message += fmt::format("; did you mean '{}'?", guess);
  if (!known.empty()) message += fmt::format(" (known: {})", fmt::join(known, ", "));
  return message;
}

void detail::assertion_failed(const char* expression, const char* file, int line) {
  throw Error(ErrorKind::internal,
              fmt::format("{}:{}: broken promise: {}", file, line, expression));
}

}  // namespace braid
