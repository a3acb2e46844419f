// tokenizer.json of SentencePiece's model files: T5, ALBERT, XLM-RoBERTa.
#include "core/base64.h"
#include "core/error.h"
#include "core/file.h"
#include "text/legacy_folder.h"
#include "text/sentencepiece_model.h"

namespace braid::text {
namespace {

using Model = SentencePieceModel;

constexpr int64_t kMaxExtra = 10000;

PlainJson row(const std::string& piece, double score) { return PlainJson::array({piece, score}); }

/// "1," is to be cut between digit and comma (ALBERT's own rule).
bool is_digit_and_comma(const std::string& piece) {
  return piece.size() > 1 && piece.back() == ',' && piece[piece.size() - 2] >= '0' &&
         piece[piece.size() - 2] <= '9';
}

/// fairseq's own first ids, and a mask at the end. Source   XLMRobertaConverter.
void add_xlm_roberta(const LegacyFolder& folder, const Model& model, PlainJson& made) {
  PlainJson vocab = PlainJson::array();
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>"}) vocab.push_back(row(token, 0));
  for (size_t i = 3; i < model.pieces.size(); ++i)
    vocab.push_back(row(model.pieces[i].text, model.pieces[i].score));
  vocab.push_back(row("<mask>", 0));
  const PlainJson ids = {
      {"<s>", 0}, {"<pad>", 1}, {"</s>", 2}, {"<unk>", 3}, {"<mask>", vocab.size() - 1}};
  made["model"] = {{"type", "Unigram"}, {"unk_id", 3}, {"vocab", vocab}};
  made["post_processor"] = template_processing(
      {"<s>:0", "$A:0", "</s>:0"}, {"<s>:0", "$A:0", "</s>:0", "</s>:0", "$B:0", "</s>:0"}, ids);
  made["added_tokens"] = {folder.special("bos_token", "<s>"), folder.special("pad_token", "<pad>"),
                          folder.special("eos_token", "</s>"), folder.special("unk_token", "<unk>"),
                          folder.special("mask_token", "<mask>", false, true)};
}

/// Source   AlbertConverter.
void add_albert(const LegacyFolder& folder, const Model& model, const PlainJson& ids,
                PlainJson& made) {
  PlainJson vocab = PlainJson::array();
  for (const Model::Piece& piece : model.pieces)
    vocab.push_back(row(piece.text, piece.score - (is_digit_and_comma(piece.text) ? 100.0 : 0.0)));
  made["model"] = {{"type", "Unigram"}, {"unk_id", model.unknown_id}, {"vocab", vocab}};
  PlainJson steps = PlainJson::array();
  for (const char* quotes : {"``", "''"})
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", quotes}}}, {"content", "\""}});
  if (!folder.flag_or("keep_accents", false)) {
    steps.push_back({{"type", "NFKD"}});
    steps.push_back({{"type", "StripAccents"}});
  }
  if (folder.flag_or("do_lower_case", true)) steps.push_back({{"type", "Lowercase"}});
  if (!made["normalizer"].is_null()) steps.push_back(made["normalizer"]);
  made["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps}};
  made["post_processor"] = template_processing(
      {"[CLS]:0", "$A:0", "[SEP]:0"}, {"[CLS]:0", "$A:0", "[SEP]:0", "$B:1", "[SEP]:1"}, ids);
  made["added_tokens"] = {
      folder.special("pad_token", "<pad>"), folder.special("unk_token", "<unk>"),
      folder.special("cls_token", "[CLS]"), folder.special("sep_token", "[SEP]"),
      folder.special("mask_token", "[MASK]", false, true)};
}

/// Source   T5Converter: the sentinels stand behind the pieces, the last one first.
void add_t5(const LegacyFolder& folder, const Model& model, const PlainJson& ids, PlainJson& made) {
  PlainJson vocab = PlainJson::array();
  for (const Model::Piece& piece : model.pieces) vocab.push_back(row(piece.text, piece.score));
  made["added_tokens"] = {folder.special("pad_token", "<pad>"), folder.special("eos_token", "</s>"),
                          folder.special("unk_token", "<unk>")};
  const PlainJson& listed = folder.value("extra_ids");
  const int64_t num_extra = listed.is_number_unsigned() ? listed.get<int64_t>() : 100;
  BRAID_CHECK(num_extra >= 0 && num_extra <= kMaxExtra, format,
              "{}: tokenizer_config.json: \"extra_ids\": expected 0 to {}, got {}", folder.folder(),
              kMaxExtra, num_extra);
  for (int64_t i = num_extra - 1; i >= 0; --i) {
    const std::string token = "<extra_id_" + std::to_string(i) + ">";
    vocab.push_back(row(token, 0));
    made["added_tokens"].push_back(added_token(token, true, false, false));
  }
  made["model"] = {{"type", "Unigram"}, {"unk_id", model.unknown_id}, {"vocab", vocab}};
  made["post_processor"] =
      template_processing({"$A:0", "</s>:0"}, {"$A:0", "</s>:0", "$B:0", "</s>:0"}, ids);
}

}  // namespace

PlainJson sentencepiece_tokenizer(const LegacyFolder& folder, const std::string& file) {
  const Model model = parse_sentencepiece(read_file(file), file);
  BRAID_CHECK(model.is_unigram, format,
              "{}: expected a unigram model, got another kind; save the tokenizer as "
              "tokenizer.json with its library",
              file);
  PlainJson ids = PlainJson::object();
  for (size_t i = 0; i < model.pieces.size(); ++i) ids[model.pieces[i].text] = i;
  const std::string kind = folder.kind();
  const auto need = [&](const char* token) {
    BRAID_CHECK(ids.contains(token), format, "{}: expected the piece '{}' of {}, got none", file,
                token, kind);
  };
  PlainJson made;
  made["normalizer"] = nullptr;
  if (!model.charsmap.empty())
    made["normalizer"] = {{"type", "Precompiled"},
                          {"precompiled_charsmap", base64(model.charsmap)}};
  if (kind == "XLMRoberta") {
    add_xlm_roberta(folder, model, made);
  } else if (kind == "Albert") {
    for (const char* token : {"[CLS]", "[SEP]"}) need(token);
    add_albert(folder, model, ids, made);
  } else if (kind == "T5") {
    need("</s>");
    add_t5(folder, model, ids, made);
  } else {
    unknown_type(folder.folder() + ": tokenizer_config.json: \"tokenizer_class\"",
                 "tokenizer of a SentencePiece model", kind, {"T5", "Albert", "XLMRoberta"});
  }
  PlainJson vocabulary = PlainJson::object();
  const PlainJson& vocab = made["model"]["vocab"];
  for (size_t i = 0; i < vocab.size(); ++i) vocabulary[vocab[i][0].get<std::string>()] = i;
  const PlainJson specials = made["added_tokens"];
  made["added_tokens"] = folder.added_tokens({specials.begin(), specials.end()}, vocabulary);
  const PlainJson metaspace = {
      {"type", "Metaspace"}, {"replacement", "\xE2\x96\x81"}, {"prepend_scheme", "always"}};
  made["pre_tokenizer"] = {
      {"type", "Sequence"},
      {"pretokenizers", PlainJson::array({{{"type", "WhitespaceSplit"}}, metaspace})}};
  made["decoder"] = metaspace;
  return made;
}

}  // namespace braid::text
