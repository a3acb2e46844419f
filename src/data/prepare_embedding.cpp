// Ready-made vectors: .npy files, rows of .npy files, columns or memory, standardised per column.
#include <algorithm>
#include <cmath>

#include "data/prepare_kinds.h"
#include "formats/media_path.h"
#include "formats/npy.h"

namespace braid::data {
namespace {

struct EmbeddingState {
  int64_t features = 0;
  bool is_sequence = false;
  int64_t max_tokens = 1;
  bool standardize = true;
  double clip = 10;
  Standardizer column;
  template <class V>
  void visit(V& v) {
    v("features", features, at_least(1), "D");
    v("is_sequence", is_sequence, any(), "rows are tokens");
    v("max_tokens", max_tokens, at_least(1), "rows kept");
    v("standardize", standardize, any(), "by the statistics below");
    v("clip", clip, at_least(0.1), "standardised values are clipped to +-clip");
    v("column", column, any(), "statistics per column");
  }
};

struct Vectors {
  int64_t tokens = 1, features = 0;
  bool is_sequence = false;
  std::vector<float>
      values;  // (T, D); float even of float64 files, so that memory gives the same bits
};

Vectors from_file(const std::string& path) {
  const formats::MediaPath media = formats::parse_media_path(path);
  const std::string& file = media.file;
  BRAID_CHECK(!media.has_stretch(), data,
              "{}: expected an array or a row of one, got a stretch of time; name the row", path);
  check_exists(file);
  formats::NpyArray array =
      media.row < 0 ? formats::read_npy(file) : formats::read_npy_row(file, media.row);
  BRAID_CHECK(
      array.shape.size() <= 2, data,
      "{}: expected one vector (D) or tokens (T, D), got {} axes; name a row as in \"{}#0\"", path,
      array.shape.size(), file);
  Vectors result;
  result.is_sequence = array.shape.size() == 2;
  result.features = array.shape.empty() ? 1 : array.shape.back();
  result.tokens = result.is_sequence ? array.shape[0] : 1;
  BRAID_CHECK(result.features > 0 && result.tokens > 0, data,
              "{}: expected at least one value, got an empty array", path);
  result.values.assign(array.values.begin(), array.values.end());
  return result;
}

// `state` is null while the first training row is read, which fixes D.
Vectors load_vectors(const Value& value, const EmbeddingState* state) {
  Vectors result;
  std::string name;
  if (const auto* vector = std::get_if<std::vector<float>>(&value)) {
    result.values = *vector;
    result.features = static_cast<int64_t>(vector->size());
    BRAID_CHECK(result.features > 0, data, "expected a vector, got an empty one");
    // A flat vector of several tokens, where tokens are what the model knows.
    if (state != nullptr && state->is_sequence && result.features % state->features == 0) {
      result.tokens = result.features / state->features;
      result.features = state->features;
      result.is_sequence = true;
    }
  } else {
    const auto* path = std::get_if<Path>(&value);
    BRAID_CHECK(path != nullptr, data, "expected a vector, got {}", describe(value));
    result = from_file(path->path);
    name = path->path + ": ";
  }
  for (size_t i = 0; i < result.values.size(); ++i)
    BRAID_CHECK(std::isfinite(result.values[i]), data,
                "{}expected finite numbers, got {} at value {}", name, result.values[i], i);
  if (state == nullptr) return result;
  BRAID_CHECK(result.features == state->features, data,
              "{}expected {} values per vector, as in the first training row, got {}", name,
              state->features, result.features);
  BRAID_CHECK(state->is_sequence || result.tokens == 1, data,
              "{}expected one vector, as in the training rows, got {} tokens", name, result.tokens);
  if (result.tokens > state->max_tokens) {
    result.tokens = state->max_tokens;
    result.values.resize(static_cast<size_t>(result.tokens * result.features));
  }
  return result;
}

class EmbeddingPreparer : public Preparer {
 public:
  EmbeddingPreparer(std::string field, EmbeddingState state)
      : field_(std::move(field)), state_(std::move(state)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::embedding;
    spec.features = state_.features;
    spec.max_length = state_.max_tokens;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    Vectors vectors;
    in_field(sample, field_, [&] { vectors = load_vectors(value, &state_); });
    const size_t columns = static_cast<size_t>(state_.features);
    result.values.resize(vectors.values.size());
    for (size_t i = 0; i < vectors.values.size(); ++i)
      result.values[i] = state_.standardize
                             ? state_.column.apply(i % columns, vectors.values[i], state_.clip)
                             : vectors.values[i];
    result.present = true;
    result.length = vectors.tokens;
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  EmbeddingState state_;
};

}  // namespace

PreparerPtr learn_embedding(const Training& training, const EmbeddingConfig& config) {
  const std::string& field = training.modality.name;
  const std::vector<int64_t> rows = rows_with(training, field, kStatisticsSample);
  EmbeddingState state;
  state.max_tokens = config.max_tokens;
  state.standardize = config.standardize;
  state.clip = config.clip;
  // D comes from the first row whose vector can be read; visit_samples() reports the others.
  Vectors first;
  for (const int64_t row : rows) {
    const Sample sample = training.dataset.sample(row);
    try {
      in_field(sample, field, [&] { first = load_vectors(value_of(sample, field), nullptr); });
      break;
    } catch (const Error&) {
      if (!training.dataset.config().skip_bad || row == rows.back()) throw;
    }
  }
  state.features = first.features;
  state.is_sequence = first.is_sequence;
  if (!state.is_sequence) state.max_tokens = 1;

  const size_t columns = static_cast<size_t>(state.features);
  state.column = learn_statistics(
      training, rows, columns, [&](const Sample& sample, std::vector<Moments>* moments) {
        const Vectors vectors = load_vectors(value_of(sample, field), &state);
        for (size_t j = 0; j < vectors.values.size(); ++j)
          (*moments)[j % columns].add(vectors.values[j]);
      });
  return std::make_unique<EmbeddingPreparer>(field, std::move(state));
}

PreparerPtr load_embedding(const Saved& saved) {
  EmbeddingState state = read_saved<EmbeddingState>(saved.node, saved.where);
  state.column.check(static_cast<size_t>(state.features), saved.where);
  BRAID_CHECK(state.is_sequence || state.max_tokens == 1, format,
              "{}: expected max_tokens 1 of single vectors, got {}", saved.where, state.max_tokens);
  return std::make_unique<EmbeddingPreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
