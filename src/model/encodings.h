// What the encoders made last, so that they run only where something changed.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "model/bundle.h"

namespace braid::model {

struct EncodingOptions {
  double budget_ms = 0;  // 0 = none
  bool reuses = true;
  std::function<int64_t()> clock_ns;  // empty = the steady clock
};

/// What a prediction did with each modality.
struct EncodingUse {
  std::vector<bool> has_run, is_outdated;  // (M)
};

/// Scores of one sample after another of a bundle.
///
/// An encoder runs where its modality's prepared arrays are not those that it saw last. With a
/// budget, and where the medians of the encoders' last times add up to more, those run whose
/// encodings are oldest, one at least; the others keep what they were made of, inputs included.
/// What is absent, was absent, or has no encoding yet is always up to date.
class Encodings {
 public:
  /// `bundle` has to outlive it.
  Encodings(Bundle* bundle, ops::Precision precision, EncodingOptions options);

  /// `prepared` (M). With the bits of score() on that sample alone, as long as none is outdated.
  ///
  /// Errors   shape.
  Scores score(std::vector<data::Prepared> prepared, int num_threads, EncodingUse* use);

 private:
  struct Kept {
    data::Prepared prepared;
    bool is_valid = false;        // `encoded` is of `prepared`
    int64_t turn = -1;            // of the calls of score(), in which it was encoded
    std::deque<double> times_ms;  // its last runs, where it was present
  };
  std::vector<bool> choose(const std::vector<data::Prepared>& prepared, EncodingUse* use) const;
  void keep_within_budget(const std::vector<data::Prepared>& prepared, std::vector<bool>* chosen,
                          EncodingUse* use) const;
  void encode(const std::vector<bool>& chosen);
  int64_t now_ns() const;

  Bundle* bundle_;
  ops::Precision precision_;
  EncodingOptions options_;
  int64_t turn_ = 0;
  std::vector<Kept> kept_;
  std::vector<Input> inputs_;
  std::vector<Encoded> encoded_;
};

/// Whether an encoder would see the same bits.
bool is_same(const data::Prepared& a, const data::Prepared& b);

}  // namespace braid::model
