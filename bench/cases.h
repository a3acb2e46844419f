// What is timed: every registered encoder on every kind it reads and every registered fusion, at
// three sizes.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/modality_spec.h"
#include "fusion/fusion.h"

namespace braid::bench {

struct Size {
  std::string name;
  int64_t rows, length, side;  // B, T, pixels
};
const std::vector<Size>& sizes();

/// A module on a fixed batch.
struct Case {
  std::shared_ptr<torch::nn::Module> module;
  std::function<at::Tensor()> output;
};

/// Made when its turn comes, so that one case at a time holds memory.
struct Plan {
  std::string name;  // "encoders/image_cnn on image"
  std::string size;
  std::function<Case()> make;
};

/// Walks the families' tables.
std::vector<Plan> method_plans();
/// The same models out of libtorch's stock modules. Making one throws Error(internal) where its
/// outputs differ from the method's (with the method's parameters copied in, wherever both have
/// them).
std::vector<Plan> stock_plans();

data::ModalitySpec spec_for(data::Kind kind, const Size& size);
/// Random values, every sample present, every token real.
Input input_for(const data::ModalitySpec& spec, const Size& size);
/// Text, image and audio as encoders of the default config hand them over.
fusion::Context fusion_context();
/// The same, or the first alone where the method reads one.
fusion::Context fusion_context(const fusion::Method& method);
std::vector<Encoded> encoded_for(const fusion::Context& context, const Size& size);

}  // namespace braid::bench
