#include "bench/published_subjects.h"

namespace braid::bench {
namespace {

using data::Kind;

data::ModalitySpec spec_of(Kind kind) {
  data::ModalitySpec spec;
  spec.name = "bench";
  spec.kind = kind;
  return spec;
}

data::ModalitySpec text(int64_t vocabulary, int64_t tokens) {
  data::ModalitySpec spec = spec_of(Kind::text);
  spec.vocabulary = vocabulary;
  spec.max_length = tokens;
  return spec;
}

data::ModalitySpec picture(int64_t side) {
  data::ModalitySpec spec = spec_of(Kind::image);
  spec.channels = 3;
  spec.height = spec.width = side;
  return spec;
}

data::ModalitySpec sound(int64_t features, int64_t frames) {
  data::ModalitySpec spec = spec_of(Kind::audio);
  spec.features = features;
  spec.max_length = frames;
  return spec;
}

Json transformer(const char* type, int64_t width, int64_t layers, Json more) {
  Json config = {{"model_type", type},
                 {"hidden_size", width},
                 {"num_hidden_layers", layers},
                 {"num_attention_heads", width / 64},
                 {"intermediate_size", 4 * width}};
  config.update(more);
  return config;
}

// Other families of text: RoBERTa's vocabulary, half the layers, the towers of SigLIP and CLAP.
void add_texts(bool is_smallest, std::vector<PublishedSubject>* all) {
  const int64_t width = is_smallest ? 64 : 768, layers = is_smallest ? 2 : 12;
  const int64_t words = is_smallest ? 1000 : 50265, tokens = is_smallest ? 8 : 64;
  const Json positions = {{"vocab_size", words}, {"max_position_embeddings", 514}};
  all->push_back(
      {"roberta", transformer("roberta", width, layers, positions), text(words, tokens), 8});
  all->push_back({"distilbert",
                  {{"model_type", "distilbert"},
                   {"dim", width},
                   {"n_layers", is_smallest ? 1 : 6},
                   {"n_heads", width / 64},
                   {"hidden_dim", 4 * width},
                   {"max_position_embeddings", 512},
                   {"vocab_size", is_smallest ? 1000 : 30522}},
                  text(is_smallest ? 1000 : 30522, tokens),
                  8});
  all->push_back(
      {"siglip_text",
       transformer("siglip_text_model", width, layers,
                   {{"vocab_size", is_smallest ? 1000 : 32000}, {"max_position_embeddings", 64}}),
       text(is_smallest ? 1000 : 32000, tokens), 8});
  all->push_back({"clap_text", transformer("clap_text_model", width, layers, positions),
                  text(words, tokens), 8});
}

// Convolutional networks of pictures.
void add_convolutional(bool is_smallest, std::vector<PublishedSubject>* all) {
  const int64_t side = is_smallest ? 32 : 224;
  all->push_back({"resnet",
                  {{"model_type", "resnet"},
                   {"embedding_size", is_smallest ? 8 : 64},
                   {"hidden_sizes", is_smallest ? Json{16, 32} : Json{256, 512, 1024, 2048}},
                   {"depths", is_smallest ? Json{1, 1} : Json{3, 4, 6, 3}},
                   {"layer_type", "bottleneck"},
                   {"hidden_act", "relu"},
                   {"num_channels", 3}},
                  picture(side),
                  4});
  all->push_back({"convnext",
                  {{"model_type", "convnext"},
                   {"hidden_sizes", is_smallest ? Json{8, 16} : Json{96, 192, 384, 768}},
                   {"depths", is_smallest ? Json{1, 1} : Json{3, 3, 9, 3}},
                   {"patch_size", 4},
                   {"num_channels", 3}},
                  picture(side),
                  4});
}

// Sound and video: the larger inputs.
void add_long(bool is_smallest, std::vector<PublishedSubject>* all) {
  const int64_t width = is_smallest ? 64 : 768, layers = is_smallest ? 2 : 12;
  const int64_t side = is_smallest ? 32 : 224;
  const int64_t bands = is_smallest ? 32 : 128, frames = is_smallest ? 48 : 1024;
  all->push_back({"ast",
                  transformer("audio-spectrogram-transformer", width, layers,
                              {{"num_mel_bins", bands},
                               {"max_length", frames},
                               {"patch_size", 16},
                               {"frequency_stride", 10},
                               {"time_stride", 10}}),
                  sound(bands, frames), 1});
  const int64_t places = is_smallest ? 20 : 1500;
  all->push_back({"whisper",
                  {{"model_type", "whisper"},
                   {"d_model", is_smallest ? 64 : 512},
                   {"encoder_layers", is_smallest ? 2 : 6},
                   {"encoder_attention_heads", is_smallest ? 1 : 8},
                   {"encoder_ffn_dim", is_smallest ? 128 : 2048},
                   {"num_mel_bins", 80},
                   {"max_source_positions", places}},
                  sound(80, 2 * places),
                  1});
  for (const char* name : {"wav2vec2", "hubert"})
    all->push_back({name,
                    transformer(name, width, layers,
                                {{"conv_dim", std::vector<int>(7, is_smallest ? 16 : 512)},
                                 {"conv_kernel", {10, 3, 3, 3, 3, 2, 2}},
                                 {"conv_stride", {5, 2, 2, 2, 2, 2, 2}},
                                 {"feat_extract_norm", "group"},
                                 {"num_conv_pos_embeddings", is_smallest ? 16 : 128},
                                 {"num_conv_pos_embedding_groups", is_smallest ? 4 : 16}}),
                    sound(1, is_smallest ? 4000 : 80000), 1});
  all->push_back({"clap_audio",
                  {{"model_type", "clap_audio_model"},
                   {"hidden_size", is_smallest ? 64 : 768},
                   {"depths", is_smallest ? Json{1, 1} : Json{2, 2, 6, 2}},
                   {"num_attention_heads", is_smallest ? Json{2, 4} : Json{4, 8, 16, 32}},
                   {"num_mel_bins", 64},
                   {"patch_size", 4},
                   {"patch_stride", {4, 4}},
                   {"patch_embeds_hidden_size", is_smallest ? 32 : 96},
                   {"window_size", 8},
                   {"spec_size", 256}},
                  sound(64, is_smallest ? 200 : 1001),
                  1});
  data::ModalitySpec clip = picture(side);
  clip.kind = Kind::video;
  clip.max_length = is_smallest ? 4 : 16;
  all->push_back({"videomae",
                  transformer("videomae", width, layers,
                              {{"patch_size", 16},
                               {"image_size", side},
                               {"num_frames", clip.max_length},
                               {"tubelet_size", 2}}),
                  clip, 1});
}

}  // namespace

std::vector<PublishedSubject> published_subjects(bool is_smallest) {
  const int64_t width = is_smallest ? 64 : 768, layers = is_smallest ? 2 : 12;
  const int64_t side = is_smallest ? 32 : 224;
  const int64_t words = is_smallest ? 1000 : 30522;
  const Json positions = {{"vocab_size", words}, {"max_position_embeddings", 512}};
  const Json patches = {{"patch_size", 16}, {"image_size", side}};
  std::vector<PublishedSubject> all = {
      {"bert", transformer("bert", width, layers, positions), text(words, is_smallest ? 8 : 64), 8},
      {"mpnet", transformer("mpnet", width, layers, positions), text(words, is_smallest ? 8 : 64),
       8},
      {"vit", transformer("vit", width, layers, patches), picture(side), 4},
      {"dinov2", transformer("dinov2", width, layers, {{"patch_size", 14}, {"image_size", side}}),
       picture(side), 4},
      {"clip_vision",
       transformer("clip_vision_model", width, layers, {{"patch_size", 32}, {"image_size", side}}),
       picture(side), 4},
      {"clip_text",
       transformer("clip_text_model", is_smallest ? 64 : 512, layers,
                   {{"vocab_size", words}, {"max_position_embeddings", 77}}),
       text(words, is_smallest ? 8 : 77), 8}};
  all.push_back({"deit", transformer("deit", width, layers, patches), picture(side), 4});
  all.push_back({"siglip_vision", transformer("siglip_vision_model", width, layers, patches),
                 picture(side), 4});
  add_texts(is_smallest, &all);
  add_convolutional(is_smallest, &all);
  add_long(is_smallest, &all);
  return all;
}

}  // namespace braid::bench
