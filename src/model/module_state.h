// A module's parameters and buffers as named arrays, and back.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <string>

#include "formats/safetensors.h"

namespace braid::model {

/// A parameter's name in checkpoints, from its name in the module.
using Rename = std::function<std::string(const std::string& name)>;

/// Parameters and buffers, the parameters first.
torch::OrderedDict<std::string, at::Tensor> named_state(const torch::nn::Module& module);

/// The same under their names in checkpoints, on the CPU.
formats::SafeTensors module_state(const torch::nn::Module& module, const Rename& rename = {});

/// Fills every parameter and buffer. Errors   format naming the first that is missing, unexpected
/// or of another shape, opened by `where`.
void load_module_state(const formats::SafeTensors& state, const std::string& where,
                       torch::nn::Module* module, const Rename& rename = {});

}  // namespace braid::model
