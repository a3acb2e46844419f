#include "model/tensors.h"

#include <torch/torch.h>

#include <memory>

#include "core/error.h"

namespace braid::model {
namespace {

// A tensor over the vector's own memory; the vector lives as long as the tensor.
template <class T>
Tensor adopt(std::vector<T>&& values, std::vector<int64_t> shape, at::ScalarType type,
             c10::Device device) {
  int64_t expected = 1;
  for (int64_t n : shape) expected *= n;
  BRAID_ASSERT(expected == static_cast<int64_t>(values.size()));
  if (expected == 0) return at::zeros(shape, at::TensorOptions().dtype(type).device(device));
  auto holder = std::make_shared<std::vector<T>>(std::move(values));
  Tensor tensor = at::from_blob(
      holder->data(), shape, [holder](void*) {}, at::TensorOptions().dtype(type));
  return tensor.to(device);
}

const char* dtype_name(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "F32";
    case at::kDouble:
      return "F64";
    case at::kLong:
      return "I64";
    case at::kBool:
      return "BOOL";
    default:
      fail(ErrorKind::internal, "no checkpoint type for {}", at::toString(type));
  }
}

}  // namespace

Input to_input(data::ModalityBatch&& m, const data::ModalitySpec& spec, c10::Device device) {
  using data::Kind;
  const int64_t B = m.batch, T = m.length;
  Input input;
  if (m.is_encoded) {
    const int64_t D = B * T > 0 ? static_cast<int64_t>(m.values.size()) / (B * T) : 0;
    input.encoded = adopt(std::move(m.values), {B, T, D}, at::kFloat, device);
    input.mask = adopt(std::move(m.mask), {B, T}, at::kBool, device);
    input.present = adopt(std::move(m.present), {B}, at::kBool, device);
    return input;
  }
  switch (spec.kind) {
    case Kind::text:
      input.ids = adopt(std::move(m.ids), {B, T}, at::kLong, device);
      break;
    case Kind::image:
      input.values = adopt(std::move(m.values), {B, spec.channels, spec.height, spec.width},
                           at::kFloat, device);
      break;
    case Kind::video:
      input.values = adopt(std::move(m.values), {B, T, spec.channels, spec.height, spec.width},
                           at::kFloat, device);
      break;
    case Kind::volume:
      input.values = adopt(std::move(m.values), {B, 1, spec.depth, spec.height, spec.width},
                           at::kFloat, device);
      break;
    case Kind::series:
      input.values = adopt(std::move(m.values), {B, T, spec.features}, at::kFloat, device);
      input.observed = adopt(std::move(m.observed), {B, T, spec.features}, at::kBool, device);
      input.times = adopt(std::move(m.times), {B, T}, at::kFloat, device);
      break;
    case Kind::audio:
    case Kind::embedding:
      input.values = adopt(std::move(m.values), {B, T, spec.features}, at::kFloat, device);
      break;
    case Kind::tabular:
      input.values = adopt(std::move(m.values), {B, spec.features}, at::kFloat, device);
      input.observed = adopt(std::move(m.observed), {B, spec.features}, at::kBool, device);
      input.ids = adopt(std::move(m.ids), {B, static_cast<int64_t>(spec.categories.size())},
                        at::kLong, device);
      break;
    default:
      fail(ErrorKind::internal, "modality {}: no tensors for kind {}", spec.name,
           to_string(spec.kind));
  }
  input.mask = adopt(std::move(m.mask), {B, T}, at::kBool, device);
  input.present = adopt(std::move(m.present), {B}, at::kBool, device);
  return input;
}

TensorBatch to_tensors(data::Batch&& batch, const std::vector<data::ModalitySpec>& specs,
                       c10::Device device) {
  BRAID_ASSERT(batch.modalities.size() == specs.size());
  TensorBatch result;
  for (size_t m = 0; m < specs.size(); ++m)
    result.inputs.push_back(to_input(std::move(batch.modalities[m]), specs[m], device));
  const int64_t B = static_cast<int64_t>(batch.rows.size());
  if (!batch.targets.empty()) {
    const int64_t width = static_cast<int64_t>(batch.targets.size()) / B;
    const std::vector<int64_t> shape =
        width == 1 ? std::vector<int64_t>{B} : std::vector<int64_t>{B, width};
    result.targets = adopt(std::move(batch.targets), shape, at::kDouble, device);
  }
  if (batch.weights.empty()) batch.weights.assign(static_cast<size_t>(B), 1.0);
  result.weights = adopt(std::move(batch.weights), {B}, at::kDouble, device);
  return result;
}

Input to_device(Input input, c10::Device device) {
  for (Tensor* part : {&input.values, &input.ids, &input.mask, &input.observed, &input.times,
                       &input.present, &input.scale, &input.encoded, &input.types})
    if (part->defined()) *part = part->to(device);
  return input;
}

formats::SafeTensor to_safetensor(const Tensor& values) {
  const Tensor own = values.detach().to(at::kCPU).contiguous();
  formats::SafeTensor out;
  out.dtype = dtype_name(own.scalar_type());
  out.shape = own.sizes().vec();
  out.bytes.assign(static_cast<const char*>(own.data_ptr()), own.nbytes());
  return out;
}

c10::Device parse_device(const std::string& name) {
  try {
    const c10::Device device(name);
    BRAID_CHECK(device.is_cpu() || torch::cuda::is_available(), usage,
                "--device {}: expected a device that is here, got none; use cpu", name);
    return device;
  } catch (const c10::Error&) {
    fail(ErrorKind::usage, "--device {}: expected cpu, cuda or cuda:N", name);
  }
}

std::vector<double> to_doubles(const Tensor& values) {
  const Tensor flat = values.detach().to(at::kCPU, at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

}  // namespace braid::model
