// Messages and exit codes are promises to scripts and users.
#include "core/error.h"

#include <gtest/gtest.h>

#include "formats/expect_error.h"

namespace braid {
namespace {

TEST(error, every_kind_has_its_exit_code) {
  const std::pair<ErrorKind, int> codes[] = {{ErrorKind::usage, 2}, {ErrorKind::config, 3},
                                             {ErrorKind::data, 4},  {ErrorKind::format, 4},
                                             {ErrorKind::shape, 4}, {ErrorKind::numeric, 4},
                                             {ErrorKind::io, 5},    {ErrorKind::internal, 70}};
  for (const auto& [kind, code] : codes)
    EXPECT_EQ(Error(kind, "x").exit_code(), code) << to_string(kind);
}

TEST(error, names_of_kinds) {
  EXPECT_STREQ(to_string(ErrorKind::usage), "usage");
  EXPECT_STREQ(to_string(ErrorKind::internal), "internal");
}

TEST(error, context_goes_in_front_and_the_kind_stays) {
  testing::expect_error(ErrorKind::shape, "image: expected [2], got [3]", [] {
    try {
      fail(ErrorKind::shape, "expected [{}], got [{}]", 2, 3);
    } catch (const Error& e) {
      rethrow_with(e, "image");
    }
  });
}

TEST(error, nearest_allows_a_third_of_the_letters) {
  const std::vector<std::string> known = {"concat", "gated", "mean"};
  EXPECT_EQ(nearest("gatd", known), "gated");   // one letter left out
  EXPECT_EQ(nearest("agted", known), "gated");  // two letters swapped: one edit
  EXPECT_EQ(nearest("CONCAT", known), "concat");
  EXPECT_EQ(nearest("conxxt", known), "concat");  // two of six
  EXPECT_EQ(nearest("xxxxat", known), "");        // four of six
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(error, unknown_names_list_what_is_known) {
  EXPECT_EQ(unknown_name("fusion", "gatd", {"concat", "gated"}),
            "unknown fusion 'gatd'; did you mean 'gated'? (known: concat, gated)");
  EXPECT_EQ(unknown_name("fusion", "tensor", {"concat"}),
            "unknown fusion 'tensor' (known: concat)");
  EXPECT_EQ(unknown_name("fusion", "x", {}), "unknown fusion 'x'");
}

TEST(error, checks_throw_their_kind_and_assertions_are_internal) {
  testing::expect_error(ErrorKind::data, "row 3: expected 1",
                        [] { BRAID_CHECK(false, data, "row {}: expected {}", 3, 1); });
  testing::expect_error(ErrorKind::internal, "broken promise: 1 == 2",
                        [] { BRAID_ASSERT(1 == 2); });
  EXPECT_NO_THROW(BRAID_CHECK(true, data, "never"));
}

}  // namespace
}  // namespace braid
