// Block-term fusion: several low-rank products, each of its own part of the projections.
#include "core/error.h"
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t blocks = 4;
  int64_t width = 16;
  int64_t joined = 16;
  int64_t rank = 4;
  template <class V>
  void visit(V& v) {
    v("blocks", blocks, at_least(1),
      "blocks of the core; the joined vector has blocks * joined numbers");
    v("width", width, at_least(1), "width of each modality's projection in a block");
    v("joined", joined, at_least(1), "numbers that a block gives");
    v("rank", rank, at_least(1), "products summed in a block; at most width");
    VectorConfig::visit(v);
  }
};

/// y_m = W_m z_m + b_m in `blocks` parts y_m,c; block c gives unit(signed_sqrt(sum over r of
/// product over m of (V_m,c,r y_m,c + d_m,c,r))); joined = all blocks side by side.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * blocks * width * (sum of D + M * rank * joined) multiply-adds.
/// Errors   config: rank above width, which the core's slices cannot have.
/// Source   Ben-younes et al. 2019 (BLOCK), arXiv:1902.00038.
class Block : public VectorFusion {
 public:
  Block(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.blocks * config.joined), config_(config) {
    check_several(context, where);
    BRAID_CHECK(config.rank <= config.width, config,
                "{}.rank: expected at most width ({}), got {}; lower it", where, config.width,
                config.rank);
    inputs_ = register_maps(this, "inputs", context, config.blocks * config.width);
    Context projected = context;
    projected.widths.assign(context.widths.size(), config.width);
    auto blocks = register_folder(this, "blocks");
    for (int64_t c = 0; c < config.blocks; ++c)
      products_.push_back(
          register_maps(blocks.get(), std::to_string(c), projected, config.rank * config.joined));
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    const std::vector<Tensor> projected = map_each(inputs_, vectors);  // each [B, blocks * width]
    std::vector<Tensor> joined;
    for (int64_t c = 0; c < config_.blocks; ++c) {
      std::vector<Tensor> own;
      for (const Tensor& all : projected)
        own.push_back(all.narrow(/*dim=*/1, c * config_.width, config_.width));
      const Tensor product =
          product_of(map_each(products_[static_cast<size_t>(c)], own));  // [B, rank * joined]
      const Tensor sum = product.view({product.size(0), config_.rank, -1}).sum(/*dim=*/1);
      joined.push_back(unit_rows(signed_sqrt(sum)));
    }
    return at::cat(joined, /*dim=*/1);  // [B, blocks * joined]
  }

 private:
  const Config config_;
  std::vector<layers::Linear> inputs_;
  std::vector<std::vector<layers::Linear>> products_;  // [block][modality]
};

}  // namespace

extern const Method block = {
    "block",
    "Block-term fusion: several low-rank products of parts of the projections, side by side.",
    "Ben-younes et al. 2019, arXiv:1902.00038",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Between mlb and tucker: several low-rank products side by side.",
    describe_config<Config>,
    make_from<Block, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
