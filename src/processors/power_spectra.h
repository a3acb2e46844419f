// The discrete Fourier transform of real frames, in double and many frames side by side: single
// precision costs quiet bands beside loud ones their third decimal.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::processors {

/// P_f[k] = |sum_i x_f[i] exp(-2 pi j i k / N)|^2, k <= N / 2, of kFrames frames f at once.
///
/// Two frames share one complex transform (mixed radix 4, 2, 3, 5 and any prime, self-sorting), and
/// every loop runs over the frames innermost, so that any N makes full vectors.
///
/// Shapes   N >= 1.
/// Cost     kFrames / 2 complex transforms of N; O(N p) for a prime factor p above 5. A const
/// object
///          may be used by many threads, each with a Workspace of its own.
class PowerSpectra {
 public:
  static constexpr int64_t kFrames = 8;

  struct Workspace {
    /// Sample i of frame f at place(f) + i * kStep; written before a call, lost by it.
    std::vector<double> samples;
    std::vector<double> other;  // the transform goes back and forth between these
    std::vector<double> power;  // P_f[k] at k * kFrames + f
  };

  explicit PowerSpectra(int64_t size);

  int64_t size() const { return size_; }
  int64_t num_bins() const { return size_ / 2 + 1; }
  /// Zeros of the right sizes.
  Workspace make_workspace() const;
  /// Where frame f begins in Workspace::samples.
  int64_t place(int64_t frame) const {
    return frame < kStep ? frame : size_ * kStep + frame - kStep;
  }
  static constexpr int64_t kStep = kFrames / 2;

  void operator()(Workspace* workspace) const;

 private:
  struct Stage {
    int64_t radix = 0;
    int64_t num_groups = 0;        // the length that is left, over the radix
    std::vector<double> twiddles;  // cos and -sin, (num_groups, radix - 1, 2)
    std::vector<double> roots;     // of unity, (radix, 2); for primes above 5
  };
  int64_t size_ = 0;
  std::vector<Stage> stages_;
};

}  // namespace braid::processors
