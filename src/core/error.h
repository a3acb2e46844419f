// The one exception of the project: its kind decides the exit code, its message follows one
// formula.
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "braid/error.h"

namespace braid {

/// Rethrows the Error `e` with `where` and ": " before its message, keeping its kind.
[[noreturn]] void rethrow_with(const Error& e, std::string_view where);

/// The name of `known` nearest to `name`, or "" where none is near (at most a third of the letters
/// differ).
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "unknown <what> 'gatd'; did you mean 'gated'? (known: concat, gated, mean)"
std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known);

namespace detail {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}  // namespace detail

template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace braid

/// For the world and the user: throws Error(ErrorKind::kind) with the formatted message.
#define BRAID_CHECK(cond, kind, ...)                                                         \
  do {                                                                                       \
    if (!(cond)) throw ::braid::Error(::braid::ErrorKind::kind, ::fmt::format(__VA_ARGS__)); \
  } while (false)

/// For programmer mistakes only, never reachable from input: throws Error(internal).
#define BRAID_ASSERT(cond)                                                     \
  do {                                                                         \
    if (!(cond)) ::braid::detail::assertion_failed(#cond, __FILE__, __LINE__); \
  } while (false)
