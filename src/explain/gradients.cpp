#include "explain/gradients.h"

#include <torch/torch.h>

#include <cmath>

#include "explain/score.h"

namespace braid::explain {
namespace {

// One of `steps` pieces of the path: its middle and its length, as shares of the path. Pieces near
// the baseline are the shorter ones: where a layer normalises, an input of little more than zeros
// is already what it is at the end, and all of the change is there.
struct Piece {
  double at, length;
};
Piece piece(int64_t k, int64_t steps) {
  const auto place = [steps](double at) { return std::pow(at / static_cast<double>(steps), 3); };
  const auto begin = static_cast<double>(k);
  return {place(begin + 0.5), place(begin + 1) - place(begin)};
}

// Gradients of the rows' scores with respect to `leaves`; zeros where nothing depends on them.
std::vector<Tensor> gradients_of(const Tensor& scores, const std::vector<Tensor>& leaves) {
  std::vector<Tensor> made;
  if (scores.requires_grad())
    made = torch::autograd::grad({scores.sum()}, leaves, /*grad_outputs=*/{},
                                 /*retain_graph=*/c10::nullopt, /*create_graph=*/false,
                                 /*allow_unused=*/true);
  else
    made.resize(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i)
    if (!made[i].defined()) made[i] = at::zeros_like(leaves[i]);
  return made;
}

// The inputs at `share` of the way from the baseline.
std::vector<Input> on_the_path(const std::vector<Input>& inputs, double share,
                               std::vector<Tensor>* leaves) {
  std::vector<Input> made = inputs;
  for (Input& input : made) {
    if (input.values.defined()) {
      input.values = (input.values * share).detach().set_requires_grad(true);
      leaves->push_back(input.values);
    }
    if (input.ids.defined()) {
      const auto real = input.present.options().dtype(at::kFloat);
      input.scale = at::full(input.ids.sizes(), share, real).set_requires_grad(true);
      leaves->push_back(input.scale);
    }
  }
  return made;
}

Tensor score_at(model::Model& model, const std::vector<Input>& inputs, double share,
                const Tensor& outputs) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> leaves;
  return score_of(model, model.forward(on_the_path(inputs, share, &leaves)).output, outputs);
}

Attributions with_steps(model::Model& model, const std::vector<Input>& inputs,
                        const Tensor& outputs, int64_t steps) {
  std::vector<Tensor> sums;
  for (int64_t k = 0; k < steps; ++k) {
    const Piece part = piece(k, steps);
    std::vector<Tensor> leaves;
    const std::vector<Input> there = on_the_path(inputs, part.at, &leaves);
    const std::vector<Tensor> slopes =
        gradients_of(score_of(model, model.forward(there).output, outputs), leaves);
    for (size_t i = 0; i < slopes.size(); ++i)
      if (k == 0)
        sums.push_back(slopes[i].detach() * part.length);
      else
        sums[i] = sums[i] + slopes[i].detach() * part.length;
  }
  Attributions made;
  made.steps = steps;
  Tensor total = at::zeros({outputs.size(0)}, outputs.options().dtype(at::kDouble));
  size_t next = 0;
  const auto add = [&](const Tensor& part) {
    if (part.numel() > 0)
      total = total + part.to(at::kDouble).flatten(/*start_dim=*/1).sum(/*dim=*/1);
    return part;
  };
  for (const Input& input : inputs) {
    Attribution one;
    if (input.values.defined()) one.values = add(input.values * sums[next++]);
    if (input.ids.defined()) one.scale = add(sums[next++]);
    made.modalities.push_back(one);
  }
  made.score = score_at(model, inputs, /*share=*/1, outputs);
  made.baseline = score_at(model, inputs, /*share=*/0, outputs);
  made.gap = (total - (made.score - made.baseline)).abs();
  return made;
}

}  // namespace

Attributions integrated_gradients(model::Model& model, const std::vector<Input>& inputs,
                                  const Tensor& outputs, const GradientOptions& options) {
  const at::AutoGradMode gradients(true);
  model.eval();
  for (int64_t steps = options.steps;; steps *= 2) {
    Attributions made = with_steps(model, inputs, outputs, steps);
    const double largest = (made.score - made.baseline).abs().max().item<double>();
    if (2 * steps > options.most_steps ||
        made.gap.max().item<double>() <= options.tolerance * largest)
      return made;
  }
}

Tensor token_gradients(model::Model& model, const std::vector<Encoded>& encoded,
                       const Tensor& outputs, int64_t steps) {
  const at::AutoGradMode gradients(true);
  model.eval();
  std::vector<Tensor> sums(encoded.size());
  for (int64_t k = 0; k < steps; ++k) {
    const Piece part = piece(k, steps);
    std::vector<Encoded> there = encoded;
    std::vector<Tensor> leaves;
    for (Encoded& e : there) {
      e.tokens = (e.tokens * part.at).detach().set_requires_grad(true);
      leaves.push_back(e.tokens);
    }
    const std::vector<Tensor> slopes =
        gradients_of(score_of(model, model.fusion().forward(there).output, outputs), leaves);
    for (size_t m = 0; m < sums.size(); ++m)
      sums[m] =
          k == 0 ? slopes[m].detach() * part.length : sums[m] + slopes[m].detach() * part.length;
  }
  std::vector<Tensor> parts;
  for (size_t m = 0; m < sums.size(); ++m)
    parts.push_back((encoded[m].tokens.detach() * sums[m]).sum(/*dim=*/2));
  return at::cat(parts, /*dim=*/1);  // [B, tokens]
}

}  // namespace braid::explain
