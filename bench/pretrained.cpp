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
#include "bench/published_subjects.h"
#include "bench/stock_layers.h"
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

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  double pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * 4096 / (1 << 20);
}

// A folder with the subject's config.json and random weights.
void write_folder(const PublishedSubject& subject, const std::string& folder) {
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

// Libtorch's own modules for the same work: the same convolutions, and as many post-norm layers of
// the same width, heads and MLP. Neither for the rest.
struct Stock {
  nn::Sequential convolutions{nullptr};
  nn::TransformerEncoder layers{nullptr};
  at::Tensor picture;  // (B, C, H, W), or a wave (B, 1, samples)
  at::Tensor tokens;   // (T, B, D)
  void forward() {
    if (!convolutions.is_empty()) convolutions->forward(picture);
    if (!layers.is_empty()) layers(tokens);
  }
  bool is_there() const { return !layers.is_empty() || !convolutions.is_empty(); }
};

Stock stock_of(const PublishedSubject& subject, int64_t tokens) {
  const Json& config = subject.config;
  Stock stock;
  if (config["model_type"] == "resnet") {
    stock.convolutions =
        stock_resnet(config["embedding_size"], config["hidden_sizes"], config["depths"]);
    stock.picture = at::randn({subject.rows, 3, subject.spec.height, subject.spec.width});
    return stock;
  }
  if (config.contains("conv_kernel")) {
    stock.convolutions = stock_wave_features(
        config["conv_dim"][0], config["conv_kernel"], config["conv_stride"], config["hidden_size"],
        config["num_conv_pos_embeddings"], config["num_conv_pos_embedding_groups"]);
    stock.picture = at::randn({subject.rows, 1, subject.spec.max_length});
  }
  // Width, layers, heads and width of the MLP, as the families call them.
  const std::vector<std::vector<const char*>> names = {
      {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"},
      {"dim", "n_layers", "n_heads", "hidden_dim"},
      {"d_model", "encoder_layers", "encoder_attention_heads", "encoder_ffn_dim"}};
  for (const std::vector<const char*>& name : names) {
    if (!config.contains(name[3])) continue;
    stock.layers =
        stock_transformer(config[name[0]], config[name[2]], config[name[3]], config[name[1]]);
    stock.tokens = at::randn({tokens, subject.rows, config[name[0]].get<int64_t>()});
  }
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

void time_subject(const PublishedSubject& subject, bool is_smallest) {
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
  if (subject.name == "bert") check_against_stock(*encoder, input, &stock);
  const auto ours = [&](int64_t) {
    const c10::InferenceMode inference;
    encoder->forward(input);
  };
  const auto theirs = [&](int64_t) {
    const c10::InferenceMode inference;
    stock.forward();
  };
  const int rounds = is_smallest ? 1 : 7;
  const auto rows = static_cast<double>(subject.rows);
  for (int threads : {1, 2}) {
    at::set_num_threads(threads);
    std::string rates;
    if (!stock.is_there()) {
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
  const std::vector<std::string> args(argv + 1, argv + argc);
  const bool is_smallest = args == std::vector<std::string>{"--smallest"};
  const std::vector<braid::bench::PublishedSubject> all =
      braid::bench::published_subjects(is_smallest);
  const auto is_family = [&](const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const auto& s) { return s.name == name; });
  };
  try {
    if (args.size() == 3 && args[0] == "--write" && is_family(args[1])) {
      for (const auto& subject : all)
        if (subject.name == args[1]) braid::bench::write_folder(subject, args[2]);
      return 0;
    }
    if (!is_smallest && !std::all_of(args.begin(), args.end(), is_family)) {
      fmt::print(stderr,
                 "usage: braid_bench_pretrained [--smallest | --write FAMILY FOLDER | FAMILY ...]\n"
                 "families:");
      for (const auto& subject : all) fmt::print(stderr, " {}", subject.name);
      fmt::print(stderr, "\n");
      return 2;
    }
    fmt::print(
        "family,tokens,million_parameters,load_s,loaded_mb,rows,threads,per_s,stock_per_s,of_stock,"
        "commit\n");
    for (const auto& subject : all)
      if (is_smallest || args.empty() || std::count(args.begin(), args.end(), subject.name) > 0)
        braid::bench::time_subject(subject, is_smallest);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
