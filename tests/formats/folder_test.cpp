#include "formats/folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(folder, names_what_is_there) {
  const TemporaryFolder folder;
  EXPECT_TRUE(names_in_folder(folder.path()).empty());
  write_file_atomically(folder / "b", "");
  make_folders(folder / "a");
  std::filesystem::create_symlink("nowhere", folder / "link");
  EXPECT_EQ(names_in_folder(folder.path()), (std::set<std::string>{"a", "b", "link"}));
  for (const char* name : {"a", "b", "link"}) EXPECT_TRUE(stands_in(folder.path(), name)) << name;
  EXPECT_FALSE(stands_in(folder.path(), "c"));
  expect_error(ErrorKind::io, "/none: cannot read the folder: No such file",
               [&] { names_in_folder(folder / "none"); });
  expect_error(ErrorKind::io, "/b: cannot read the folder: Not a directory",
               [&] { names_in_folder(folder / "b"); });
}

TEST(folder, lists_eight_names_at_most) {
  EXPECT_EQ(list_names({}), "nothing");
  EXPECT_EQ(list_names({"b", "a"}), "a, b");
  EXPECT_EQ(list_names({"1", "2", "3", "4", "5", "6", "7", "8"}), "1, 2, 3, 4, 5, 6, 7, 8");
  EXPECT_EQ(list_names({"1", "2", "3", "4", "5", "6", "7", "8", "9"}),
            "1, 2, 3, 4, 5, 6, 7, 8 and 1 more");
}

TEST(folder, paths_that_climb_out_do_not_stay) {
  for (const char* path : {"", "a", "a/b.c", "./a", "..a", "a/..b", "..."})
    EXPECT_TRUE(stays_in_folder(path)) << path;
  for (const char* path : {"..", "../a", "a/..", "a/../b", "a/../../b", "/", "/a", "./.."})
    EXPECT_FALSE(stays_in_folder(path)) << path;
  EXPECT_FALSE(stays_in_folder(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace braid::formats
