// What heads of exclusive classes share: one output a class, and their softmax as scores.
#pragma once
#include <ATen/core/Tensor.h>

#include "heads/head.h"

namespace braid::heads {

class Softmax : public Head {
 public:
  Tensor scores(const Tensor& output) const final;
  int64_t num_outputs() const final { return context_.num_labels; }
  Activation activation() const final { return Activation::softmax; }

 protected:
  /// `name` opens messages.
  Softmax(const char* name, Context context) : name_(name), context_(std::move(context)) {}
  const char* const name_;
  const Context context_;
};

/// For Method::applies: binary, multiclass.
bool applies_to_classes(metrics::Task task);

}  // namespace braid::heads
