#include "text/tokenizer.h"

#include <gtest/gtest.h>
#include <time.h>

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

/// Copies a folder's files but tokenizer.json; false where no older ones are among them.
bool copy_older_files(const std::string& folder, const std::string& to) {
  bool is_there = false;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (name == "tokenizer.json" || name.find("goldens") == 0 || !item.is_regular_file()) continue;
    std::filesystem::copy_file(item.path(), to + "/" + name);
    is_there = is_there || name == "vocab.txt" || name == "merges.txt" || name == "spiece.model";
  }
  return is_there;
}

/// The same ids, or, where two ways to write a text have the same score, the same in another order:
/// T5's tokenizer.json has its scores rounded, so that equal ones are no longer quite equal.
bool are_as_good(std::vector<int32_t> a, std::vector<int32_t> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

TEST(tokenizer, older_files_give_the_same_ids) {
  const std::string folder = goldens("tokenizers");
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  int num_compared = 0, num_reordered = 0;
  for (const std::string& each : folders_in(folder)) {
    const TemporaryFolder older;
    if (!copy_older_files(each, older.path())) continue;
    // BERT's older files have no word for text that is not cleaned.
    if (read_file(each + "/tokenizer.json").find("\"clean_text\": false") != std::string::npos)
      continue;
    const Tokenizer whole = Tokenizer::read(each), converted = Tokenizer::read(older.path());
    EXPECT_EQ(converted.vocabulary_size(), whole.vocabulary_size()) << each;
    EXPECT_EQ(converted.pad_id(), whole.pad_id()) << each;
    EncodeOptions uncut;  // the older files have no word for truncation and padding
    uncut.pads = false;
    uncut.max_length = 100000;
    for_each_line(each + "/goldens_pairs.jsonl", [&](const Json& line) {
      const auto first = line.at("text").get<std::string>();
      const auto second = line.at("text_pair").get<std::string>();
      const Encoding got = converted.encode_pair(first, second, uncut);
      const Encoding expected = whole.encode_pair(first, second, uncut);
      EXPECT_EQ(got.ids, expected.ids) << each << ": " << first << " | " << second;
      EXPECT_EQ(got.type_ids, expected.type_ids) << each << ": " << first;
      EXPECT_EQ(got.offsets, expected.offsets) << each << ": " << first;
      EXPECT_EQ(converted.decode(got.ids), whole.decode(got.ids));
    });
    for_each_line(each + "/goldens.jsonl", [&](const Json& line) {
      const auto text = line.at("text").get<std::string>();
      const auto got = converted.encode(text, uncut).ids, expected = whole.encode(text, uncut).ids;
      EXPECT_TRUE(got == expected || are_as_good(got, expected)) << each << ": " << text;
      num_reordered += got == expected ? 0 : 1;
    });
    ++num_compared;
  }
  EXPECT_GE(num_compared, 8);
  EXPECT_LE(num_reordered, 1);
}

constexpr const char* kBert = R"({"added_tokens": [{"content": "[PAD]", "id": 0, "special": true},
    {"content": "[CLS]", "id": 1, "special": true}, {"content": "[SEP]", "id": 2, "special": true}],
    "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
    "decoder": {"type": "WordPiece"},
    "model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "a": 4,
    "##b": 5, "e": 6}}})";

using Ids = std::vector<int32_t>;
using Offsets = std::vector<std::pair<int64_t, int64_t>>;

TEST(tokenizer, offsets_are_bytes_of_the_text_given) {
  const Tokenizer tokenizer = Tokenizer::parse(kBert, "here");
  EncodeOptions plain;
  plain.adds_special_tokens = false;
  EXPECT_EQ(tokenizer.encode("É ab", plain).offsets, (Offsets{{0, 2}, {3, 4}, {4, 5}}));
  // Two bytes of a cut letter are one U+FFFD, which the normaliser drops.
  EXPECT_EQ(tokenizer.encode("\xE4\xB8 ab\xFF", plain).ids, (Ids{4, 5}));
  EXPECT_EQ(tokenizer.encode("\xE4\xB8 ab\xFF", plain).offsets, (Offsets{{3, 4}, {4, 5}}));
  const Encoding pair = tokenizer.encode_pair("ab", " e");
  EXPECT_EQ(pair.ids, (Ids{1, 4, 5, 2, 6, 2}));
  EXPECT_EQ(pair.offsets, (Offsets{{0, 0}, {0, 1}, {1, 2}, {0, 0}, {1, 2}, {0, 0}}));
}

TEST(tokenizer, cuts_to_a_length) {
  const Tokenizer tokenizer = Tokenizer::parse(kBert, "here");
  EncodeOptions options;
  options.max_length = 4;
  EXPECT_EQ(tokenizer.encode("ab e ab", options).ids, (Ids{1, 4, 5, 2}));
  EXPECT_EQ(tokenizer.encode_pair("a", "e", options).ids,
            (Ids{1, 2, 6, 2}));  // half of one is none
  options.max_length = 1;
  try {
    tokenizer.encode("a", options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    EXPECT_STREQ(e.what(), "encode: max_length: expected room for 2 special tokens, got 1");
  }
}

TEST(tokenizer, knows_its_tokens) {
  const Tokenizer tokenizer = Tokenizer::parse(kBert, "here");
  EXPECT_EQ(tokenizer.vocabulary_size(), 7);
  EXPECT_EQ(tokenizer.id_of("##b"), 5);
  EXPECT_EQ(tokenizer.id_of("nobody"), -1);
  EXPECT_EQ(tokenizer.token(4), "a");
  EXPECT_EQ(tokenizer.pad_id(), 0);
  EXPECT_EQ(tokenizer.decode({1, 4, 5, 6, 2, 99}), "ab e");
  EXPECT_EQ(tokenizer.decode({1, 4, 5}, false), "[CLS] ab");
  EXPECT_EQ(Tokenizer::parse(tokenizer.serialize(), "again").encode("ab").ids, (Ids{1, 4, 5, 2}));
  try {
    tokenizer.token(7);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
  }
}

TEST(tokenizer, unknown_keys_are_errors) {
  try {
    Tokenizer::parse(R"({"model": {"type": "WordPiece", "vocab": {}}, "extra": 1})", "file");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::format);
    EXPECT_EQ(std::string(e.what()).find("file: unknown key 'extra'"), 0u) << e.what();
  }
}

TEST(tokenizer, pipelines_of_the_goldens) {
  const std::string folder = goldens("pipelines");
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  int64_t num_compared = 0;
  for (const std::string& each : folders_in(folder)) {
    if (!file_exists(each + "/texts.json") || !file_exists(each + "/ids.json")) continue;
    // A checkout without links has the path of the file in the file's place.
    const std::string text = read_file(each + "/tokenizer.json");
    const bool is_link = text.compare(0, 3, "../") == 0;
    const std::string file = is_link ? each + "/" + text.substr(0, text.find('\n')) : each + "/x";
    const Tokenizer tokenizer = Tokenizer::read(std::filesystem::path(file).parent_path().string());
    const Json texts = parse_json(read_file(each + "/texts.json"), each);
    const Json ids = parse_json(read_file(each + "/ids.json"), each);
    EncodeOptions options;
    if (is_link) options.max_length = 77;  // CLIP's
    ASSERT_EQ(texts.size(), ids.size());
    for (size_t i = 0; i < texts.size(); ++i, ++num_compared)
      EXPECT_EQ(tokenizer.encode(texts[i].get<std::string>(), options).ids, ids[i].get<Ids>())
          << each << ": " << texts[i];
  }
  EXPECT_GT(num_compared, 0);
}

double thread_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Ten times the text takes about ten times as long: 40 leaves room for caches and allocation, the
// square would be 100.
TEST(tokenizer, long_texts_take_linear_time) {
  const std::string folder = goldens("tokenizers");
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  for (const std::string& each : folders_in(folder)) {
    const Tokenizer tokenizer = Tokenizer::read(each);
    for (const std::string part : {"ab", " ", "x ", "\xE4\xB8\xAD", "e\xCC\x81", "\n", "\xFF"}) {
      const auto seconds = [&](size_t size) {
        std::string text;
        while (text.size() < size) text += part;
        const double started = thread_s();
        tokenizer.encode(text);
        return thread_s() - started;
      };
      seconds(20000);
      const double small_s = std::max(seconds(20000), 2e-4);
      EXPECT_LT(seconds(200000), 40 * small_s) << each << ": " << part;
    }
  }
}

TEST(tokenizer, many_threads_get_what_one_gets) {
  const std::string folder = goldens("tokenizers");
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const Tokenizer tokenizer = Tokenizer::read(folder + "/gpt2");
  std::vector<std::string> texts;
  for_each_line(folder + "/gpt2/goldens.jsonl",
                [&](const Json& line) { texts.push_back(line.at("text").get<std::string>()); });
  std::vector<Ids> expected;
  for (const std::string& text : texts) expected.push_back(tokenizer.encode(text).ids);
  std::vector<std::thread> threads;
  std::vector<int> num_wrong(4);
  for (size_t i = 0; i < num_wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      for (size_t t = 0; t < texts.size(); ++t)
        num_wrong[i] += tokenizer.encode(texts[t]).ids == expected[t] ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace braid::text
