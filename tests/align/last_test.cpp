#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(last, of_the_window_and_not_of_the_one_before) {
  expect_values(values_at("last", series({1, 2, 3, 12}, {3, 1, 2, 5}), {0, 10, 20, 30}),
                {NAN, 2, 5, NAN});
}

}  // namespace
}  // namespace braid::align
