#include <algorithm>

#include "bench/cases.h"
#include "bench/subjects.h"
#include "core/error.h"
#include "ops/random.h"

namespace braid::bench {
namespace {

using at::Tensor;

constexpr const char* kGroup = "fusion/";
constexpr int64_t kTokens = 32;

bool is_dropout(const std::string& field) {
  const std::string word = "dropout";
  return field.size() >= word.size() &&
         field.compare(field.size() - word.size(), word.size(), word) == 0;
}

// Every field by its default, so that the peer reads no number twice; other programs draw other
// random numbers, so nothing is dropped.
Json config_of(const fusion::Method& method) {
  Json config = Json::object();
  for (const FieldDoc& field : method.describe())
    config[field.name] = is_dropout(field.name) ? Json(0.0)
                         : field.type == "text" ? Json(field.default_value)
                                                : parse_json(field.default_value, field.name);
  return config;
}

// Of every eight rows one lacks the first modality, one the second and so on; token counts differ.
// Masks say so, and the values in these places stay: neither program may look at them.
void make_gaps(std::vector<Encoded>* encoded) {
  for (size_t m = 0; m < encoded->size(); ++m) {
    Encoded& e = (*encoded)[m];
    const int64_t offset = static_cast<int64_t>(m);
    const Tensor row = at::arange(e.present.size(0));
    e.present = row.remainder(8).ne(offset).contiguous();  // [B]
    const Tensor length = kTokens - (row + offset).remainder(4) * (kTokens / 8);
    e.mask = at::arange(kTokens).unsqueeze(0).lt(length.unsqueeze(1));  // [B, T]
    e.mask = e.mask.logical_and(e.present.unsqueeze(1)).contiguous();
  }
}

}  // namespace

std::vector<std::string> fusion_names() {
  std::vector<std::string> names;
  for (const fusion::Method* method : fusion::methods())
    if (method->supports(Activation::softmax)) names.push_back(kGroup + std::string(method->name));
  return names;
}

Subject fusion_subject(const std::string& name, int64_t batch) {
  const fusion::Method& method = fusion::find(name.substr(std::string(kGroup).size()));
  const fusion::Context context = fusion_context(method);
  Subject made;
  made.about = {{"config", config_of(method)},
                {"modalities", context.modalities},
                {"widths", context.widths},
                {"tap_widths", context.tap_widths},
                {"outputs", context.num_outputs}};
  ops::InitScope init(/*seed=*/1);
  auto module = method.make(made.about["config"], name, context);
  std::vector<Encoded> encoded = encoded_for(context, {"gaps", batch, kTokens, /*side=*/0});
  make_gaps(&encoded);
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Encoded& e = encoded[m];
    for (const auto& [part, tensor] : {std::pair<const char*, Tensor>{"tokens", e.tokens},
                                       {"mask", e.mask},
                                       {"pooled", e.pooled},
                                       {"present", e.present}})
      made.inputs.emplace_back(context.modalities[m] + "." + part, tensor);
    for (size_t stage = 0; stage < e.taps.size(); ++stage)
      made.inputs.emplace_back(fmt::format("{}.taps.{}", context.modalities[m], stage),
                               e.taps[stage]);
  }
  made.model = name;
  made.module = module;
  made.state = parameters_of(*module);
  for (const auto& item : module->named_buffers())
    made.state.emplace_back(item.key(), item.value());
  made.target = at::randint(context.num_outputs, {batch}, at::kLong);
  made.forward = [module, encoded] { return module->forward(encoded); };
  return made;
}

}  // namespace braid::bench
