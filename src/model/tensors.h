// The one place where plain arrays become tensors.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <string>
#include <vector>

#include "data/batch.h"
#include "formats/safetensors.h"
#include "layers/encoded.h"

namespace braid::model {

/// A batch on its device. The arrays are handed over, not copied, where the device is the CPU.
struct TensorBatch {
  std::vector<Input> inputs;  // one per modality of the batch
  Tensor targets;             // (B) or (B, L) double; undefined where the batch has none
  Tensor weights;             // (B)
};

TensorBatch to_tensors(data::Batch&& batch, const std::vector<data::ModalitySpec>& specs,
                       c10::Device device);

/// One modality of it.
Input to_input(data::ModalityBatch&& batch, const data::ModalitySpec& spec, c10::Device device);

/// The parts that the input has, on the device.
Input to_device(Input input, c10::Device device);

/// A tensor as an entry of a safetensors file, on the CPU. Errors   internal: a type it has no name
/// for.
formats::SafeTensor to_safetensor(const Tensor& values);

/// "cpu", "cuda" or "cuda:1". Errors: usage, where the name is none or the device is not here.
c10::Device parse_device(const std::string& name);

/// Rows of a (B, K) tensor as one vector of doubles.
std::vector<double> to_doubles(const Tensor& values);

}  // namespace braid::model
