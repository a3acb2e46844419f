// A reader sees the old file or the new one, never a part, whatever goes wrong while writing.
#include "core/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "core/error.h"
#include "formats/expect_error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(file, reads_what_was_written) {
  const TemporaryFolder folder;
  const std::string bytes("a\0\xff\nb", 5);
  write_file_atomically(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_file_atomically(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x"});
}

TEST(file, pieces_follow_each_other) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", std::vector<std::string_view>{"ab", "", "cd"});
  EXPECT_EQ(read_file(folder / "x"), "abcd");
  write_file_atomically(folder / "x", std::vector<std::string_view>{});
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x"});
}

TEST(file, reading_has_limits_and_names_the_file) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "12345");
  EXPECT_EQ(read_file(folder / "x", 5), "12345");
  expect_error(ErrorKind::io, "x: expected at most 4 bytes, got 5",
               [&] { read_file(folder / "x", 4); });
  expect_error(ErrorKind::io, "none: cannot open: No such file",
               [&] { read_file(folder / "none"); });
  expect_error(ErrorKind::io, "expected a file, got a folder", [&] { read_file(folder.path()); });
  // A device has no size to check beforehand.
  expect_error(ErrorKind::io, "/dev/zero: expected at most 100 bytes",
               [] { read_file("/dev/zero", 100); });
}

// A full disk, played by a limit on the size of files in a child process.
TEST(file, a_failed_write_leaves_the_old_file_and_no_other) {
  const TemporaryFolder folder;
  const std::string path = folder / "model";
  write_file_atomically(path, "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      write_file_atomically(path, std::string(100000, 'x'));
    } catch (const Error& e) {
      const std::string expected =
          path + ": cannot write: File too large; free some space and try again";
      code = e.kind() == ErrorKind::io && e.what() == expected ? 0 : 2;
    }
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"model"});
}

TEST(file, a_pipe_is_written_to_and_stays_a_pipe) {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  write_file_atomically(path, "hello");
  char bytes[8];
  EXPECT_EQ(::read(reader, bytes, sizeof bytes), 5);
  EXPECT_EQ(std::string(bytes, 5), "hello");
  ::close(reader);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
}

TEST(file, what_cannot_be_replaced_stays) {
  const TemporaryFolder folder;
  make_folders(folder / "taken/inside");
  expect_error(ErrorKind::io, "taken: cannot replace: Is a directory",
               [&] { write_file_atomically(folder / "taken", "x"); });
  expect_error(ErrorKind::io, "cannot create: No such file",
               [&] { write_file_atomically(folder / "none/x", "x"); });
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"taken"});
  EXPECT_EQ(names_in(folder / "taken"), std::vector<std::string>{"inside"});
}

TEST(file, lines_are_appended) {
  const TemporaryFolder folder;
  append_line(folder / "log", "one");
  append_line(folder / "log", "two");
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\n");
  if (file_exists("/dev/full"))
    expect_error(ErrorKind::io, "cannot write: No space left on device; free some space",
                 [] { append_line("/dev/full", "x"); });
}

TEST(file, folders) {
  const TemporaryFolder folder;
  make_folders(folder / "a/b");
  make_folders(folder / "a/b");
  EXPECT_TRUE(file_exists(folder / "a/b"));
  EXPECT_FALSE(file_exists(folder / "a/c"));
  write_file_atomically(folder / "plain", "");
  expect_error(ErrorKind::io, "cannot create the folder",
               [&] { make_folders(folder / "plain/x"); });
}

TEST(file, a_temporary_folder_dies_with_its_object) {
  std::string path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    make_folders(folder / "a");
    write_file_atomically(folder / "a/x", "1");
  }
  EXPECT_FALSE(path.empty());
  EXPECT_FALSE(file_exists(path));
}

TEST(file, joining_paths) {
  EXPECT_EQ(join_path("data", "a.png"), "data/a.png");
  EXPECT_EQ(join_path("data/", "a.png"), "data/a.png");
  EXPECT_EQ(join_path("data", "/a.png"), "/a.png");
  EXPECT_EQ(join_path("", "a.png"), "a.png");
}

TEST(file, hashes_are_xxh3) {
  EXPECT_EQ(hash_bytes(""), 0x2D06800538D394C2ull);  // XXH3_64bits of nothing, as published
  EXPECT_NE(hash_bytes("a"), hash_bytes("b"));
  EXPECT_NE(hash_bytes("a", 1), hash_bytes("a", 2));
}

}  // namespace
}  // namespace braid
