#include "encoders/swin_stage.h"

#include "core/error.h"

namespace braid::encoders {
namespace {

constexpr double kApart = -100;  // added to the scores of tokens that are no neighbours

// Which row of the table each pair of a window's tokens has. Shapes   -> (w^2 * w^2).
Tensor relative_places(int64_t window, c10::Device device) {
  const Tensor all = at::arange(window * window, at::TensorOptions(at::kLong).device(device));
  const auto between = [&](const Tensor& place) {
    return place.unsqueeze(1) - place.unsqueeze(0) + (window - 1);
  };
  return (between(all.div(window, "floor")) * (2 * window - 1) + between(all.remainder(window)))
      .flatten();
}

// x (B, side, side, D) -> (B * windows, w^2, D)
Tensor into_windows(const Tensor& x, int64_t window) {
  const int64_t B = x.size(0), num = x.size(1) / window, D = x.size(3);
  return x.reshape({B, num, window, num, window, D})
      .transpose(2, 3)
      .reshape({B * num * num, window * window, D});
}

// (B * windows, w^2, D) -> (B, side, side, D)
Tensor out_of_windows(const Tensor& x, int64_t window, int64_t side) {
  const int64_t num = side / window, D = x.size(2);
  return x.reshape({-1, num, num, window, window, D}).transpose(2, 3).reshape({-1, side, side, D});
}

// Bias between the tokens of each shifted window: those that wrapped around the grid's end are no
// neighbours of the others. Shapes   -> (windows, w^2, w^2).
Tensor apart_bias(const SwinStageShape& shape, int64_t shift, const Tensor& like) {
  const Tensor place = at::arange(shape.side, like.options().dtype(at::kLong).requires_grad(false));
  // The windows before the last one, the last one's own places and those that wrapped.
  const Tensor region = place.ge(shape.side - shape.window).to(at::kLong) +
                        place.ge(shape.side - shift).to(at::kLong);
  const Tensor regions =
      (region.unsqueeze(1) * 3 + region.unsqueeze(0)).view({1, shape.side, shape.side, 1});
  const Tensor tokens = into_windows(regions, shape.window).squeeze(2);  // [windows, w^2]
  return tokens.unsqueeze(1).ne(tokens.unsqueeze(2)).to(like.dtype()) * kApart;
}

class SwinBlockImpl : public torch::nn::Module {
 public:
  SwinBlockImpl(const StackConfig& config, const SwinStageShape& shape, int64_t shift)
      : shape_(shape), shift_(shift) {
    block_ = register_module("block", TransformerStack(config, StackShape{}));
    const int64_t span = 2 * shape.window - 1;
    relative_bias_ =
        register_parameter("relative_bias", 0.02 * torch::randn({span * span, config.heads}));
  }

  Tensor forward(const Tensor& x) {
    const int64_t B = x.size(0), w = shape_.window, D = x.size(2);
    Tensor grid = x.view({B, shape_.side, shape_.side, D});
    if (shift_ > 0) grid = grid.roll({-shift_, -shift_}, {1, 2});
    const Tensor windows = into_windows(grid, w);  // [B * windows, w^2, D]
    const Tensor mask =
        at::ones({windows.size(0), w * w}, windows.options().dtype(at::kBool).requires_grad(false));
    grid = out_of_windows(block_(windows, mask, bias(B)), w, shape_.side);
    if (shift_ > 0) grid = grid.roll({shift_, shift_}, {1, 2});
    return grid.reshape(x.sizes());
  }

 private:
  // Shapes   -> (1 or B * windows, H, w^2, w^2).
  Tensor bias(int64_t batch) const {
    const int64_t tokens = shape_.window * shape_.window, H = relative_bias_.size(1);
    const Tensor learned =
        relative_bias_
            .index_select(/*dim=*/0, relative_places(shape_.window, relative_bias_.device()))
            .view({1, tokens, tokens, H})
            .permute({0, 3, 1, 2});
    if (shift_ == 0) return learned;
    const Tensor apart = apart_bias(shape_, shift_, relative_bias_).unsqueeze(1);
    return (learned + apart).repeat({batch, 1, 1, 1});
  }

  const SwinStageShape shape_;
  const int64_t shift_;
  TransformerStack block_{nullptr};
  Tensor relative_bias_;
};

}  // namespace

SwinStageImpl::SwinStageImpl(StackConfig config, const SwinStageShape& shape) : shape_(shape) {
  BRAID_ASSERT(shape.window > 0 && shape.side % shape.window == 0);
  config.layers = 1;
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int64_t i = 0; i < shape.depth; ++i) {
    // One window that is the whole grid has nowhere to move to.
    const bool is_shifted = i % 2 == 1 && shape.window < shape.side;
    blocks_->push_back(
        std::make_shared<SwinBlockImpl>(config, shape, is_shifted ? shape.window / 2 : 0));
  }
  if (!shape.merges) return;
  const int64_t D = config.width;
  merge_norm_ = register_module("merge_norm", layers::LayerNorm(4 * D));
  merge_ =
      register_module("merge", layers::Linear(torch::nn::LinearOptions(4 * D, 2 * D).bias(false)));
}

Tensor SwinStageImpl::forward(Tensor x) {
  for (const auto& block : *blocks_) x = block->as<SwinBlockImpl>()->forward(x);
  return x;
}

Tensor SwinStageImpl::merge(const Tensor& x) {
  const int64_t B = x.size(0), half = shape_.side / 2, D = x.size(2);
  // Column by column of each 2 x 2.
  const Tensor quads =
      x.view({B, half, 2, half, 2, D}).permute({0, 1, 3, 4, 2, 5}).reshape({B, half * half, 4 * D});
  return merge_(merge_norm_(quads));
}

std::vector<NameRule> with_swin_rules(std::vector<NameRule> others, const std::string& ours,
                                      const std::string& theirs) {
  const std::string block = theirs + ".{}.blocks.{}";
  others.push_back({ours + ".{}.blocks.{}.relative_bias",
                    block + ".attention.self.relative_position_bias_table"});
  others.push_back({ours + ".{}.merge_norm", theirs + ".{}.downsample.norm"});
  others.push_back({ours + ".{}.merge", theirs + ".{}.downsample.reduction"});
  return with_stack_rules(
      std::move(others), ours + ".{}.blocks.{}.block", block,
      {"layernorm_before", "attention.self.query", "attention.self.key", "attention.self.value",
       "attention.output.dense", "layernorm_after", "intermediate.dense", "output.dense"});
}

}  // namespace braid::encoders
