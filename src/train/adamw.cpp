#include "train/adamw.h"

#include "core/error.h"
#include "model/tensors.h"
#include "ops/adamw.h"

namespace braid::train {

AdamW::AdamW(torch::OrderedDict<std::string, at::Tensor> parameters, const AdamWOptions& options)
    : options_(options) {
  for (auto& item : parameters)
    slots_.push_back(
        {item.key(), item.value(), at::zeros_like(item.value()), at::zeros_like(item.value())});
}

void AdamW::step(double lr) {
  ++steps_;
  for (Slot& slot : slots_) {
    const at::Tensor& gradient = slot.parameter.grad();
    if (!gradient.defined()) continue;
    const bool is_decayed = options_.decays_all || slot.parameter.dim() >= 2;
    const double decay = is_decayed ? options_.weight_decay : 0;
    ops::adamw({slot.rate * lr, options_.beta1, options_.beta2, options_.epsilon, decay, steps_},
               gradient, &slot.parameter, &slot.m, &slot.v);
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

void AdamW::scale_rate(const std::string& prefix, double factor) {
  for (Slot& slot : slots_)
    if (slot.name.compare(0, prefix.size(), prefix) == 0) slot.rate *= factor;
}

void AdamW::save(formats::SafeTensors* out, const std::string& prefix) const {
  for (const Slot& slot : slots_) {
    out->tensors.emplace_back(prefix + "m." + slot.name,
                              model::to_safetensor(slot.m.to(at::kFloat)));
    out->tensors.emplace_back(prefix + "v." + slot.name,
                              model::to_safetensor(slot.v.to(at::kFloat)));
  }
}

void AdamW::load(const formats::SafeTensors& in, int64_t steps, const std::string& where,
                 const std::string& prefix) {
  torch::NoGradGuard no_grad;
  for (Slot& slot : slots_) {
    for (const auto& [kind, moment] :
         {std::pair<const char*, at::Tensor>{"m.", slot.m}, {"v.", slot.v}}) {
      const formats::SafeTensor* found = in.find(prefix + kind + slot.name);
      BRAID_CHECK(
          found != nullptr && found->dtype == "F32" && found->shape == moment.sizes().vec(), format,
          "{}: expected the optimiser's '{}{}' as F32 [{}]; is this another run's checkpoint?",
          where, kind, slot.name, fmt::join(moment.sizes().vec(), ", "));
      moment.copy_(at::from_blob(const_cast<char*>(found->bytes.data()), found->shape, at::kFloat));
    }
  }
  steps_ = steps;
}

}  // namespace braid::train
