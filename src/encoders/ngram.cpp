// A bag of hashed n-grams: linear in its tables, so that a linear model on top is one over n-grams.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"
#include "ops/embedding_bag.h"

namespace braid::encoders {

extern const Method ngram;

namespace {

struct Config {
  int64_t width = 64;
  int64_t order = 2;
  int64_t buckets = 4096;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096),
      "D of the pooled vector; the rank of a linear model on top");
    v("order", order, between(1, 5), "longest n-gram; 1 = single tokens only");
    v("buckets", buckets, between(1, 1 << 24),
      "rows shared by all n-grams of two tokens and more; fewer = more collisions");
  }
};

constexpr int64_t kPrime = 2147483647;  // 2^31 - 1: products with kFactor stay far from 2^63
constexpr int64_t kFactor = 48271;      // a primitive root of kPrime (Park and Miller's generator)

/// pooled = mean over the real n-grams of their rows: single tokens by id, longer ones by a hash.
///
/// Shapes   ids (B, T) -> tokens (B, 1, D), pooled (B, D).
/// Missing  an n-gram is real where all its tokens are.
/// Source   Joulin et al. 2016, arXiv:1607.01759 (fastText).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, /*max_tokens=*/1), config_(config) {
    tokens_ = register_module("tokens", torch::nn::Embedding(spec.vocabulary, config.width));
    if (config.order > 1)
      ngrams_ = register_module("ngrams", torch::nn::Embedding(config.buckets, config.width));
    torch::NoGradGuard no_grad;
    // Small: a row that training never met must not outweigh those it did.
    for (Tensor table : parameters()) table.normal_(/*mean=*/0, /*std=*/0.05);
  }

 protected:
  Encoded compute(const Input& input) override {
    std::vector<ops::Bag> bags = {{tokens_->weight, input.ids, input.mask}};
    if (config_.order > 1 && input.ids.size(1) > 1) bags.push_back(longer(input));
    Encoded out;
    out.pooled = input.scale.defined() ? scaled_mean(bags, input.scale)
                                       : ops::embedding_bag(bags, ops::BagMode::mean);  // [B, D]
    out.tokens = out.pooled.unsqueeze(1);                                               // [B, 1, D]
    out.mask = input.mask.any(/*dim=*/1, /*keepdim=*/true);
    return out;
  }

 private:
  // The n-grams of two tokens and more, all lengths side by side.
  ops::Bag longer(const Input& input) const {
    std::vector<Tensor> buckets, reals;
    Tensor hash = input.ids, real = input.mask;  // [B, T]
    const int64_t length = input.ids.size(1);
    for (int64_t n = 2; n <= std::min(config_.order, length); ++n) {
      const int64_t places = length - n + 1;
      const Tensor next = input.ids.slice(/*dim=*/1, n - 1, length);
      // hash * kFactor + next + 1
      hash = at::add(next, hash.slice(/*dim=*/1, 0, places), /*alpha=*/kFactor)
                 .add_(1)
                 .remainder_(kPrime);  // [B, places]
      real =
          real.slice(/*dim=*/1, 0, places).logical_and(input.mask.slice(/*dim=*/1, n - 1, length));
      buckets.push_back((hash * kFactor).remainder_(kPrime).remainder_(config_.buckets));
      reals.push_back(real);
    }
    const bool is_one = buckets.size() == 1;
    return {ngrams_->weight, is_one ? buckets[0] : at::cat(buckets, /*dim=*/1),
            is_one ? reals[0] : at::cat(reals, /*dim=*/1)};
  }

  // The mean of the bags' rows, each times the scales of its tokens.
  Tensor scaled_mean(const std::vector<ops::Bag>& bags, const Tensor& scale) const {
    std::vector<Tensor> scales = {scale};
    Tensor product = scale;  // [B, T]
    const int64_t length = scale.size(1);
    for (int64_t n = 2; n <= std::min(config_.order, length); ++n) {
      product = product.slice(/*dim=*/1, 0, length - n + 1) * scale.slice(/*dim=*/1, n - 1, length);
      scales.push_back(product);
    }
    std::vector<Tensor> vectors, reals;
    for (const ops::Bag& bag : bags) {
      vectors.push_back(at::embedding(bag.table, keep_where(bag.real, bag.ids)));  // [B, places, D]
      reals.push_back(bag.real);
    }
    const Tensor scaled = at::cat(vectors, /*dim=*/1) * at::cat(scales, /*dim=*/1).unsqueeze(2);
    return layers::masked_mean(scaled, at::cat(reals, /*dim=*/1));  // [B, D]
  }

  const Config config_;
  torch::nn::Embedding tokens_{nullptr}, ngrams_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::text; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(ngram, json, where, spec);
}

}  // namespace

const Method ngram = {"ngram",
                      "Mean of the vectors of tokens and hashed token pairs; linear in its tables.",
                      "Joulin et al. 2016, arXiv:1607.01759",
                      reads,
                      /*is_raw=*/true,
                      describe_config<Config>,
                      make};

}  // namespace braid::encoders
