#include "encoders/encoder.h"

#include <iterator>

#include "core/error.h"
#include "core/registry.h"
#include "encoders/make.h"

namespace braid::encoders {

#include "encoders/table.inc"

namespace {

using data::Kind;

// A size of -1 is any; `free` names that axis in the message: "32, T, 64".
void check_shape(const data::ModalitySpec& spec, const char* argument, const Tensor& x,
                 at::IntArrayRef sizes, const char* free = "") {
  bool fits = x.defined() && x.dim() == static_cast<int64_t>(sizes.size());
  for (size_t i = 0; fits && i < sizes.size(); ++i)
    fits = sizes[i] < 0 || x.size(static_cast<int64_t>(i)) == sizes[i];
  if (fits) return;
  std::vector<std::string> letters;
  for (int64_t size : sizes) letters.push_back(size < 0 ? free : std::to_string(size));
  fail(ErrorKind::shape,
       "modality {}: {}: expected [{}], got {}; pass batches of this model's own preparation",
       spec.name, argument, fmt::join(letters, ", "),
       x.defined() ? fmt::format("[{}]", fmt::join(x.sizes(), ", ")) : "nothing");
}

void check_type(const data::ModalitySpec& spec, const char* argument, const Tensor& x,
                at::ScalarType type) {
  BRAID_CHECK(x.scalar_type() == type, shape, "modality {}: {}: expected {}, got {}; convert it",
              spec.name, argument, at::toString(type), at::toString(x.scalar_type()));
}

// values or ids (B, T, ...) and mask (B, T) of a modality with a time axis.
void check_sequence(const data::ModalitySpec& spec, const char* argument, const Tensor& x,
                    at::IntArrayRef sizes, const Input& input) {
  check_shape(spec, argument, x, sizes, "T");
  const int64_t length = x.size(1);
  BRAID_CHECK(length >= 1 && length <= spec.max_length, shape,
              "modality {}: {}: expected between 1 and {} tokens, got {}; cut the sequence",
              spec.name, argument, spec.max_length, length);
  check_shape(spec, "mask", input.mask, {sizes[0], length});
  check_type(spec, "mask", input.mask, at::kBool);
}

// One number for each id, where there are any.
void check_scale(const data::ModalitySpec& spec, const Input& input) {
  if (input.scale.defined()) check_shape(spec, "scale", input.scale, input.ids.sizes());
}

int64_t num_categories(const data::ModalitySpec& spec) {
  return static_cast<int64_t>(spec.categories.size());
}

// Empty tensors where a table has no numeric or no category fields, so that encoders need no
// special case.
Input with_empty_parts(const data::ModalitySpec& spec, const Input& input) {
  Input full = input;
  const int64_t rows = input.present.size(0);
  const auto on = input.present.options();
  if (spec.features == 0) {
    full.values = at::zeros({rows, 0}, on.dtype(at::kFloat));
    full.observed = at::zeros({rows, 0}, on);
  }
  if (num_categories(spec) == 0) full.ids = at::zeros({rows, 0}, on.dtype(at::kLong));
  return full;
}

void check_tabular(const data::ModalitySpec& spec, const Input& input) {
  const int64_t rows = input.present.size(0);
  check_shape(spec, "values", input.values, {rows, spec.features});
  check_shape(spec, "observed", input.observed, {rows, spec.features});
  check_type(spec, "observed", input.observed, at::kBool);
  check_shape(spec, "ids", input.ids, {rows, num_categories(spec)});
  check_type(spec, "ids", input.ids, at::kLong);
}

// The input with every part that encoders read. Errors: shape.
Input checked(const data::ModalitySpec& spec, const Input& input) {
  check_shape(spec, "present", input.present, {-1}, "B");
  check_type(spec, "present", input.present, at::kBool);
  const int64_t rows = input.present.size(0);
  switch (spec.kind) {
    case Kind::image:
      check_shape(spec, "values", input.values, {rows, spec.channels, spec.height, spec.width});
      return input;
    case Kind::volume:
      check_shape(spec, "values", input.values, {rows, 1, spec.depth, spec.height, spec.width});
      return input;
    case Kind::video:
      check_sequence(spec, "values", input.values,
                     {rows, -1, spec.channels, spec.height, spec.width}, input);
      return input;
    case Kind::series:
      check_sequence(spec, "values", input.values, {rows, -1, spec.features}, input);
      check_shape(spec, "observed", input.observed, input.values.sizes());
      check_type(spec, "observed", input.observed, at::kBool);
      check_shape(spec, "times", input.times, input.mask.sizes());
      return input;
    case Kind::text:
      check_sequence(spec, "ids", input.ids, {rows, -1}, input);
      check_type(spec, "ids", input.ids, at::kLong);
      check_scale(spec, input);
      return input;
    case Kind::tabular: {
      const Input full = with_empty_parts(spec, input);
      check_tabular(spec, full);
      check_scale(spec, full);
      return full;
    }
    default:
      check_sequence(spec, "values", input.values, {rows, -1, spec.features}, input);
      return input;
  }
}

// Zeros in every masked and absent place.
Input cleaned(const data::ModalitySpec& spec, const Input& input) {
  Input clean = input;
  switch (spec.kind) {
    case Kind::image:
    case Kind::volume:
      clean.values = keep_where(input.present, input.values);
      return clean;
    case Kind::series:
      clean.mask = real_tokens(input.mask, input.present);
      clean.observed = keep_where(clean.mask, input.observed);
      clean.values = keep_where(clean.observed, input.values);
      clean.times = keep_where(clean.mask, input.times);
      return clean;
    case Kind::tabular:
      clean.observed = real_tokens(input.observed, input.present);
      clean.values = keep_where(clean.observed, input.values);
      clean.ids = keep_where(input.present, input.ids);
      if (input.scale.defined()) clean.scale = keep_where(input.present, input.scale);
      return clean;
    default:
      clean.mask = real_tokens(input.mask, input.present);
      if (input.values.defined()) clean.values = keep_where(clean.mask, input.values);
      if (input.ids.defined()) clean.ids = keep_where(clean.mask, input.ids);
      if (input.scale.defined()) clean.scale = keep_where(clean.mask, input.scale);
      return clean;
  }
}

}  // namespace

Encoded Encoder::unpacked(const Input& input) const {
  const int64_t B = input.present.size(0);
  check_shape(spec_, "encoded", input.encoded, {B, -1, width_}, "T");
  check_shape(spec_, "mask", input.mask, {B, input.encoded.size(1)});
  Encoded encoded;
  encoded.present = input.present;
  encoded.pooled = keep_where(input.present, input.encoded.select(/*dim=*/1, 0));
  // A batch of absent rows has no token beside the pooled vector: one that is masked.
  const bool has_tokens = input.encoded.size(1) > 1;
  const Tensor mask = has_tokens ? input.mask.slice(/*dim=*/1, 1) : at::zeros_like(input.mask);
  encoded.mask = real_tokens(mask, input.present);
  encoded.tokens =
      keep_where(encoded.mask, has_tokens ? input.encoded.slice(/*dim=*/1, 1) : input.encoded);
  return encoded;
}

Encoded Encoder::forward(const Input& given) {
  if (given.encoded.defined()) return unpacked(given);
  const Input input = checked(spec_, given);
  // With gradients every parameter takes part, so that each has one.
  if (!at::GradMode::is_enabled() && is_known_false(input.present)) return absent(input);
  Encoded encoded = compute(cleaned(spec_, input));
  encoded.present = input.present;
  encoded.mask = real_tokens(encoded.mask, input.present);
  encoded.tokens = keep_where(encoded.mask, encoded.tokens);
  encoded.pooled = keep_where(input.present, encoded.pooled);
  for (Tensor& tap : encoded.taps) tap = keep_where(input.present, tap);
  if (encoded.embedding.defined()) encoded.embedding = keep_where(input.present, encoded.embedding);
  return encoded;
}

Encoded Encoder::absent(const Input& input) const {
  const std::vector<Tensor> all = parameters();
  const Tensor& like = all.empty() ? input.values : all[0];
  const auto real = input.present.options().dtype(like.defined() ? like.scalar_type() : at::kFloat);
  const int64_t B = input.present.size(0);
  Encoded encoded = {at::zeros({B, 1, width_}, real), at::zeros({B, 1}, input.present.options()),
                     at::zeros({B, width_}, real), input.present};
  if (wants_taps)
    for (int64_t width : tap_widths()) encoded.taps.push_back(at::zeros({B, width}, real));
  if (wants_embedding) encoded.embedding = at::zeros({B, embedding_width()}, real);
  return encoded;
}

void check_reads(const Method& method, const std::string& where, const data::ModalitySpec& spec) {
  if (method.reads(spec.kind)) return;
  std::vector<std::string> readers;
  for (const Method* other : methods())
    if (other->reads(spec.kind)) readers.emplace_back(other->name);
  fail(ErrorKind::config, "{}: encoder {}: expected a kind that it reads, got {}; use {}", where,
       method.name, data::to_string(spec.kind), fmt::join(readers, ", "));
}

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> table(std::begin(kTable), std::end(kTable));
  return table;
}

const Method& find(const std::string& name) { return find_method(methods(), "encoder", name); }

const Method& default_for(data::Kind kind, bool is_raw) {
  for (const Method* method : methods())
    if (method->is_raw == is_raw && method->reads(kind)) return *method;
  fail(ErrorKind::config, "no {}encoder reads {}; extract features or embeddings first",
       is_raw ? "raw " : "", data::to_string(kind));
}

}  // namespace braid::encoders
