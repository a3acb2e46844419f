// The tokenizer of a model that was really trained: its prompts' ids, and what it wrote as text.
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/json.h"
#include "formats/npy.h"
#include "support/shared_folders.h"
#include "text/tokenizer.h"

namespace braid::text {
namespace {

std::vector<int32_t> ids_in(const std::string& path) {
  const formats::NpyArray array = formats::read_npy(path);
  return {array.values.begin(), array.values.end()};
}

TEST(trained_tokenizer, prompts_and_stories_are_the_references) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const std::string folder = testing::goldens_folder() + "/real/stories260K";
  const Json cases = parse_json(read_file(folder + "/manifest.json"), "manifest.json")["cases"];
  const Tokenizer tokenizer = Tokenizer::read(folder);
  ASSERT_EQ(cases.size(), 4u);
  for (const auto& [name, one] : cases.items()) {
    EXPECT_EQ(tokenizer.encode(one["text"].get<std::string>()).ids,
              ids_in(folder + "/" + name + ".input_ids.npy"))
        << name;
    // The file's decoder takes off the space that it put before the first word; the golden kept it.
    EXPECT_EQ(" " + tokenizer.decode(ids_in(folder + "/" + name + ".greedy_ids.npy")),
              one["greedy_text"].get<std::string>())
        << name;
  }
}

}  // namespace
}  // namespace braid::text
