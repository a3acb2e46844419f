// Cores that others leave: by hand, and from the system's own text.
#include "core/free_cores.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "core/thread_pool.h"

namespace braid {
namespace {

TEST(free_cores, what_others_used_is_taken_off) {
  // In 2 s all programs used 3 s, of which 1 s was our own: others kept one core busy.
  EXPECT_EQ(cores_left(4, {10, 50, 7}, {12, 53, 8}), 3);
  // Three threads on two cores: the neighbour got two thirds of one, and would take all of it.
  EXPECT_EQ(cores_left(2, {0, 0, 0}, {3, 6, 4}), 1);
  EXPECT_EQ(cores_left(2, {0, 0, 0}, {3, 6, 5}), 2);    // a third is less than half a core
  EXPECT_EQ(cores_left(2, {0, 0, 0}, {1, 2, 0}), 1);    // never none
  EXPECT_EQ(cores_left(2, {0, 0, 0}, {1, 1, 1.2}), 2);  // clocks that disagree
  EXPECT_EQ(cores_left(2, {5, 0, 0}, {5, 1, 0}), 2);
}

TEST(free_cores, the_systems_text_is_read_for_the_cores_in_question) {
  const std::string text =
      "cpu  1000 200 300 9999 5 6 7 50 0 0\n"
      "cpu0 100 20 30 999 5 6 7 50 0 0\n"
      "cpu1 900 180 270 9000 0 0 0 0 0 0\n"
      "cpufreq 1\nintr 5 6\n";
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  cpu_set_t first, both, third;
  for (cpu_set_t* set : {&first, &both, &third}) CPU_ZERO(set);
  CPU_SET(0, &first);
  CPU_SET(0, &both);
  CPU_SET(1, &both);
  CPU_SET(2, &third);
  EXPECT_DOUBLE_EQ(busy_s(text, first, /*counts_nice=*/false) * ticks, 100 + 30 + 6 + 7);
  EXPECT_DOUBLE_EQ(busy_s(text, first, /*counts_nice=*/true) * ticks, 100 + 20 + 30 + 6 + 7);
  EXPECT_DOUBLE_EQ(busy_s(text, both, /*counts_nice=*/false) * ticks, 143 + 900 + 270);
  EXPECT_LT(busy_s(text, third, /*counts_nice=*/false), 0);
  for (const char* none : {"", "cpu0 1 2", "cpu 1 2 3 4 5 6 7", "cpu0 a b c d e f g"})
    EXPECT_LT(busy_s(none, both, /*counts_nice=*/false), 0) << none;
}

TEST(free_cores, this_systems_text_is_understood) {
  cpu_set_t cores;
  ASSERT_EQ(sched_getaffinity(0, sizeof cores, &cores), 0);
  std::ifstream file("/proc/stat");
  if (!file) GTEST_SKIP() << "no /proc/stat here";
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_GT(busy_s(text, cores, /*counts_nice=*/true), 0);
}

TEST(free_cores, is_a_number_of_this_process_cores) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_GE(free_cores(), 1);
    EXPECT_LE(free_cores(), resolve_threads(0));
  }
}

// Our own threads are no neighbours, however busy.
TEST(free_cores, own_work_does_not_count) {
  const auto use = [](double everyone, double own) { return CoreUse{1, everyone, own}; };
  EXPECT_EQ(cores_left(8, {0, 0, 0}, use(8, 8)), 8);
  EXPECT_EQ(cores_left(8, {0, 0, 0}, use(8, 5)), 5);
}

}  // namespace
}  // namespace braid
