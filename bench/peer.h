// Another program that runs the same models: a process that answers one line of JSON with another.
#pragma once
#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::bench {

class Peer {
 public:
  /// Starts `command`; its answers are the lines of its standard output. Errors   io.
  explicit Peer(const std::vector<std::string>& command);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  /// Errors   io: it ended, or said nothing that is JSON. internal: it answered with an error.
  Json ask(const Json& request);

 private:
  std::string name_;
  pid_t process_ = -1;
  FILE *to_ = nullptr, *from_ = nullptr;
};

/// Whether `command` ends with success; what it prints is thrown away.
bool succeeds(const std::vector<std::string>& command);

/// What `command` printed on its standard output; its errors are thrown away. Errors   io: it could
/// not be started, or ended without success.
std::string output_of(const std::vector<std::string>& command);

}  // namespace braid::bench
