#include <gtest/gtest.h>
TEST(container_length, x) {}
