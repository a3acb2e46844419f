// Published checkpoints at the sizes people use, with random weights: seconds and memory to load
// one, samples a second through it, beside libtorch's stock modules of the same shape. Prints CSV.
#include <fmt/core.h>
#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "bench/commit.h"
#include "bench/in_turn.h"
#include "core/error.h"
#include "core/file.h"
#include "encoders/checkpoint_family.h"
#include "formats/checkpoint.h"
#include "model/random_input.h"
#include "model/start.h"
#include "ops/random.h"

namespace braid::bench {
namespace {

namespace nn = torch::nn;
using data::Kind;

struct Subject {
  const char* name;
  Json config;  // config.json
  data::ModalitySpec spec;
  int64_t rows;
};

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

// Those without a stock module of libtorch's to compare with, and the larger inputs.
void add_more(bool is_smallest, std::vector<Subject>* all) {
  const int64_t width = is_smallest ? 64 : 768, layers = is_smallest ? 2 : 12;
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
  all->push_back({"wav2vec2",
                  transformer("wav2vec2", width, layers,
                              {{"conv_dim", std::vector<int>(7, is_smallest ? 16 : 512)},
                               {"conv_kernel", {10, 3, 3, 3, 3, 2, 2}},
                               {"conv_stride", {5, 2, 2, 2, 2, 2, 2}},
                               {"feat_extract_norm", "group"},
                               {"num_conv_pos_embeddings", is_smallest ? 16 : 128},
                               {"num_conv_pos_embedding_groups", is_smallest ? 4 : 16}}),
                  sound(1, is_smallest ? 4000 : 80000), 1});
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

// Base sizes; with `is_smallest` the same kinds of model, a hundredth of the work.
std::vector<Subject> subjects(bool is_smallest) {
  const int64_t width = is_smallest ? 64 : 768, layers = is_smallest ? 2 : 12;
  const int64_t side = is_smallest ? 32 : 224;
  const int64_t words = is_smallest ? 1000 : 30522;
  const Json positions = {{"vocab_size", words}, {"max_position_embeddings", 512}};
  const Json patches = {{"patch_size", 16}, {"image_size", side}};
  std::vector<Subject> all = {
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
  add_more(is_smallest, &all);
  return all;
}

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  double pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * 4096 / (1 << 20);
}

// A folder with the subject's config.json and random weights.
void write_folder(const Subject& subject, const std::string& folder) {
  const encoders::Method& method =
      encoders::find_for(subject.config["model_type"], subject.spec.kind, subject.name);
  const encoders::Published published{subject.config, [](const std::string&) { return false; }};
  const ops::InitScope init(1);
  const auto encoder =
      method.make(method.family().config_of(published, subject.name), subject.name, subject.spec);
  std::vector<at::Tensor> storage;
  formats::write_checkpoint(folder, encoders::published_state(*encoder, method.family(), &storage),
                            {});
  write_file_atomically(folder + "/config.json", subject.config.dump());
  if (subject.spec.kind == Kind::image)
    write_file_atomically(
        folder + "/preprocessor_config.json",
        Json{{"image_processor_type", "ViTImageProcessor"},
             {"size", {{"height", subject.spec.height}, {"width", subject.spec.width}}}}
            .dump());
}

// As many post-norm layers of libtorch's own, of the same width, heads and MLP.
struct Stock {
  nn::TransformerEncoder layers{nullptr};
  at::Tensor tokens;  // [T, B, D]
};

Stock stock_of(const Subject& subject, int64_t tokens) {
  if (!subject.config.contains("hidden_size")) return {};
  const int64_t width = subject.config["hidden_size"];
  const auto layer =
      nn::TransformerEncoderLayerOptions(width, subject.config["num_attention_heads"])
          .dim_feedforward(subject.config["intermediate_size"].get<int64_t>())
          .activation(torch::kGELU)
          .dropout(0);
  Stock stock;
  stock.layers = nn::TransformerEncoder(
      nn::TransformerEncoderOptions(layer, subject.config["num_hidden_layers"].get<int64_t>()));
  stock.layers->eval();
  stock.tokens = at::randn({tokens, subject.rows, width});
  return stock;
}

// BERT is what libtorch has a module for: with its parameters both have to agree.
void check_against_stock(encoders::Encoder& encoder, const Input& input, Stock* stock) {
  const torch::NoGradGuard no_grad;
  const auto from = encoder.named_parameters();
  auto to = stock->layers->named_parameters();
  const auto copy = [&](const std::string& name, const at::Tensor& value) {
    to[name].copy_(value);
  };
  const int64_t layers = static_cast<int64_t>(stock->layers->layers->size());
  for (int64_t i = 0; i < layers; ++i) {
    const std::string a = fmt::format("stack.blocks.{}.", i), b = fmt::format("layers.{}.", i);
    copy(b + "self_attn.in_proj_weight",
         at::cat({from[a + "query.weight"], from[a + "key.weight"], from[a + "value.weight"]}));
    copy(b + "self_attn.in_proj_bias",
         at::cat({from[a + "query.bias"], at::zeros_like(from[a + "query.bias"]),
                  from[a + "value.bias"]}));
    for (const auto& [ours, theirs] :
         std::vector<std::pair<std::string, std::string>>{{"out", "self_attn.out_proj"},
                                                          {"up", "linear1"},
                                                          {"down", "linear2"},
                                                          {"norm1", "norm1"},
                                                          {"norm2", "norm2"}})
      for (const char* part : {".weight", ".bias"}) copy(b + theirs + part, from[a + ours + part]);
  }
  encoder.wants_hidden = true;
  const Encoded encoded = encoder.forward(input);
  encoder.wants_hidden = false;
  const at::Tensor stocks = stock->layers(encoded.hidden.at(0).transpose(0, 1)).transpose(0, 1);
  const double worst = (stocks - encoded.tokens).abs().max().item<double>();
  BRAID_CHECK(worst < 1e-3, internal, "bert: expected libtorch's own numbers, got {} beside them",
              worst);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void time_subject(const Subject& subject, bool is_smallest) {
  const TemporaryFolder folder;
  const std::string path = folder / subject.name;
  make_folders(path);
  write_folder(subject, path);
  const auto load = [&](std::shared_ptr<encoders::Encoder>* encoder) {
    const double begin = now_s();
    const auto start = model::Start::open(path, "", Json::object(), subject.spec, subject.name);
    *encoder = start.method().make(start.config(), subject.name, subject.spec);
    start.fill(**encoder);
    return now_s() - begin;
  };
  std::shared_ptr<encoders::Encoder> encoder;
  std::vector<double> loads;
  ::malloc_trim(/*pad=*/0);  // what earlier subjects left
  const double before = resident_mb();
  loads.push_back(load(&encoder));
  const double loaded_mb = resident_mb() - before;
  for (int i = 0; i < (is_smallest ? 1 : 4); ++i) {
    std::shared_ptr<encoders::Encoder> again;
    loads.push_back(load(&again));
  }
  encoder->eval();
  int64_t parameters = 0;
  for (const at::Tensor& parameter : encoder->parameters()) parameters += parameter.numel();
  const Input input = model::random_input(subject.spec, subject.rows);
  Stock stock = stock_of(subject, encoder->max_tokens());
  if (std::string(subject.name) == "bert") check_against_stock(*encoder, input, &stock);
  const auto ours = [&](int64_t) {
    const c10::InferenceMode inference;
    encoder->forward(input);
  };
  const auto theirs = [&](int64_t) {
    const c10::InferenceMode inference;
    stock.layers(stock.tokens);
  };
  const int rounds = is_smallest ? 1 : 7;
  const auto rows = static_cast<double>(subject.rows);
  for (int threads : {1, 2}) {
    at::set_num_threads(threads);
    std::string rates;
    if (stock.layers.is_empty()) {
      rates = fmt::format("{:.2f},,", rows * rate(/*num_items=*/1, rounds, ours));
    } else {
      const Rates both = in_turn(/*num_items=*/1, rounds, ours, theirs);
      rates = fmt::format("{:.2f},{:.2f},{:.2f}", rows * both.per_s, rows * both.bare_per_s,
                          both.share);
    }
    fmt::print("{},{},{:.1f},{:.3f},{:.1f},{},{},{},{}\n", subject.name, encoder->max_tokens(),
               static_cast<double>(parameters) / 1e6, median(loads), loaded_mb, subject.rows,
               threads, rates, commit());
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc == 2 && std::string(argv[1]) == "--smallest";
  try {
    if (argc > 3 && std::string(argv[1]) == "--write") {  // --write FAMILY FOLDER
      for (const auto& subject : braid::bench::subjects(is_smallest))
        if (std::string(subject.name) == argv[2]) braid::bench::write_folder(subject, argv[3]);
      return 0;
    }
    if (argc > 1 && !is_smallest) {
      fmt::print(stderr, "usage: braid_bench_pretrained [--smallest | --write FAMILY FOLDER]\n");
      return 2;
    }
    fmt::print(
        "family,tokens,million_parameters,load_s,loaded_mb,rows,threads,per_s,stock_per_s,of_stock,"
        "commit\n");
    for (const auto& subject : braid::bench::subjects(is_smallest))
      braid::bench::time_subject(subject, is_smallest);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
