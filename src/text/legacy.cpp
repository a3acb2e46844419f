#include "text/legacy.h"

#include "core/error.h"
#include "text/legacy_folder.h"

namespace braid::text {
namespace {

PlainJson tokenizer_of(const LegacyFolder& folder) {
  for (const char* name : {"spiece.model", "sentencepiece.bpe.model"}) {
    const std::string file = folder.file(name);
    if (!file.empty()) return sentencepiece_tokenizer(folder, file);
  }
  if (!folder.file("vocab.json").empty() && !folder.file("merges.txt").empty())
    return byte_level_tokenizer(folder);
  BRAID_CHECK(!folder.file("vocab.txt").empty(), io,
              "{}: expected a tokenizer, got no tokenizer.json, vocab.txt, vocab.json with "
              "merges.txt, spiece.model or sentencepiece.bpe.model; is it the model's folder?",
              folder.folder());
  return bert_tokenizer(folder);
}

}  // namespace

std::string tokenizer_json_of(const std::string& folder) {
  PlainJson made = tokenizer_of(LegacyFolder(folder));
  made["version"] = "1.0";
  return made.dump();
}

std::string configured_pad_token(const std::string& folder) {
  return LegacyFolder(folder).token("pad_token", "");
}

}  // namespace braid::text
