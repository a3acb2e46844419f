// Small modalities and batches for the encoder tests.
#pragma once
#include <torch/torch.h>

#include <vector>

#include "encoders/encoder.h"
#include "layers/layers.h"
#include "ops/random.h"

namespace braid::encoders::examples {

using data::Kind;
using data::ModalitySpec;

inline std::vector<Kind> kinds() {
  return {Kind::text,   Kind::image,  Kind::audio,     Kind::video,
          Kind::series, Kind::volume, Kind::embedding, Kind::tabular};
}

inline ModalitySpec spec(Kind kind) {
  ModalitySpec spec;
  spec.name = "example";
  spec.kind = kind;
  switch (kind) {
    case Kind::text:
      spec.vocabulary = 12;
      spec.max_length = 6;
      break;
    case Kind::image:
      spec.channels = 2;
      spec.height = 10;
      spec.width = 8;
      break;
    case Kind::audio:
      spec.features = 6;
      spec.max_length = 13;  // rows of 13, 12 and 11 frames: padding to fours differs
      break;
    case Kind::video:
      spec.channels = 2;
      spec.height = 7;
      spec.width = 6;
      spec.max_length = 5;
      break;
    case Kind::series:
      spec.features = 2;
      spec.max_length = 9;
      spec.step_s = 0.5;
      spec.field_names = {"x", "y"};
      break;
    case Kind::volume:
      spec.channels = 1;
      spec.depth = 6;
      spec.height = spec.width = 5;
      break;
    case Kind::embedding:
      spec.features = 5;
      spec.max_length = 4;
      break;
    default:
      spec.features = 3;
      spec.categories = {4, 3};
      spec.field_names = {"a", "b", "c", "d", "e"};
  }
  return spec;
}

inline bool is_sequence(const ModalitySpec& spec) { return spec.max_length > 1; }

/// Random values in every place, every sample present, row i with max_length - i % 3 real tokens,
/// every third number missing.
inline Input batch(const ModalitySpec& spec, int64_t rows, uint64_t seed = 1,
                   at::ScalarType type = at::kFloat) {
  auto random = at::detail::createCPUGenerator(seed);
  const auto real = at::TensorOptions(type);
  const int64_t length = spec.max_length;
  Input input;
  input.present = at::ones({rows}, at::kBool);
  if (spec.kind == Kind::image)
    input.values = at::randn({rows, spec.channels, spec.height, spec.width}, random, real);
  if (spec.kind == Kind::volume)
    input.values = at::randn({rows, 1, spec.depth, spec.height, spec.width}, random, real);
  if (spec.kind == Kind::video)
    input.values = at::randn({rows, length, spec.channels, spec.height, spec.width}, random, real);
  if (spec.kind == Kind::series) {
    // Uneven steps; the first tick of a row is observed, as rows of one tick are tested.
    input.observed = at::arange(rows * length * spec.features)
                         .remainder(5)
                         .ne(3)
                         .view({rows, length, spec.features});
    input.observed.slice(/*dim=*/1, 0, 1).fill_(true);
    input.times = at::rand({rows, length}, random, real).cumsum(/*dim=*/1);
    input.times = input.times - input.times.slice(/*dim=*/1, 0, 1);
  }
  if (spec.kind == Kind::audio || spec.kind == Kind::embedding || spec.kind == Kind::series)
    input.values = at::randn({rows, length, spec.features}, random, real);
  if (spec.kind == Kind::text)
    input.ids = at::randint(/*low=*/1, spec.vocabulary, {rows, length}, random, at::kLong);
  if (is_sequence(spec)) {
    input.mask = at::ones({rows, length}, at::kBool);
    for (int64_t row = 0; row < rows; ++row)
      input.mask[row].slice(/*dim=*/0, length - row % 3, length).fill_(false);
  }
  if (spec.kind == Kind::tabular) {
    input.values = at::randn({rows, spec.features}, random, real);
    input.observed = at::arange(rows * spec.features).remainder(3).ne(2).view({rows, -1});
    std::vector<at::Tensor> columns;
    for (int64_t num_ids : spec.categories)
      columns.push_back(at::randint(num_ids, {rows}, random, at::kLong));
    input.ids = at::stack(columns, /*dim=*/1);
  }
  return input;
}

/// Row `row` of `input` alone, cut to `length` tokens where it has a time axis and `length` > 0.
inline Input row_of(const Input& input, int64_t row, int64_t length = 0) {
  const auto take = [&](const at::Tensor& x, bool has_time) {
    if (!x.defined()) return x;
    const at::Tensor one = x.slice(/*dim=*/0, row, row + 1);
    return has_time && length > 0 ? one.slice(/*dim=*/1, 0, length).contiguous() : one.contiguous();
  };
  const bool has_time = input.mask.defined();
  Input one;
  one.values = take(input.values, has_time);
  one.ids = take(input.ids, has_time);
  one.mask = take(input.mask, has_time);
  one.observed = take(input.observed, has_time);
  one.times = take(input.times, has_time);
  one.present = take(input.present, /*has_time=*/false);
  one.scale = take(input.scale, has_time);
  return one;
}

/// The registered encoder `name` with `config`, in eval mode, from a fixed seed.
inline std::shared_ptr<Encoder> made(const char* name, const Json& config, const ModalitySpec& spec,
                                     at::ScalarType type = at::kFloat) {
  const ops::InitScope init(1);
  auto encoder = find(name).make(config, "encoders.example", spec);
  encoder->to(type);
  encoder->eval();
  return encoder;
}

/// Sets the parameter `name` of `module`.
inline void set(torch::nn::Module& module, const std::string& name, const at::Tensor& value) {
  torch::NoGradGuard no_grad;
  at::Tensor parameter = module.named_parameters()[name];
  parameter.copy_(value.expand_as(parameter));
}

/// The mean over each row's real tokens of what the first Transformer block makes of x (B, T, D).
inline at::Tensor mean_after_first_block(Encoder& encoder, const at::Tensor& x,
                                         const at::Tensor& mask) {
  const auto block = encoder.named_modules()["blocks.blocks.0"];
  const at::Tensor y = block->as<layers::TransformerBlock>()->forward(x, x, mask);
  std::vector<at::Tensor> means;
  for (int64_t row = 0; row < x.size(0); ++row) {
    at::Tensor sum = at::zeros({x.size(2)});
    int64_t count = 0;
    for (int64_t t = 0; t < x.size(1); ++t) {
      if (!mask[row][t].item<bool>()) continue;
      sum = sum + y[row][t];
      ++count;
    }
    means.push_back(sum / count);
  }
  return at::stack(means);  // [B, D]
}

/// A mask without gaps.
inline at::Tensor all_true(std::vector<int64_t> sizes) { return at::ones(sizes, at::kBool); }

}  // namespace braid::encoders::examples
