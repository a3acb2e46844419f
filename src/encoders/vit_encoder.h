// Vision Transformers as published: one encoder, and a file for each family's names and configs.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "encoders/checkpoint_family.h"
#include "encoders/encoder.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

struct VitConfig : StackConfig {
  int64_t patch = 0;
  int64_t grid_height = 0;
  int64_t grid_width = 0;
  std::string pooled = "cls";
  int64_t projection = 0;
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("patch", patch, between(0, 1024),
      "side of a patch in pixels; 0 = a seventh of the longer side; smaller = more tokens");
    v("grid_height", grid_height, between(0, 4096),
      "rows of learned positions; 0 = as many as the picture has patches, else resized to those");
    v("grid_width", grid_width, between(0, 4096), "the same of columns");
    v("pooled", pooled, one_of({"cls", "mean", "pooler"}),
      "the class token, the mean of the patches, or what the family's pooling layer makes");
    v("projection", projection, between(0, 16384),
      "E of the embedding in a shared space; 0 = pooled is the embedding");
  }
};

/// What a family fixes.
struct VitShape {
  bool has_class_token = true;
  bool has_distillation_token = false;  // DeiT
  bool is_clip = false;  // norm before the blocks; the last one for the pooled vector alone
  bool has_patch_bias = true;
  bool has_layer_scale = false;     // DINOv2
  bool has_attention_pool = false;  // SigLIP: pooled by a learned query and an MLP
};

/// Patches, class token, learned positions (resized bicubically to another grid), pre-norm blocks,
/// final norm.
///
/// Shapes   values (B, C, H, W) -> tokens (B, special + patches, D), pooled (B, D), embedding (B, D
///          or E). Rows and columns of pixels beyond whole patches are left out.
/// Errors   config: a picture smaller than a patch.
/// Source   Dosovitskiy et al. 2021, arXiv:2010.11929.
class VitEncoder : public Encoder {
 public:
  VitEncoder(const VitConfig& config, const VitShape& shape, const data::ModalitySpec& spec);
  int64_t embedding_width() const override;
  std::vector<int64_t> tap_widths() const override;

 protected:
  Encoded compute(const Input& input) override;

 private:
  Tensor positions_for(int64_t rows, int64_t columns) const;
  Tensor embed(const Tensor& values);
  Tensor attention_pool(const Tensor& tokens);
  const VitConfig config_;
  const VitShape shape_;
  int64_t side_, grid_height_, grid_width_, num_special_;
  torch::nn::Conv2d patches_{nullptr};
  Tensor class_token_, distillation_token_, positions_, probe_;
  layers::LayerNorm norm_before_{nullptr}, norm_{nullptr}, pool_norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  TransformerStack stack_{nullptr};
  layers::Linear pooler_{nullptr}, projection_{nullptr};
  Tensor pool_in_weight_, pool_in_bias_;
  layers::Linear pool_out_{nullptr}, pool_up_{nullptr}, pool_down_{nullptr};
};

bool reads_images(data::Kind kind);

/// Reads the keys that ViT's relatives share; `pooled` is left to the family.
/// Errors   config, opened by `where`.
Json vit_config_of(const Json& given, const std::string& where);

/// The names of ViT's checkpoints, which DeiT's are too.
std::vector<NameRule> vit_names();

/// The names of the blocks of CLIP's and SigLIP's towers.
StackNames clip_stack_names();

}  // namespace braid::encoders
