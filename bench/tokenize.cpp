// Pretrained tokenizers: megabytes of text a second of one core. Prints CSV.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "formats/table.h"
#include "support/shared_folders.h"
#include "text/tokenizer.h"

namespace braid::bench {
namespace {

using text::Encoding;
using text::Tokenizer;

std::vector<Json> read_lines(const std::string& file) {
  std::vector<Json> lines;
  const std::string text = read_file(file);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(parse_json(text.substr(at, end - at), file));
    at = end + 1;
  }
  return lines;
}

/// English as it is written: findings of radiologists, else a sentence.
std::vector<std::string> english() {
  std::vector<std::string> texts;
  const std::string manifest = testing::data_folder() + "/covid_cxr/manifest.csv";
  if (file_exists(manifest)) {
    const formats::Table table = formats::read_table(manifest);
    const int64_t column = table.column("notes_masked_dx");
    for (int64_t row = 0; column >= 0 && row < table.num_rows(); ++row)
      if (!table.cell(row, column).empty()) texts.emplace_back(table.cell(row, column));
  }
  if (texts.empty()) texts.emplace_back("The quick brown fox jumps over the lazy dog, again.");
  return texts;
}

struct Texts {
  std::string name;
  std::vector<std::string> list;
  size_t num_bytes = 0;
};

/// `list` over and over until there are `num_bytes`.
Texts repeated(std::string name, const std::vector<std::string>& list, size_t num_bytes) {
  Texts texts{std::move(name), {}, 0};
  for (size_t i = 0; texts.num_bytes < num_bytes; ++i) {
    texts.list.push_back(list[i % list.size()]);
    texts.num_bytes += texts.list.back().size() + 1;
  }
  return texts;
}

std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts.list) (all += text) += '\n';
  return all;
}

/// All goldens' ids are what they are to be.
std::vector<std::string> check(const Tokenizer& tokenizer, const std::string& folder) {
  std::vector<std::string> texts;
  for (const Json& line : read_lines(folder + "/goldens.jsonl")) {
    texts.push_back(line.at("text").get<std::string>());
    BRAID_CHECK(tokenizer.encode(texts.back()).ids == line.at("ids").get<std::vector<int32_t>>(),
                internal, "{}: expected the golden's ids of '{}'", folder, texts.back());
  }
  return texts;
}

void measure(const Tokenizer& tokenizer, const std::string& name, const Texts& texts,
             bool is_one_text) {
  text::EncodeOptions options;
  options.pads = false;
  options.max_length = int64_t{1} << 40;
  const std::string all = is_one_text ? joined(texts) : "";
  size_t num_tokens = 0;
  std::vector<double> rounds;
  for (int round = 0; round < 5; ++round) {
    const double started = thread_s();
    num_tokens = 0;
    if (is_one_text) num_tokens = tokenizer.encode(all, options).ids.size();
    if (!is_one_text)
      for (const std::string& text : texts.list)
        num_tokens += tokenizer.encode(text, options).ids.size();
    rounds.push_back(thread_s() - started);
  }
  std::sort(rounds.begin(), rounds.end());
  const double seconds = rounds[rounds.size() / 2];
  const auto bytes = static_cast<double>(texts.num_bytes);
  fmt::print("{},{},{},{},{},{:.1f},{:.1f},{}\n", name, texts.name, is_one_text ? "one" : "many",
             texts.num_bytes, num_tokens, bytes / seconds / 1e6, 1e9 * seconds / bytes, commit());
  std::fflush(stdout);
}

void run(bool is_smallest) {
  const std::string goldens = testing::goldens_folder();
  if (goldens.empty()) {
    fmt::print(stderr, "no goldens folder; set BRAID_GOLDENS\n");
    return;
  }
  std::vector<std::string> folders;
  for (const auto& item : std::filesystem::directory_iterator(goldens + "/tokenizers"))
    if (item.is_directory()) folders.push_back(item.path().string());
  std::sort(folders.begin(), folders.end());
  fmt::print("tokenizer,text,as,bytes,tokens,mb_per_s,ns_per_byte,commit\n");
  const size_t num_bytes = is_smallest ? 20000 : 2000000;
  for (const std::string& folder : folders) {
    const Tokenizer tokenizer = Tokenizer::read(folder);
    const std::string name = std::filesystem::path(folder).filename().string();
    const Texts odd = repeated("goldens", check(tokenizer, folder), num_bytes);
    const Texts prose = repeated("english", english(), num_bytes);
    for (const Texts* texts : {&prose, &odd})
      for (const bool is_one_text : {false, true}) measure(tokenizer, name, *texts, is_one_text);
    if (is_smallest) break;
  }
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    braid::bench::run(is_smallest);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
