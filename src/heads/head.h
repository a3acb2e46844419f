// What a task head is (its loss and its scores), and the family's table.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "layers/encoded.h"
#include "metrics/metric.h"

namespace braid::heads {

struct Context {
  metrics::Task task = metrics::Task::multiclass;
  int64_t num_labels = 2;             // classes, labels, or 1
  std::vector<double> class_weights;  // per class, or empty = all 1
  double target_mean = 0,
         target_deviation = 1;  // regression: of the training rows; outputs are in these units
};

class Head {
 public:
  virtual ~Head() = default;
  /// Weighted mean loss over the rows. Shapes   output (B, O); target (B) int64 for classes, (B, O)
  /// 0/1 for labels, (B) values for regression, all given as double tensors as data::Batch holds
  /// them ((B) or (B, L)); weight (B) -> scalar. Differentiable in `output`.
  virtual Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const = 0;
  /// Scores as metrics::Predictions wants them: (B, num_labels) probabilities; regression (B, 1) in
  /// the target's own units.
  virtual Tensor scores(const Tensor& output) const = 0;
  virtual int64_t num_outputs() const = 0;  // O
  virtual Activation activation() const = 0;
};

struct Method {
  const char* name;
  const char* summary;
  const char* source;
  bool (*applies)(metrics::Task task);
  std::vector<FieldDoc> (*describe)();
  std::unique_ptr<Head> (*make)(const Json& config, const std::string& where,
                                const Context& context);
};

const std::vector<const Method*>& methods();
const Method& find(const std::string& name);
/// The first of the table that applies: cross_entropy (binary, multiclass), binary_cross_entropy
/// (multilabel), mse (regression).
const Method& default_for(metrics::Task task);

}  // namespace braid::heads
