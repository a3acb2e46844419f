// The one exception type of Braid.
#pragma once
#include <stdexcept>
#include <string>

namespace braid {

/// What went wrong, from the caller's point of view.
enum class ErrorKind {
  usage,     ///< a call or command line that makes no sense
  config,    ///< a configuration key or value
  data,      ///< a manifest, a value or a sample
  format,    ///< the bytes of a file
  shape,     ///< a tensor of the wrong shape
  numeric,   ///< NaN, infinity or divergence
  io,        ///< the file system
  internal,  ///< a bug in Braid
};

/// Message formula: where: what: expected X, got Y; what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }
  /// 2 usage, 3 config, 4 data, format, shape and numeric, 5 io, 70 internal.
  int exit_code() const;

 private:
  ErrorKind kind_;
};

/// The kind's name, as in "usage".
const char* to_string(ErrorKind kind);

}  // namespace braid
