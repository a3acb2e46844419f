// What is special about hubert.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 16},        {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"conv_dim", {6}},          {"conv_kernel", {4}},
                         {"conv_stride", {3}},       {"num_conv_pos_embeddings", 3}};

TEST(hubert, may_do_without_the_norm_before_its_projection) {
  data::ModalitySpec waves = spec(Kind::audio);
  waves.features = 1;
  const auto has_norm = [&](const Json& published) {
    return made("hubert", config_of("hubert", published), waves)
               ->named_parameters()
               .find("feature_norm.weight") != nullptr;
  };
  EXPECT_TRUE(has_norm(kPublished));
  Json without = kPublished;
  without["feat_proj_layer_norm"] = false;
  EXPECT_FALSE(has_norm(without));
  Json other = kPublished;
  other["conv_pos_batch_norm"] = true;
  expect_error(ErrorKind::config, "conv_pos_batch_norm: expected false, got true",
               [&] { config_of("hubert", other); });
}

}  // namespace
}  // namespace braid::encoders
