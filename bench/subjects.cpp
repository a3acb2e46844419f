#include "bench/subjects.h"

#include "core/error.h"
#include "core/file.h"
#include "encoders/encoder.h"
#include "layers/layers.h"
#include "model/model.h"
#include "ops/random.h"
#include "train/config.h"

namespace braid::bench {
namespace {

using at::Tensor;

constexpr int64_t kClasses = 10;

// A result without any of the optional parts.
Fused only(const Tensor& output) {
  Fused fused;
  fused.output = output;
  return fused;
}

// A model of the textbook's chapter, from its config among the examples.
Subject chapter(const std::string& name, int64_t batch) {
  const std::string path = BRAID_SOURCE_FOLDER "/examples/chapter/" + name + ".yaml";
  const auto config = train::read_experiment(read_file(path), path, {});
  heads::Context head;
  head.task = metrics::Task::multiclass;
  head.num_labels = kClasses;
  std::vector<data::ModalitySpec> specs;
  for (const auto& [modality, features] :
       {std::pair<const char*, int64_t>{"text", 128}, {"image", 256}, {"audio", 64}}) {
    data::ModalitySpec spec;
    spec.name = modality;
    spec.kind = data::Kind::embedding;
    spec.features = features;
    specs.push_back(spec);
  }
  auto model = std::make_shared<model::Model>(config.model, specs, head);
  Subject made;
  std::vector<Input> inputs;
  for (const data::ModalitySpec& spec : specs) {
    Input input;
    const Tensor features = at::randn({batch, spec.features});
    input.values = features.unsqueeze(1);  // [B, 1, D]
    input.mask = at::ones({batch, 1}, at::kBool);
    input.present = at::ones({batch}, at::kBool);
    made.inputs.emplace_back(spec.name, features);
    inputs.push_back(input);
  }
  for (const auto& [key, tensor] : model->state().tensors)
    made.state.emplace_back(
        key,
        torch::from_blob(const_cast<char*>(tensor.bytes.data()), tensor.shape, at::kFloat).clone());
  made.module = model;
  made.forward = [model, inputs] { return model->forward(inputs); };
  return made;
}

// Pre-norm blocks over tokens, the mean of the tokens, one linear layer.
struct TransformerImpl : torch::nn::Module {
  static constexpr int64_t kLayers = 4, kWidth = 256, kHeads = 8, kTokens = 97;
  TransformerImpl() {
    blocks = register_module("blocks", torch::nn::ModuleList());
    for (int64_t i = 0; i < kLayers; ++i)
      blocks->push_back(layers::TransformerBlock(kWidth, kHeads, /*mlp_ratio=*/4, /*dropout=*/0.0));
    classifier = register_module("classifier", layers::Linear(kWidth, kClasses));
  }
  Tensor forward(Tensor x, const Tensor& mask) {
    for (const auto& block : *blocks)
      x = block->as<layers::TransformerBlock>()->forward(x, x, mask);
    return classifier(x.mean(/*dim=*/1));
  }
  torch::nn::ModuleList blocks;
  layers::Linear classifier{nullptr};
};

Subject transformer(int64_t batch) {
  auto module = std::make_shared<TransformerImpl>();
  constexpr int64_t T = TransformerImpl::kTokens, D = TransformerImpl::kWidth;
  const Tensor tokens = at::randn({batch, T, D}), mask = at::ones({batch, T}, at::kBool);
  Subject made;
  made.module = module;
  made.inputs = {{"tokens", tokens}};
  made.state = parameters_of(*module);
  made.forward = [module, tokens, mask] { return only(module->forward(tokens, mask)); };
  return made;
}

// An image encoder with a linear layer on its pooled vector.
struct ClassifierImpl : torch::nn::Module {
  ClassifierImpl(std::shared_ptr<encoders::Encoder> part, int64_t width) : encoder(part) {
    register_module("encoder", encoder);
    classifier = register_module("classifier", layers::Linear(width, kClasses));
  }
  std::shared_ptr<encoders::Encoder> encoder;
  layers::Linear classifier{nullptr};
};

Subject image(const std::string& method, const Json& config, int64_t batch, int64_t channels,
              int64_t side) {
  data::ModalitySpec spec;
  spec.name = "image";
  spec.kind = data::Kind::image;
  spec.channels = channels;
  spec.height = spec.width = side;
  auto encoder = encoders::find(method).make(config, "encoder", spec);
  auto module = std::make_shared<ClassifierImpl>(encoder, encoder->width());
  Input input;
  input.values = at::randn({batch, channels, side, side});
  input.present = at::ones({batch}, at::kBool);
  Subject made;
  made.module = module;
  made.inputs = {{"image", input.values}};
  made.state = parameters_of(*module);
  made.forward = [module, input] {
    return only(module->classifier(module->encoder->forward(input).pooled));
  };
  return made;
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> parameters_of(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, Tensor>> named;
  for (const auto& item : module.named_parameters()) named.emplace_back(item.key(), item.value());
  return named;
}

std::vector<std::string> subject_names() {
  return {"early", "late", "hybrid", "transformer", "image_cnn", "image_cnn_224", "vit_tiny"};
}

Subject make_subject(const std::string& name, int64_t batch) {
  ops::InitScope init(/*seed=*/1);
  Subject made;
  if (name == "transformer") {
    made = transformer(batch);
  } else if (name == "image_cnn") {
    made = image("image_cnn",
                 {{"channels", {16, 32, 64}}, {"width", 64}, {"regions", 4}, {"dropout", 0.0}},
                 batch, /*channels=*/1, /*side=*/28);
  } else if (name == "image_cnn_224") {
    made = image(
        "image_cnn",
        {{"channels", {32, 64, 128, 256}}, {"width", 64}, {"regions", 4}, {"dropout", 0.0}}, batch,
        /*channels=*/3, /*side=*/224);
  } else if (name == "vit_tiny") {
    made = image("image_vit",
                 {{"patch", 16},
                  {"width", 192},
                  {"layers", 12},
                  {"heads", 3},
                  {"mlp_ratio", 4},
                  {"dropout", 0.0}},
                 batch, /*channels=*/3, /*side=*/224);
  } else {
    made = chapter(name, batch);
  }
  made.model = name;
  made.target = at::randint(kClasses, {batch}, at::kLong);
  return made;
}

}  // namespace braid::bench
