// Runs one component of a tokenizer.json on a text.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "text/decoder.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/token_model.h"

namespace braid::text {

using Spans = std::vector<std::pair<int, int>>;

inline AlignedText normalize(const std::string& json, const std::string& text) {
  AlignedText aligned = align(text);
  make_normalizer(PlainJson::parse(json), "normalizer")->apply(aligned);
  return aligned;
}

inline Spans sources_of(const AlignedText& aligned) {
  Spans spans;
  for (const Source& source : aligned.sources)
    spans.emplace_back(static_cast<int>(source.begin), static_cast<int>(source.end));
  return spans;
}

inline PreTokenized pre_tokenize(const std::string& json, const std::string& text) {
  PreTokenized cut;
  cut.aligned = align(text);
  cut.pieces.push_back({0, static_cast<uint32_t>(cut.aligned.size()), -1});
  make_pre_tokenizer(PlainJson::parse(json), "pre_tokenizer")->apply(cut);
  return cut;
}

inline std::vector<std::string> words_of(const std::string& json, const std::string& text) {
  const PreTokenized cut = pre_tokenize(json, text);
  std::vector<std::string> words;
  for (const Piece& piece : cut.pieces) words.emplace_back(cut.text_of(piece));
  return words;
}

/// "token@begin-end" of every token.
inline std::vector<std::string> tokens_of(const std::string& json, const std::string& word) {
  const auto model = make_token_model(PlainJson::parse(json), "model");
  std::vector<WordToken> tokens;
  model->tokenize(word, tokens);
  std::vector<std::string> out;
  for (const WordToken& token : tokens)
    out.push_back(*model->vocabulary().token(token.id) + "@" + std::to_string(token.begin) + "-" +
                  std::to_string(token.end));
  return out;
}

inline std::string decoded(const std::string& json, std::vector<std::string> tokens) {
  make_decoder(PlainJson::parse(json), "decoder")->apply(tokens);
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

/// The message of the Error that `run` throws, "" where it throws none.
template <class Run>
std::string message_of(const Run& run) {
  try {
    run();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace braid::text
