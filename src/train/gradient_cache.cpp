#include "train/gradient_cache.h"

#include <algorithm>

#include "ops/random.h"

namespace braid::train {
namespace {

using at::Tensor;

struct Chunk {
  int64_t begin, size;
  uint64_t seed;  // of what the encoders draw
};

std::vector<Chunk> chunks_of(int64_t rows, int64_t chunk, const Rng& rng) {
  const int64_t size = chunk > 0 ? std::min(chunk, rows) : rows;
  std::vector<Chunk> chunks;
  for (int64_t begin = 0; begin < rows; begin += size)
    chunks.push_back({begin, std::min(size, rows - begin),
                      rng.fork("chunk").fork(static_cast<uint64_t>(chunks.size())).bits()});
  return chunks;
}

std::vector<model::Embedded> embed(model::SharedSpace& space, const std::vector<Input>& inputs,
                                   const Chunk& chunk) {
  const ops::RandomScope random(chunk.seed);
  std::vector<model::Embedded> made;
  for (size_t m = 0; m < inputs.size(); ++m)
    made.push_back(space.embed(rows_of(inputs[m], chunk.begin, chunk.size), m));
  return made;
}

// The mean of the members' losses: each learns from what it says itself.
Tensor loss_of(model::SharedSpace& space, const Contrast& contrast,
               const ContrastOptions& options) {
  const int64_t members = space.config().members;
  Tensor sum;
  for (int64_t member = 0; member < members; ++member) {
    Contrast own = contrast;
    for (Tensor& rows : own.rows) rows = space.member_rows(rows, member);
    const Tensor loss = contrastive_loss(own, space.logit_scale(), space.logit_bias(), options);
    if (!loss.defined()) return loss;
    sum = sum.defined() ? sum + loss : loss;
  }
  return members > 1 ? sum / static_cast<double>(members) : sum;
}

// Embeddings of all chunks, each a leaf whose gradient the loss will fill.
Contrast embed_without_gradients(model::SharedSpace& space, const std::vector<Input>& inputs,
                                 const std::vector<Chunk>& chunks) {
  std::vector<std::vector<Tensor>> rows(inputs.size()), present(inputs.size());
  {
    const torch::NoGradGuard no_grad;
    for (const Chunk& chunk : chunks) {
      const std::vector<model::Embedded> made = embed(space, inputs, chunk);
      for (size_t m = 0; m < made.size(); ++m) {
        rows[m].push_back(made[m].rows);
        present[m].push_back(made[m].present);
      }
    }
  }
  Contrast contrast;
  for (size_t m = 0; m < inputs.size(); ++m) {
    contrast.rows.push_back(at::cat(rows[m]).requires_grad_());
    contrast.present.push_back(at::cat(present[m]));
  }
  return contrast;
}

}  // namespace

Input rows_of(const Input& input, int64_t begin, int64_t size) {
  const auto part = [&](const Tensor& all) {
    return all.defined() ? all.slice(/*dim=*/0, begin, begin + size) : all;
  };
  return {part(input.values),   part(input.ids),     part(input.mask),
          part(input.observed), part(input.times),   part(input.present),
          part(input.scale),    part(input.encoded), part(input.types)};
}

std::optional<double> contrastive_step(model::SharedSpace& space, const std::vector<Input>& inputs,
                                       const std::vector<Tensor>& keys,
                                       const ContrastOptions& options, int64_t chunk,
                                       const Rng& rng) {
  const std::vector<Chunk> chunks = chunks_of(inputs[0].present.size(0), chunk, rng);
  if (chunks.size() == 1) {
    Contrast contrast;
    contrast.keys = keys;
    for (model::Embedded& made : embed(space, inputs, chunks[0])) {
      contrast.rows.push_back(made.rows);
      contrast.present.push_back(made.present);
    }
    const Tensor loss = loss_of(space, contrast, options);
    if (!loss.defined()) return std::nullopt;
    loss.backward();
    return loss.item<double>();
  }
  Contrast contrast = embed_without_gradients(space, inputs, chunks);
  contrast.keys = keys;
  const Tensor loss = loss_of(space, contrast, options);
  if (!loss.defined()) return std::nullopt;
  loss.backward();
  for (const Chunk& one : chunks) {
    const std::vector<model::Embedded> made = embed(space, inputs, one);
    std::vector<Tensor> roots, gradients;
    for (size_t m = 0; m < made.size(); ++m) {
      const Tensor& gradient = contrast.rows[m].grad();
      if (!made[m].rows.requires_grad() || !gradient.defined()) continue;
      roots.push_back(made[m].rows);
      gradients.push_back(gradient.slice(/*dim=*/0, one.begin, one.begin + one.size));
    }
    if (!roots.empty()) torch::autograd::backward(roots, gradients);
  }
  return loss.item<double>();
}

}  // namespace braid::train
