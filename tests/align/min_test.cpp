#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(min, of_the_window) {
  expect_values(values_at("min", series({1, 2, 3, 12}, {3, -1, 2, 5}), {0, 10, 20}), {NAN, -1, 5});
}

}  // namespace
}  // namespace braid::align
