// Methods are found by name; a name that is not there gets help.
#include "core/registry.h"

#include <gtest/gtest.h>

#include "formats/expect_error.h"

namespace braid {
namespace {

struct Method {
  const char* name;
};
const Method kMean = {"mean"}, kGated = {"gated"};
const std::vector<const Method*> kTable = {&kMean, &kGated};

TEST(registry, names_keep_the_tables_order) {
  EXPECT_EQ(method_names(kTable), (std::vector<std::string>{"mean", "gated"}));
}

TEST(registry, finds_by_name) {
  EXPECT_EQ(&find_method(kTable, "fusion", "gated"), &kGated);
  testing::expect_error(ErrorKind::config,
                        "unknown fusion 'gatd'; did you mean 'gated'? (known: mean, gated)",
                        [] { find_method(kTable, "fusion", "gatd"); });
}

}  // namespace
}  // namespace braid
