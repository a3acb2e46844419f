// Predictions have the same bits whatever the threads, so that each call may take as many as are
// free.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "model/model.h"
#include "model/random_input.h"
#include "ops/parallel.h"
#include "ops/precision.h"
#include "support/module_checks.h"
#include "support/tiny_model.h"

namespace braid::model {
namespace {

// Large enough that operations are shared out.
std::vector<data::ModalitySpec> large_specs() {
  std::vector<data::ModalitySpec> specs(5);
  const data::Kind kinds[] = {data::Kind::text, data::Kind::image, data::Kind::audio,
                              data::Kind::embedding, data::Kind::tabular};
  for (size_t m = 0; m < specs.size(); ++m) {
    specs[m].kind = kinds[m];
    specs[m].name = data::to_string(kinds[m]);
  }
  specs[0].vocabulary = 3000;
  specs[0].max_length = 128;
  specs[1].channels = 3;
  specs[1].height = specs[1].width = 64;
  specs[2].features = 64;
  specs[2].max_length = 100;
  specs[3].features = 768;
  specs[3].max_length = 20;
  specs[4].features = 30;
  specs[4].categories = {9};
  for (int i = 0; i < 31; ++i) specs[4].field_names.push_back(fmt::format("x{}", i));
  return specs;
}

TEST(threads, predictions_keep_their_bits) {
  const std::vector<data::ModalitySpec> specs = large_specs();
  for (const char* config :
       {R"({"fusion": {"name": "merged"}})",
        R"({"fusion": {"name": "concat", "hidden": [1536, 768]}})",
        R"({"encoders": {"text": "ngram", "image": "image_vit", "audio": "audio_transformer"}})"}) {
    ops::InitScope init(1);
    Model model(checks::model_config(config), specs, checks::three_classes());
    model.eval();
    const c10::InferenceMode inference;
    for (const char* precision : {"float32", "bf16"}) {
      const ops::PrecisionScope products(ops::parse_precision(precision, "precision"));
      for (int64_t rows : {1, 5, 32}) {
        std::vector<Input> inputs;
        for (const auto& spec : specs) inputs.push_back(random_input(spec, rows));
        Tensor expected;
        for (int num_threads : {1, 2, 3}) {
          const ops::ThreadScope threads(num_threads);
          EXPECT_EQ(at::get_num_threads(), num_threads);
          const Tensor got = model.forward(inputs).output;
          if (!expected.defined()) expected = got;
          EXPECT_TRUE(checks::same_bits(got, expected))
              << config << ": " << precision << ": " << rows << " rows, " << num_threads
              << " threads";
        }
      }
    }
  }
}

}  // namespace
}  // namespace braid::model
