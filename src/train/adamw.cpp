#include "train/adamw.h"

#include <cmath>

#include "core/error.h"

namespace braid::train {

AdamW::AdamW(torch::OrderedDict<std::string, at::Tensor> parameters, const AdamWOptions& options)
    : options_(options) {
  for (auto& item : parameters)
    slots_.push_back(
        {item.key(), item.value(), at::zeros_like(item.value()), at::zeros_like(item.value())});
}

void AdamW::step(double lr) {
  torch::NoGradGuard no_grad;
  ++steps_;
  const double correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(steps_));
  for (Slot& slot : slots_) {
    const at::Tensor& gradient = slot.parameter.grad();
    if (!gradient.defined()) continue;
    if (options_.weight_decay > 0 && (options_.decays_all || slot.parameter.dim() >= 2))
      slot.parameter.mul_(1.0 - lr * options_.weight_decay);
    slot.m.mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
    slot.v.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
    const at::Tensor denominator =
        slot.v.sqrt().div_(std::sqrt(correction2)).add_(options_.epsilon);
    slot.parameter.addcdiv_(slot.m, denominator, -lr / correction1);
  }
}

void AdamW::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad() = at::Tensor();
}

std::vector<at::Tensor> AdamW::parameters() const {
  std::vector<at::Tensor> all;
  for (const Slot& slot : slots_) all.push_back(slot.parameter);
  return all;
}

void AdamW::save(formats::SafeTensors* out) const {
  for (const Slot& slot : slots_) {
    for (const auto& [prefix, moment] :
         {std::pair<const char*, at::Tensor>{"m.", slot.m}, {"v.", slot.v}}) {
      const at::Tensor values = moment.to(at::kCPU, at::kFloat).contiguous();
      formats::SafeTensor entry;
      entry.dtype = "F32";
      entry.shape = values.sizes().vec();
      entry.bytes.assign(static_cast<const char*>(values.data_ptr()), values.nbytes());
      out->tensors.emplace_back(prefix + slot.name, std::move(entry));
    }
  }
}

void AdamW::load(const formats::SafeTensors& in, int64_t steps, const std::string& where) {
  torch::NoGradGuard no_grad;
  for (Slot& slot : slots_) {
    for (const auto& [prefix, moment] :
         {std::pair<const char*, at::Tensor>{"m.", slot.m}, {"v.", slot.v}}) {
      const formats::SafeTensor* found = in.find(prefix + slot.name);
      BRAID_CHECK(
          found != nullptr && found->dtype == "F32" && found->shape == moment.sizes().vec(), format,
          "{}: expected the optimiser's '{}{}' as F32 [{}]; is this another run's checkpoint?",
          where, prefix, slot.name, fmt::join(moment.sizes().vec(), ", "));
      moment.copy_(at::from_blob(const_cast<char*>(found->bytes.data()), found->shape, at::kFloat));
    }
  }
  steps_ = steps;
}

}  // namespace braid::train
