#include <gtest/gtest.h>
TEST(video_plan, x) {}
