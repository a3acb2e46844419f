#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "support/shared_folders.h"

namespace braid::text {
namespace {

std::string goldens(const std::string& name) {
  const std::string folder = ::braid::testing::goldens_folder();
  return folder.empty() ? "" : folder + "/" + name;
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> folders;
  for (const auto& item : std::filesystem::directory_iterator(folder))
    if (item.is_directory()) folders.push_back(item.path().string());
  std::sort(folders.begin(), folders.end());
  return folders;
}

int64_t for_each_line(const std::string& file, const std::function<void(const Json&)>& take) {
  const std::string lines = read_file(file);
  int64_t num_lines = 0;
  for (size_t at = 0; at < lines.size(); ++num_lines) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    take(parse_json(lines.substr(at, end - at), file));
    at = end + 1;
  }
  return num_lines;
}

/// Byte offsets as the goldens have them, in code points.
std::vector<std::vector<int64_t>> in_code_points(const Encoding& encoding,
                                                 const std::string& text) {
  std::vector<int64_t> points(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i)
    points[i + 1] = points[i] + ((text[i] & 0xC0) != 0x80 ? 1 : 0);
  // points[b]: how many code points begin before byte b.
  std::vector<std::vector<int64_t>> offsets;
  for (const auto& [begin, end] : encoding.offsets)
    offsets.push_back({points[static_cast<size_t>(begin)], points[static_cast<size_t>(end)]});
  return offsets;
}

std::vector<std::string> tokens_of(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  std::vector<std::string> tokens;
  for (const int32_t id : ids) tokens.push_back(tokenizer.token(id));
  return tokens;
}

void expect_goldens(const std::string& folder, const Tokenizer& tokenizer) {
  const auto num = for_each_line(folder + "/goldens.jsonl", [&](const Json& line) {
    const auto text = line.at("text").get<std::string>();
    const Encoding encoding = tokenizer.encode(text);
    EXPECT_EQ(encoding.ids, line.at("ids").get<std::vector<int32_t>>()) << folder << ": " << text;
    EXPECT_EQ(encoding.ids.size(), encoding.type_ids.size());
    EXPECT_EQ(encoding.ids.size(), encoding.attention_mask.size());
    EXPECT_EQ(encoding.ids.size(), encoding.special_tokens_mask.size());
    EXPECT_EQ(encoding.ids.size(), encoding.offsets.size());
  });
  EXPECT_GT(num, 0) << folder;
  for_each_line(folder + "/goldens_extra.jsonl", [&](const Json& line) {
    const auto text = line.at("text").get<std::string>();
    EncodeOptions plain;
    plain.adds_special_tokens = false;
    const Encoding encoding = tokenizer.encode(text, plain);
    EXPECT_EQ(encoding.ids, line.at("ids_no_special").get<std::vector<int32_t>>()) << text;
    EXPECT_EQ(in_code_points(encoding, text),
              line.at("offsets").get<std::vector<std::vector<int64_t>>>())
        << folder << ": " << text;
    const std::vector<int32_t> ids = tokenizer.encode(text).ids;
    EXPECT_EQ(tokenizer.decode(ids), line.at("decoded").get<std::string>()) << folder;
    EXPECT_EQ(tokenizer.decode(ids, false), line.at("decoded_keep_special").get<std::string>())
        << folder;
  });
  for_each_line(folder + "/goldens_pairs.jsonl", [&](const Json& line) {
    const auto first = line.at("text").get<std::string>();
    const auto second = line.at("text_pair").get<std::string>();
    const Encoding encoding = tokenizer.encode_pair(first, second);
    const auto where = folder + ": " + first + " | " + second;
    EXPECT_EQ(encoding.ids, line.at("ids").get<std::vector<int32_t>>()) << where;
    EXPECT_EQ(encoding.type_ids, line.at("type_ids").get<std::vector<int32_t>>()) << where;
    EXPECT_EQ(encoding.special_tokens_mask,
              line.at("special_tokens_mask").get<std::vector<uint8_t>>())
        << where;
    EXPECT_EQ(encoding.attention_mask, line.at("attention_mask").get<std::vector<uint8_t>>())
        << where;
  });
}

TEST(tokenizer, same_as_the_official_library_on_every_golden) {
  const std::string folder = goldens("tokenizers");
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const std::vector<std::string> folders = folders_in(folder);
  EXPECT_FALSE(folders.empty());
  for (const std::string& each : folders) {
    const Tokenizer tokenizer = Tokenizer::read(each);
    expect_goldens(each, tokenizer);
  }
}

}  // namespace
}  // namespace braid::text
