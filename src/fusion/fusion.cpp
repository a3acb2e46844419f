#include "fusion/fusion.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "core/registry.h"

namespace braid::fusion {
#include "fusion/table.inc"

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

const Method& find(const std::string& name) {
  return find_method(methods(), "fusion method", name);
}

const char* to_string(Family family) {
  static const char* const kNames[] = {"single", "linear", "early", "late", "hybrid"};
  return kNames[static_cast<int>(family)];
}

std::vector<std::string> module_names(const std::vector<std::string>& modalities) {
  std::vector<std::string> names;
  for (std::string name : modalities) {
    std::replace(name.begin(), name.end(), '.', '_');
    if (name.empty()) name = "_";
    const std::string base = name;
    for (int copy = 2; std::find(names.begin(), names.end(), name) != names.end(); ++copy)
      name = fmt::format("{}_{}", base, copy);
    names.push_back(name);
  }
  return names;
}

std::shared_ptr<torch::nn::Module> register_folder(torch::nn::Module* parent,
                                                   const std::string& name) {
  return parent->register_module(name, std::make_shared<torch::nn::Module>());
}

void check_several(const Context& context, const std::string& where) {
  BRAID_CHECK(context.modalities.size() >= 2, config,
              "{}: expected at least two modalities, got {}; use 'single'", where,
              fmt::join(context.modalities, ", "));
}

namespace {

constexpr const char* kAdvice = "use the encoders that this fusion was made for";

std::string shape_text(const Tensor& tensor) {
  return tensor.defined() ? fmt::format("[{}]", fmt::join(tensor.sizes(), ", ")) : "nothing";
}

void check_shape(const Tensor& tensor, at::IntArrayRef expected, const std::string& modality,
                 const char* what) {
  BRAID_CHECK(tensor.defined() && tensor.sizes() == expected, shape,
              "fusion: {}: {}: expected [{}], got {}; {}", modality, what,
              fmt::join(expected, ", "), shape_text(tensor), kAdvice);
}

void check_bool(const Tensor& tensor, const std::string& modality, const char* what) {
  BRAID_CHECK(tensor.scalar_type() == at::kBool, shape,
              "fusion: {}: {}: expected booleans, got {}; convert it", modality, what,
              at::toString(tensor.scalar_type()));
}

// Zeros in absent rows. Errors: shape.
std::vector<Tensor> clean_taps(const Encoded& e, const std::string& name, int64_t B,
                               const std::vector<int64_t>& widths) {
  BRAID_CHECK(e.taps.size() == widths.size(), shape,
              "fusion: {}: taps: expected {} (one per stage before the last), got {}; {}", name,
              widths.size(), e.taps.size(), kAdvice);
  std::vector<Tensor> clean;
  for (size_t stage = 0; stage < widths.size(); ++stage) {
    check_shape(e.taps[stage], {B, widths[stage]}, name, "taps");
    clean.push_back(keep_where(e.present, e.taps[stage]));
  }
  return clean;
}

Encoded checked_and_clean(const Encoded& e, const std::string& name, int64_t B, int64_t D,
                          bool reads_tokens) {
  check_shape(e.present, {B}, name, "present");
  check_bool(e.present, name, "present");
  check_shape(e.pooled, {B, D}, name, "pooled");
  BRAID_CHECK(e.tokens.defined() && e.tokens.dim() == 3 && e.tokens.size(0) == B &&
                  e.tokens.size(1) >= 1 && e.tokens.size(2) == D,
              shape, "fusion: {}: tokens: expected [{}, T >= 1, {}], got {}; {}", name, B, D,
              shape_text(e.tokens), kAdvice);
  check_shape(e.mask, {B, e.tokens.size(1)}, name, "mask");
  check_bool(e.mask, name, "mask");
  const Tensor pooled = keep_where(e.present, e.pooled);
  if (!reads_tokens) return {Tensor(), Tensor(), pooled, e.present};
  const Tensor mask = real_tokens(e.mask, e.present);
  return {keep_where(mask, e.tokens), mask, pooled, e.present};
}

}  // namespace

Fused Fusion::forward(const std::vector<Encoded>& encoded) {
  BRAID_CHECK(encoded.size() == num_modalities() && !encoded.empty(), shape,
              "fusion: expected {} modalities, got {}; {}", num_modalities(), encoded.size(),
              kAdvice);
  const Tensor& first = encoded[0].present;
  BRAID_CHECK(first.defined() && first.dim() == 1, shape,
              "fusion: {}: present: expected [B], got {}; {}", context_.modalities[0],
              shape_text(first), kAdvice);
  std::vector<Encoded> clean;
  for (size_t m = 0; m < encoded.size(); ++m) {
    const std::string& name = context_.modalities[m];
    clean.push_back(
        checked_and_clean(encoded[m], name, first.size(0), context_.widths[m], reads_tokens()));
    if (reads_taps()) clean[m].taps = clean_taps(encoded[m], name, first.size(0), tap_widths(m));
  }
  return compute(clean);
}

std::vector<int64_t> Fusion::tap_widths(size_t m) const {
  return context_.tap_widths.empty() ? std::vector<int64_t>() : context_.tap_widths[m];
}

bool Fusion::fit_decision(const Tensor&, const Tensor&,
                          const std::function<double(const Tensor&)>&) {
  return false;
}

Fused Fusion::combine(const Tensor&, const Tensor&) {
  fail(ErrorKind::internal, "fusion: this family has no late combination");
}

}  // namespace braid::fusion
