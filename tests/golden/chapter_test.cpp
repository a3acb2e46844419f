// The textbook's three models: built from the very files in examples/chapter, fed with the numbers
// that PyTorch 1.13.1 made (goldens/chapter), they have to give the same logits and the same
// losses.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "core/file.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "ops/random.h"
#include "support/module_checks.h"
#include "support/shared_folders.h"
#include "train/adamw.h"
#include "train/config.h"

namespace braid {
namespace {

constexpr double kLogitsAgree = 1e-5, kLossesAgree = 1e-4;

train::ExperimentConfig example(const std::string& name) {
  const std::string path = "examples/chapter/" + name + ".yaml";
  return train::read_experiment(read_file(path), path, {});
}

data::ModalitySpec embedding(const std::string& name, int64_t features) {
  data::ModalitySpec spec;
  spec.name = name;
  spec.kind = data::Kind::embedding;
  spec.features = features;
  return spec;
}

std::shared_ptr<model::Model> make_model(const model::ModelConfig& config) {
  heads::Context head;
  head.task = metrics::Task::multiclass;
  head.num_labels = 10;
  const std::vector<data::ModalitySpec> specs = {embedding("text", 128), embedding("image", 256),
                                                 embedding("audio", 64)};
  ops::InitScope init(/*seed=*/1);
  return std::make_shared<model::Model>(config, specs, head);
}

/// One of the three models with the golden parameters, and the golden batch.
class Golden {
 public:
  explicit Golden(const std::string& name) : name_(name) {
    const std::string path = file(name + ".safetensors");
    state_ = formats::read_safetensors(path);
    model_ = make_model(example(name).model);
    model_->load_state(state_, path);
    for (const char* modality : {"text", "image", "audio"}) {
      Input input;
      input.values = numbers(modality).to(at::kFloat).unsqueeze(1);  // [B, 1, D]
      input.mask = at::ones({input.values.size(0), 1}, at::kBool);
      input.present = at::ones({input.values.size(0)}, at::kBool);
      inputs_.push_back(input);
    }
    target_ = numbers("target");
  }

  static std::string file(const std::string& name) {
    return testing::goldens_folder() + "/chapter/" + name;
  }
  static Tensor numbers(const std::string& name) {
    const formats::NpyArray array = formats::read_npy(file(name + ".npy"));
    return torch::tensor(array.values, at::kDouble).reshape(array.shape);
  }

  Tensor logits() { return model_->forward(inputs_).output; }
  Tensor loss() { return model_->head().loss(logits(), target_, at::ones_like(target_)); }
  model::Model& model() { return *model_; }
  const formats::SafeTensors& state() const { return state_; }
  Tensor expected_logits() const { return numbers(name_ + "_logits"); }
  Tensor expected_losses() const { return numbers(name_ + "_adamw_losses"); }

 private:
  std::string name_;
  formats::SafeTensors state_;
  std::shared_ptr<model::Model> model_;
  std::vector<Input> inputs_;
  Tensor target_;
};

const char* const kModels[] = {"early", "late", "hybrid"};

bool has_goldens() { return std::filesystem::exists(Golden::file("early.safetensors")); }

#define SKIP_WITHOUT_GOLDENS() \
  if (!has_goldens())          \
  GTEST_SKIP() << "the golden numbers are not here; set BRAID_GOLDENS to their folder"

TEST(chapter, examples_have_the_chapters_layers) {
  // Encoders: 512 * (128 + 256 + 64 + 3) = 230912.
  // early: 768 * 1537 + 10 * 769; late: 3 * (256 * 513 + 10 * 257) + 10 * 31;
  // hybrid: 512 * 1537 + 2 * 512 + 256 * 513 + 10 * 257.
  const int64_t expected[] = {230912 + 1188106, 230912 + 402004, 230912 + 921866};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(make_model(example(kModels[i]).model)->num_parameters(), expected[i]) << kModels[i];
}

TEST(chapter, examples_train_as_the_chapter_does) {
  for (const char* name : kModels) {
    SCOPED_TRACE(name);
    const train::ExperimentConfig config = example(name);
    EXPECT_EQ(config.train.lr, 1e-3);
    EXPECT_EQ(config.train.weight_decay, 0.01);
    EXPECT_EQ(config.train.late, "joint");
    EXPECT_EQ(config.train.modality_dropout, 0);
    EXPECT_FALSE(config.train.augment);
    EXPECT_FALSE(config.prepare.embedding.standardize);
    EXPECT_EQ(config.model.modalities, (std::vector<std::string>{"text", "image", "audio"}));
  }
}

TEST(chapter, logits_before_training) {
  SKIP_WITHOUT_GOLDENS();
  for (const char* name : kModels) {
    Golden golden(name);
    golden.model().eval();
    EXPECT_TRUE(checks::close(golden.logits(), golden.expected_logits(), kLogitsAgree)) << name;
  }
}

TEST(chapter, ten_losses_with_braids_adamw) {
  SKIP_WITHOUT_GOLDENS();
  for (const char* name : kModels) {
    SCOPED_TRACE(name);
    Golden golden(name);
    golden.model().train();
    train::AdamWOptions options;
    options.lr = 1e-3;
    options.weight_decay = 0.01;
    options.decays_all = true;
    train::AdamW optimizer(golden.model().named_parameters(), options);
    const Tensor expected = golden.expected_losses();
    ASSERT_EQ(expected.size(0), 10);
    for (int64_t step = 0; step < expected.size(0); ++step) {
      optimizer.zero_grad();
      const Tensor loss = golden.loss();
      EXPECT_NEAR(loss.item<double>(), expected[step].item<double>(), kLossesAgree)
          << "step " << step;
      loss.backward();
      optimizer.step(options.lr);
    }
    EXPECT_LT(golden.loss().item<double>(), 0.9 * expected[0].item<double>()) << "it learns";
  }
}

TEST(chapter, ten_losses_with_libtorchs_adamw) {
  SKIP_WITHOUT_GOLDENS();
  for (const char* name : kModels) {
    SCOPED_TRACE(name);
    Golden golden(name);
    golden.model().train();
    torch::optim::AdamW optimizer(golden.model().parameters(),
                                  torch::optim::AdamWOptions(1e-3).weight_decay(0.01));
    const Tensor expected = golden.expected_losses();
    for (int64_t step = 0; step < expected.size(0); ++step) {
      optimizer.zero_grad();
      const Tensor loss = golden.loss();
      EXPECT_NEAR(loss.item<double>(), expected[step].item<double>(), kLossesAgree)
          << "step " << step;
      loss.backward();
      optimizer.step();
    }
  }
}

TEST(chapter, checkpoints_have_the_chapters_names_and_bits) {
  SKIP_WITHOUT_GOLDENS();
  for (const char* name : kModels) {
    SCOPED_TRACE(name);
    Golden golden(name);
    const formats::SafeTensors written = golden.model().state();
    EXPECT_EQ(written.tensors.size(), golden.state().tensors.size());
    for (const auto& [key, tensor] : golden.state().tensors) {
      const formats::SafeTensor* found = written.find(key);
      ASSERT_NE(found, nullptr) << key;
      EXPECT_EQ(found->shape, tensor.shape) << key;
      EXPECT_TRUE(found->bytes == tensor.bytes) << key;
    }
  }
}

TEST(chapter, another_models_checkpoint_is_refused) {
  SKIP_WITHOUT_GOLDENS();
  const auto early = make_model(example("early").model);
  const formats::SafeTensors late = formats::read_safetensors(Golden::file("late.safetensors"));
  checks::expect_error(ErrorKind::format,
                       "late.safetensors: expected the parameter 'text_encoder.encoder.weight'",
                       [&] { early->load_state(late, "late.safetensors"); });
}

}  // namespace
}  // namespace braid
