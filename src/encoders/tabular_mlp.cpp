// Numbers, their gaps and categories through one MLP, and one token per field.
#include <torch/torch.h>

#include <cmath>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method tabular_mlp;

namespace {

struct Config {
  int64_t width = 64;
  std::vector<int64_t> hidden = {64};
  int64_t category_width = 8;
  double dropout = 0.1;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("hidden", hidden, between(1, 65536), "hidden layers of the MLP; [] = linear");
    v("category_width", category_width, between(1, 1024), "numbers that stand for one category");
    v("dropout", dropout, between(0, 0.9), "chance to drop a hidden activation while training");
  }
};

int64_t num_fields(const data::ModalitySpec& spec) {
  return spec.features + static_cast<int64_t>(spec.categories.size());
}

/// pooled = MLP of [values; which are observed; category vectors]. Token of a number: v w + o u + b
/// with o = 1 where observed; of a category: a linear map of its vector.
///
/// Shapes   values, observed (B, numeric fields), ids (B, category fields)
///          -> tokens (B, fields, D), pooled (B, D); taps: the MLP's hidden layers.
/// Missing  a number counts as 0 with o = 0; category ids 0 (missing) and 1 (unknown) have vectors.
/// Source   Gorishniy et al. 2021, arXiv:2106.11959 (one token per field, and the MLP baseline).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_fields(spec)) {
    BRAID_CHECK(num_fields(spec) > 0, config,
                "modality {}: expected at least one field, got none; add a column", spec.name);
    if (spec.features > 0) {
      const double bound = 1 / std::sqrt(2.0);  // nn::Linear's bound for the two inputs v and o
      for (const char* name : {"value_weight", "observed_weight", "bias"})
        numeric_.push_back(register_parameter(
            name, torch::empty({spec.features, config.width}).uniform_(-bound, bound)));
    }
    categories_ = register_module("categories", torch::nn::ModuleList());
    category_tokens_ = register_module("category_tokens", torch::nn::ModuleList());
    for (int64_t num_ids : spec.categories) {
      categories_->push_back(torch::nn::Embedding(num_ids, config.category_width));
      category_tokens_->push_back(layers::Linear(config.category_width, config.width));
    }
    const int64_t in =
        2 * spec.features + config.category_width * static_cast<int64_t>(spec.categories.size());
    mlp_ = register_module("mlp", layers::Mlp(in, config.hidden, config.width, config.dropout));
    hidden_ = config.hidden;
  }

  std::vector<int64_t> tap_widths() const override { return hidden_; }

 protected:
  Encoded compute(const Input& input) override {
    std::vector<Tensor> parts, tokens;
    if (!numeric_.empty()) {
      const Tensor observed = input.observed.to(input.values.dtype());
      parts = {input.values, observed};
      tokens.push_back(input.values.unsqueeze(2) * numeric_[0] +
                       observed.unsqueeze(2) * numeric_[1] + numeric_[2]);
    }
    for (size_t i = 0; i < categories_->size(); ++i) {
      const Tensor ids = input.ids.select(/*dim=*/1, static_cast<int64_t>(i));  // [B]
      parts.push_back(
          categories_[i]->as<torch::nn::Embedding>()->forward(ids));  // [B, category_width]
      tokens.push_back(
          category_tokens_[i]->as<layers::Linear>()->forward(parts.back()).unsqueeze(1));
    }
    Encoded out;
    out.tokens = at::cat(tokens, /*dim=*/1);  // [B, fields, D]
    out.pooled = mlp_(at::cat(parts, /*dim=*/1), wants_taps ? &out.taps : nullptr);  // [B, D]
    out.mask = input.present.unsqueeze(1).expand({out.tokens.size(0), out.tokens.size(1)});
    return out;
  }

 private:
  std::vector<Tensor> numeric_;
  torch::nn::ModuleList categories_, category_tokens_;
  layers::Mlp mlp_{nullptr};
  std::vector<int64_t> hidden_;
};

bool reads(data::Kind kind) { return kind == data::Kind::tabular; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(tabular_mlp, json, where, spec);
}

}  // namespace

const Method tabular_mlp = {
    "tabular_mlp",
    "MLP over numbers, missing-value indicators and category vectors; one token per field.",
    "Gorishniy et al. 2021, arXiv:2106.11959",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
