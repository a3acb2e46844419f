// tokenizer.json of BERT's vocab.txt, and of GPT-2's vocab.json and merges.txt.
#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "text/legacy_folder.h"
#include "text/normalize.h"

namespace braid::text {
namespace {

/// Calls take(line, number) for every line, without its end.
template <class Take>
void for_each_line(const std::string& text, const std::string& where, const Take& take) {
  int64_t number = 1;
  for (size_t at = 0; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    BRAID_CHECK(is_utf8(line), format, "{}:{}: expected UTF-8, got other bytes", where, number);
    take(line, number);
    at = end + 1;
  }
}

/// Errors   format: the token is not in the vocabulary.
int64_t id_of(const PlainJson& ids, const std::string& token, const std::string& where) {
  const auto found = ids.find(token);
  BRAID_CHECK(found != ids.end(), format,
              "{}: expected the token '{}', got a vocabulary without it; name the right one in "
              "tokenizer_config.json",
              where, token);
  return found->get<int64_t>();
}

PlainJson byte_level(bool prepends_space, bool trims_offsets) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", prepends_space},
          {"trim_offsets", trims_offsets},
          {"use_regex", true}};
}

PlainJson fixed_processing(const std::string& begin, const std::string& end, const PlainJson& ids,
                           bool prepends_space, bool trims_offsets, const std::string& where) {
  return {{"type", "RobertaProcessing"},
          {"cls", PlainJson::array({begin, id_of(ids, begin, where)})},
          {"sep", PlainJson::array({end, id_of(ids, end, where)})},
          {"add_prefix_space", prepends_space},
          {"trim_offsets", trims_offsets}};
}

PlainJson read_merges(const std::string& file) {
  PlainJson merges = PlainJson::array();
  for_each_line(read_file(file), file, [&](const std::string& line, int64_t number) {
    if (line.empty() || (number == 1 && line.compare(0, 9, "#version:") == 0)) return;
    const size_t space = line.find(' ');
    BRAID_CHECK(space != std::string::npos && line.find(' ', space + 1) == std::string::npos,
                format, "{}:{}: expected two tokens with a space between, got '{}'", file, number,
                line);
    merges.push_back(PlainJson::array({line.substr(0, space), line.substr(space + 1)}));
  });
  return merges;
}

/// Source   convert_slow_tokenizer.py, CLIPConverter.
void add_clip(const LegacyFolder& folder, const PlainJson& ids, PlainJson& made) {
  const std::string end = folder.token("eos_token", "<|endoftext|>");
  const std::string begin = folder.token("bos_token", "<|startoftext|>");
  made["model"]["end_of_word_suffix"] = "</w>";
  made["model"]["unk_token"] = folder.token("unk_token", end);
  const PlainJson spaces = {
      {"type", "Replace"}, {"pattern", {{"Regex", R"(\s+)"}}}, {"content", " "}};
  made["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers", PlainJson::array({{{"type", "NFC"}}, spaces, {{"type", "Lowercase"}}})}};
  const PlainJson words = {
      {"type", "Split"},
      {"pattern", {{"Regex", R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)"}}},
      {"behavior", "Removed"},
      {"invert", true}};
  made["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", PlainJson::array({words, byte_level(false, true)})}};
  made["post_processor"] = fixed_processing(begin, end, ids, false, false, folder.folder());
  made["added_tokens"] =
      folder.added_tokens({folder.special("bos_token", begin, true),
                           folder.special("eos_token", end), folder.special("unk_token", end)},
                          ids);
}

/// Source   convert_slow_tokenizer.py, RobertaConverter.
void add_roberta(const LegacyFolder& folder, const PlainJson& ids, PlainJson& made) {
  const bool prepends_space = folder.flag_or("add_prefix_space", false);
  made["post_processor"] =
      fixed_processing(folder.token("cls_token", "<s>"), folder.token("sep_token", "</s>"), ids,
                       prepends_space, true, folder.folder());
  made["added_tokens"] = folder.added_tokens(
      {folder.special("bos_token", "<s>", true), folder.special("pad_token", "<pad>", true),
       folder.special("eos_token", "</s>", true), folder.special("unk_token", "<unk>", true),
       folder.special("mask_token", "<mask>", false, true)},
      ids);
}

/// Source   convert_slow_tokenizer.py, GPT2Converter.
void add_gpt2(const LegacyFolder& folder, const PlainJson& ids, PlainJson& made) {
  const std::string begin = folder.token("bos_token", "<|endoftext|>");
  made["post_processor"] = byte_level(true, false);
  if (folder.flag_or("add_bos_token", false)) {
    id_of(ids, begin, folder.folder());
    made["post_processor"] = template_processing({begin + ":0", "$A:0"},
                                                 {begin + ":0", "$A:0", begin + ":1", "$B:1"}, ids);
  }
  made["added_tokens"] = folder.added_tokens(
      {folder.special("bos_token", begin), folder.special("eos_token", "<|endoftext|>"),
       folder.special("unk_token", "<|endoftext|>")},
      ids);
}

/// Source   convert_slow_tokenizer.py, WhisperConverter, without language and task.
void add_whisper(const LegacyFolder& folder, const PlainJson& ids, PlainJson& made) {
  const std::string end = folder.token("eos_token", "<|endoftext|>");
  made["added_tokens"] = folder.added_tokens(
      {folder.special("eos_token", end), folder.special("bos_token", end)}, ids);
  PlainJson all = ids;
  for (const PlainJson& token : made["added_tokens"])
    all[token.at("content").get<std::string>()] = token.at("id");
  const std::string start = "<|startoftranscript|>", untimed = "<|notimestamps|>";
  for (const std::string& token : {start, untimed, end}) id_of(all, token, folder.folder());
  made["post_processor"] =
      template_processing({start + ":0", untimed + ":0", "$A:0", end + ":0"},
                          {start + ":0", untimed + ":0", "$A:0", "$B:1", end + ":0"}, all);
}

}  // namespace

PlainJson byte_level_tokenizer(const LegacyFolder& folder) {
  const std::string kind = folder.kind();
  PlainJson made;
  const std::string vocab_file = folder.file("vocab.json"), merges_file = folder.file("merges.txt");
  PlainJson ids = parse_plain_json(read_file(vocab_file), vocab_file);
  BRAID_CHECK(ids.is_object(), format, "{}: expected an object of tokens and ids, got {}",
              vocab_file, ids.type_name());
  made["model"] = {{"type", "BPE"}, {"merges", read_merges(merges_file)}};
  made["pre_tokenizer"] = byte_level(folder.flag_or("add_prefix_space", false), true);
  made["decoder"] = byte_level(true, true);
  if (kind == "CLIP")
    add_clip(folder, ids, made);
  else if (kind == "Roberta")
    add_roberta(folder, ids, made);
  else if (kind == "GPT2")
    add_gpt2(folder, ids, made);
  else if (kind == "Whisper")
    add_whisper(folder, ids, made);
  else
    unknown_type(folder.folder() + ": tokenizer_config.json: \"tokenizer_class\"",
                 "tokenizer of vocab.json and merges.txt", kind,
                 {"GPT2", "Roberta", "CLIP", "Whisper"});
  made["model"]["vocab"] = std::move(ids);
  return made;
}

/// Source   convert_slow_tokenizer.py, BertConverter and MPNetConverter.
PlainJson bert_tokenizer(const LegacyFolder& folder) {
  const std::string kind = folder.kind();
  const std::vector<std::string> known = {"Bert", "DistilBert", "Electra", "MPNet"};
  if (!kind.empty() && std::find(known.begin(), known.end(), kind) == known.end())
    unknown_type(folder.folder() + ": tokenizer_config.json: \"tokenizer_class\"",
                 "tokenizer of vocab.txt", kind, known);
  const bool is_mpnet = kind == "MPNet";
  const std::string file = folder.file("vocab.txt");
  PlainJson ids = PlainJson::object();
  for_each_line(read_file(file), file, [&](const std::string& line, int64_t number) {
    BRAID_CHECK(ids.emplace(line, number - 1).second, format,
                "{}:{}: token '{}': expected each token once; remove one", file, number, line);
  });
  const std::string begin = folder.token("cls_token", is_mpnet ? "<s>" : "[CLS]");
  const std::string end = folder.token("sep_token", is_mpnet ? "</s>" : "[SEP]");
  const std::string unknown = folder.token("unk_token", "[UNK]");
  for (const std::string& token : {begin, end, unknown}) id_of(ids, token, file);
  PlainJson made;
  made["added_tokens"] = folder.added_tokens(
      {folder.special("pad_token", is_mpnet ? "<pad>" : "[PAD]"),
       folder.special("unk_token", unknown), folder.special("cls_token", begin),
       folder.special("sep_token", end),
       folder.special("mask_token", is_mpnet ? "<mask>" : "[MASK]", false, is_mpnet)},
      ids);
  made["normalizer"] = {{"type", "BertNormalizer"},
                        {"clean_text", true},
                        {"handle_chinese_chars", folder.flag_or("tokenize_chinese_chars", true)},
                        {"strip_accents", folder.value("strip_accents")},
                        {"lowercase", folder.flag_or("do_lower_case", true)}};
  made["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  std::vector<std::string> pair = {begin + ":0", "$A:0", end + ":0"};
  if (is_mpnet) pair.push_back(end + ":0");
  pair.insert(pair.end(), {"$B:1", end + ":1"});
  made["post_processor"] = template_processing({begin + ":0", "$A:0", end + ":0"}, pair, ids);
  made["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  made["model"] = {{"type", "WordPiece"}, {"unk_token", unknown}, {"vocab", std::move(ids)}};
  return made;
}

}  // namespace braid::text
