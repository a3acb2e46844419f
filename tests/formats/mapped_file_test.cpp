#include "formats/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/file.h"
#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(mapped_file, holds_the_bytes) {
  const TemporaryFolder folder;
  const std::string long_text(100'000, 'x');
  write_file_atomically(folder / "a", long_text);
  write_file_atomically(folder / "empty", "");
  EXPECT_TRUE(MappedFile(folder / "a").bytes() == long_text);
  EXPECT_EQ(MappedFile(folder / "empty").bytes(), "");
}

TEST(mapped_file, stays_whole_when_replaced_or_removed) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "before");
  const MappedFile file(folder / "a");
  write_file_atomically(folder / "a", "x");
  EXPECT_EQ(file.bytes(), "before");
  std::filesystem::remove(folder / "a");
  EXPECT_EQ(file.bytes(), "before");
}

TEST(mapped_file, refuses_what_is_no_file) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::io, "/none: cannot open: No such file",
               [&] { MappedFile file(folder / "none"); });
  expect_error(ErrorKind::io, ": expected a file, got a folder",
               [&] { MappedFile file(folder.path()); });
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::io, "/pipe: expected a file, got a pipe or a device",
               [&] { MappedFile file(folder / "pipe"); });
}

}  // namespace
}  // namespace braid::formats
