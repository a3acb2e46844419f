#include "bench/cases.h"

#include "encoders/encoder.h"
#include "model/random_input.h"
#include "ops/random.h"

namespace braid::bench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int64_t kWidth = 64, kOutputs = 8;

const std::vector<data::Kind>& kinds() {
  static const std::vector<data::Kind> all = {data::Kind::text, data::Kind::image,
                                              data::Kind::audio, data::Kind::embedding,
                                              data::Kind::tabular};
  return all;
}

Case encoder_case(const encoders::Method& method, data::Kind kind, const Size& size) {
  const data::ModalitySpec spec = spec_for(kind, size);
  ops::InitScope init(kSeed);
  std::shared_ptr<encoders::Encoder> encoder = method.make(Json::object(), "encoder", spec);
  const Input input = input_for(spec, size);
  return {encoder, [encoder, input] {
            const Encoded encoded = encoder->forward(input);
            // Both results, as the fusions use one or the other.
            return at::cat({encoded.tokens.flatten(), encoded.pooled.flatten()});
          }};
}

Case fusion_case(const fusion::Method& method, const Size& size) {
  const fusion::Context context = fusion_context(method);
  ops::InitScope init(kSeed);
  std::shared_ptr<fusion::Fusion> fusion = method.make(Json::object(), "fusion", context);
  const std::vector<Encoded> encoded = encoded_for(context, size);
  return {fusion, [fusion, encoded] { return fusion->forward(encoded).output; }};
}

}  // namespace

const std::vector<Size>& sizes() {
  static const std::vector<Size> all = {
      {"small", 1, 8, 16}, {"medium", 8, 32, 32}, {"large", 32, 128, 64}};
  return all;
}

data::ModalitySpec spec_for(data::Kind kind, const Size& size) {
  data::ModalitySpec spec;
  spec.name = data::to_string(kind);
  spec.kind = kind;
  spec.max_length = size.length;
  spec.vocabulary = 4000;
  spec.channels = 3;
  spec.height = spec.width = size.side;
  spec.features = kind == data::Kind::embedding ? 256 : 64;
  if (kind == data::Kind::tabular) {
    spec.max_length = 1;
    spec.features = 16;
    spec.categories = {8, 8, 32, 128};
    for (size_t i = 0; i < 20; ++i) spec.field_names.push_back("field" + std::to_string(i));
  }
  return spec;
}

Input input_for(const data::ModalitySpec& spec, const Size& size) {
  return model::random_input(spec, size.rows, kSeed);
}

fusion::Context fusion_context() {
  return {{"text", "image", "audio"},
          {kWidth, kWidth, kWidth},
          kOutputs,
          Activation::softmax,
          {{kWidth}, {256, 512}, {320, 640}}};
}

fusion::Context fusion_context(const fusion::Method& method) {
  fusion::Context context = fusion_context();
  if (method.family == fusion::Family::single) {
    context.modalities.resize(1);
    context.widths.resize(1);
    context.tap_widths.resize(1);
  }
  return context;
}

std::vector<Encoded> encoded_for(const fusion::Context& context, const Size& size) {
  auto random = at::detail::createCPUGenerator(kSeed);
  auto taps = at::detail::createCPUGenerator(kSeed + 1);
  std::vector<Encoded> all;
  for (size_t m = 0; m < context.widths.size(); ++m) {
    const int64_t width = context.widths[m];
    Encoded e;
    e.tokens = at::randn({size.rows, size.length, width}, random);
    e.pooled = e.tokens.mean(/*dim=*/1);  // [B, D]
    e.mask = at::ones({size.rows, size.length}, at::kBool);
    e.present = at::ones({size.rows}, at::kBool);
    for (int64_t tap : context.tap_widths[m]) e.taps.push_back(at::randn({size.rows, tap}, taps));
    all.push_back(e);
  }
  return all;
}

std::vector<Plan> method_plans() {
  std::vector<Plan> plans;
  for (const Size& size : sizes()) {
    for (const encoders::Method* method : encoders::methods())
      for (const data::Kind kind : kinds())
        if (method->reads(kind))
          plans.push_back({std::string("encoders/") + method->name + " on " + data::to_string(kind),
                           size.name, [=] { return encoder_case(*method, kind, size); }});
    for (const fusion::Method* method : fusion::methods())
      plans.push_back({std::string("fusion/") + method->name, size.name,
                       [=] { return fusion_case(*method, size); }});
  }
  return plans;
}

}  // namespace braid::bench
