#include "index/written_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/file.h"
#include "formats/expect_error.h"

using namespace braid;
using namespace braid::index;
using braid::testing::expect_error;

namespace {

const auto yes = [] { return true; };
const auto no = [] { return false; };

int64_t num_entries(const std::string& folder) {
  const std::filesystem::directory_iterator entries(folder);
  return std::distance(begin(entries), end(entries));
}

}  // namespace

TEST(written_folder, replaces_its_own_and_leaves_nothing_beside) {
  const TemporaryFolder temporary;
  const std::string folder = temporary / "a/b";
  write_folder(folder, {{"x", "1"}, {"y", "2"}}, "a thing", no);
  EXPECT_EQ(read_file(folder + "/x"), "1");
  write_folder(folder + "/", {{"x", "3"}, {"y", "4"}}, "a thing", yes);
  EXPECT_EQ(read_file(folder + "/x"), "3");
  EXPECT_EQ(read_file(folder + "/y"), "4");
  EXPECT_EQ(num_entries(temporary / "a"), 1);
  make_folders(temporary / "empty");
  write_folder(temporary / "empty", {{"x", "5"}}, "a thing", no);
  EXPECT_EQ(read_file(temporary / "empty/x"), "5");
}

TEST(written_folder, leaves_what_is_not_its_own) {
  const TemporaryFolder temporary;
  make_folders(temporary / "photos");
  write_file_atomically(temporary / "photos/cat.jpg", "cat");
  expect_error(ErrorKind::usage, "expected a new folder or a thing, got one that holds 'cat.jpg'",
               [&] {
                 write_folder(temporary / "photos", {{"x", "1"}}, "a thing", yes);
               });
  make_folders(temporary / "other");
  write_file_atomically(temporary / "other/x", "theirs");
  expect_error(ErrorKind::usage, "got files of another origin", [&] {
    write_folder(temporary / "other", {{"x", "1"}}, "a thing", no);
  });
  EXPECT_EQ(read_file(temporary / "other/x"), "theirs");
  expect_error(ErrorKind::usage, "got a file; choose another name", [&] {
    write_folder(temporary / "other/x", {{"x", "1"}}, "a thing", yes);
  });
  expect_error(ErrorKind::usage, "a thing: expected the name of a folder, got none", [&] {
    write_folder("", {{"x", "1"}}, "a thing", yes);
  });
}

TEST(written_folder, keeps_the_old_one_where_writing_fails) {
  const TemporaryFolder temporary;
  const std::string folder = temporary / "a";
  write_folder(folder, {{"x", "1"}}, "a thing", no);
  // A name with a slash cannot be created in the fresh folder.
  expect_error(ErrorKind::io, "cannot create", [&] {
    write_folder(folder, {{"x", "2"}, {"none/y", "2"}}, "a thing", yes);
  });
  EXPECT_EQ(read_file(folder + "/x"), "1");
  EXPECT_EQ(num_entries(temporary.path()), 1);
}
