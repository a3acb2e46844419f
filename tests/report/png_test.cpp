#include "report/png.h"

#include <gtest/gtest.h>

namespace braid::report {

TEST(png, two_by_two_pixels) {
  // Python: zlib.compress(rows, 0) between chunks with zlib.crc32.
  EXPECT_EQ(
      png_uri(2, 2, {255, 96, 0, 128, 0, 120, 255, 7, 1, 2, 3, 4, 5, 6, 7, 8}),
      "data:image/png;base64,"
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAHUlEQVR4AQESAO3/AP9gAIAAeP8HAAECAwQFBgcI"
      "L1QDgivsCIEAAAAASUVORK5CYII=");
}

}  // namespace braid::report
