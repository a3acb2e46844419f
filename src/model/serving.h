// A bundle as the public promise serves it: what Predictor and StreamPredictor share.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "braid/predictor.h"
#include "data/sample.h"
#include "model/bundle.h"

namespace braid {

struct Sample::Impl {
  data::Sample sample;
  std::vector<std::pair<std::string, std::string>>
      cells;  // given as text: understood once the field's kind is known
};

namespace model {

struct Serving {
  explicit Serving(Bundle b) : bundle(std::move(b)) {}
  Bundle bundle;
  int num_threads = 0;  // 0 = as many as are free
  ops::Precision precision = ops::Precision::float32;
  std::vector<std::string> modalities;
  std::vector<FieldInfo> fields;
  std::string task;

  /// Errors   io, format, config, usage: as Predictor::load.
  static Serving load(const std::string& folder, const PredictorOptions& options);

  int threads() const;
  double coverage() const;  // 0 where not calibrated
  /// Errors   config: a field that the model does not know, with the nearest name.
  data::Kind kind_of(const std::string& field) const;
  /// The values of a sample with its cells read as their fields' kinds say.
  ///
  /// Errors   as kind_of. data: a cell that is no number where one is expected.
  data::Sample understand(const data::Sample& given,
                          const std::vector<std::pair<std::string, std::string>>& cells) const;
  /// An embedding made of several numeric columns: all of them make the vector, as in a manifest.
  void join_columns(data::Sample* sample) const;
  /// Row i of the scores as the promise has it.
  Prediction describe(const Scores& scores, size_t i) const;

 private:
  void list_fields();
  void add_set(const Scores& scores, size_t i, Prediction* prediction) const;
};

}  // namespace model
}  // namespace braid
