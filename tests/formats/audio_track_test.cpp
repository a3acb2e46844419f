#include <gtest/gtest.h>
TEST(audio_track, x) {}
