#include "core/base64.h"

#include <gtest/gtest.h>

namespace braid {

TEST(base64, examples_of_rfc_4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(base64, every_byte_has_its_letters) {
  EXPECT_EQ(base64(std::string("\x00\xFF\xFE", 3)), "AP/+");
}

}  // namespace braid
