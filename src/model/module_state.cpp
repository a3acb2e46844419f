#include "model/module_state.h"

#include <set>

#include "core/error.h"
#include "model/tensors.h"

namespace braid::model {
namespace {

at::ScalarType scalar_type(const std::string& dtype, const std::string& where) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F64") return at::kDouble;
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "I64") return at::kLong;
  if (dtype == "BOOL") return at::kBool;
  fail(ErrorKind::format, "{}: expected a type among F32, F64, F16, BF16, I64, BOOL, got {}", where,
       dtype);
}

std::string renamed(const std::string& name, const Rename& rename) {
  return rename ? rename(name) : name;
}

}  // namespace

torch::OrderedDict<std::string, Tensor> named_state(const torch::nn::Module& module) {
  torch::OrderedDict<std::string, Tensor> all = module.named_parameters();
  for (const auto& buffer : module.named_buffers()) all.insert(buffer.key(), buffer.value());
  return all;
}

formats::SafeTensors module_state(const torch::nn::Module& module, const Rename& rename) {
  formats::SafeTensors state;
  for (const auto& item : named_state(module))
    state.tensors.emplace_back(renamed(item.key(), rename), to_safetensor(item.value()));
  return state;
}

void load_module_state(const formats::SafeTensors& state, const std::string& where,
                       torch::nn::Module* module, const Rename& rename) {
  const torch::NoGradGuard no_grad;
  std::set<std::string> wanted;
  for (auto& item : named_state(*module)) {
    const std::string name = renamed(item.key(), rename);
    wanted.insert(name);
    const formats::SafeTensor* found = state.find(name);
    BRAID_CHECK(
        found != nullptr, format,
        "{}: expected the parameter '{}', which is not there; is this another model's checkpoint?",
        where, name);
    Tensor& target = item.value();
    BRAID_CHECK(found->shape == target.sizes().vec(), format,
                "{}: parameter '{}': expected [{}], got [{}]", where, name,
                fmt::join(target.sizes().vec(), ", "), fmt::join(found->shape, ", "));
    const Tensor source = at::from_blob(
        const_cast<char*>(found->bytes.data()), found->shape,
        at::TensorOptions().dtype(scalar_type(found->dtype, where + ": parameter '" + name + "'")));
    target.copy_(source);
  }
  for (const auto& entry : state.tensors)
    BRAID_CHECK(
        wanted.count(entry.first) > 0, format,
        "{}: parameter '{}' does not belong to this model; is this another model's checkpoint?",
        where, entry.first);
}

}  // namespace braid::model
