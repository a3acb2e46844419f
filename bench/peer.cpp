#include "bench/peer.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

extern char** environ;

namespace braid::bench {
namespace {

// Starts `command` with the given files as its standard input and output, -1 = the null device.
pid_t start(const std::vector<std::string>& command, int in, int out, bool hides_errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0)
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  else
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (out >= 0)
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  else
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (hides_errors)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t process = -1;
  const int result = posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return result == 0 ? process : -1;
}

bool ends_well(pid_t process) {
  int status = 1;
  return process > 0 && waitpid(process, &status, 0) == process && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

}  // namespace

bool succeeds(const std::vector<std::string>& command) {
  return ends_well(start(command, /*in=*/-1, /*out=*/-1, /*hides_errors=*/true));
}

std::string output_of(const std::vector<std::string>& command) {
  int from[2];
  BRAID_CHECK(pipe2(from, O_CLOEXEC) == 0, io, "{}: {}", command.at(0), std::strerror(errno));
  const pid_t process = start(command, /*in=*/-1, from[1], /*hides_errors=*/true);
  close(from[1]);
  std::string text;
  char part[4096];
  for (ssize_t size; (size = read(from[0], part, sizeof part)) > 0;)
    text.append(part, static_cast<size_t>(size));
  close(from[0]);
  BRAID_CHECK(ends_well(process), io, "{}: expected success; run it to see why: {}", command.at(0),
              fmt::join(command, " "));
  return text;
}

Peer::Peer(const std::vector<std::string>& command) : name_(command.at(0)) {
  int to[2], from[2];
  BRAID_CHECK(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, io, "{}: {}", name_,
              std::strerror(errno));
  process_ = start(command, to[0], from[1], /*hides_errors=*/false);
  close(to[0]);
  close(from[1]);
  to_ = fdopen(to[1], "w");
  from_ = fdopen(from[0], "r");
  BRAID_CHECK(process_ > 0, io, "{}: cannot start", name_);
}

Peer::~Peer() {
  if (to_ != nullptr) std::fclose(to_);  // its end of input
  if (from_ != nullptr) std::fclose(from_);
  if (process_ > 0) waitpid(process_, nullptr, 0);
}

Json Peer::ask(const Json& request) {
  const std::string line = request.dump() + "\n";
  std::fwrite(line.data(), 1, line.size(), to_);
  std::fflush(to_);
  char* answer = nullptr;
  size_t capacity = 0;
  const ssize_t size = getline(&answer, &capacity, from_);
  const std::string text = size > 0 ? std::string(answer, static_cast<size_t>(size)) : "";
  std::free(answer);
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  BRAID_CHECK(json.is_object(), io, "{}: expected an answer to {}, got \"{}\"", name_,
              request.value("do", ""), text.substr(0, 200));
  BRAID_CHECK(!json.contains("error"), internal, "{}: {}: {}", name_, request.value("do", ""),
              json.value("error", ""));
  return json;
}

}  // namespace braid::bench
