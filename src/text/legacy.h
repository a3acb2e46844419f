// Folders from before tokenizer.json: vocab.txt, vocab.json and merges.txt, SentencePiece's models.
#pragma once
#include <string>

namespace braid::text {

/// What the folder's tokenizer.json would be.
///
/// Errors   io: none of the files is there. format: names the file and the place in it.
/// Source   Hugging Face transformers, convert_slow_tokenizer.py.
std::string tokenizer_json_of(const std::string& folder);

/// tokenizer_config.json's (else special_tokens_map.json's) "pad_token"; "" where there is none.
std::string configured_pad_token(const std::string& folder);

}  // namespace braid::text
