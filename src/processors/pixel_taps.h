// One axis of a picture's resize, with the weights of the reference's own arithmetic.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::processors {

/// Pillow's numbers, which "resample" of a preprocessor_config.json holds.
enum class Kernel { nearest = 0, lanczos = 1, bilinear = 2, bicubic = 3, box = 4, hamming = 5 };

/// pillow         fixed point of 22 bits, rounded to 8 bits after each pass
/// torchvision    bicubic: 16-bit weights of as many bits as the largest leaves, rounded to 8 bits
///                after each pass; bilinear: float, rounded (half to even) after both
enum class Arithmetic { pillow, torchvision };

/// Samples [begin, begin + count) of an axis of `size_in` samples that becomes `size_out`.
struct Axis {
  int64_t size_in = 0, size_out = 0;
  int64_t begin = 0, count = 0;
  bool operator==(const Axis& other) const {
    return size_in == other.size_in && size_out == other.size_out && begin == other.begin &&
           count == other.count;
  }
};

/// Whether this kernel's weights are float.
bool is_real(Kernel kernel, Arithmetic arithmetic);

/// The source samples of each output sample and their weights: in fixed point of `shift` bits, or
/// in float.
struct PixelTaps {
  std::vector<int> first, count;  // both ends never step back from one output sample to the next
  std::vector<int32_t> fixed;     // `stride` per output sample; empty where is_real()
  std::vector<float> real;        // likewise, otherwise empty
  int stride = 0, shift = 0;
  int low = 0, high = 0;  // the source samples that are read: [low, high)
};

/// What is added to a sum of fixed-point weights so that the shift rounds it.
inline int32_t rounding(const PixelTaps& taps) {
  return taps.shift == 0 ? 0 : 1 << (taps.shift - 1);
}

/// Shrinking widens the kernel (antialiasing), as both references do. An axis whose size stays is
/// copied.
///
/// Cost     count * support evaluations of the kernel; torchvision's bicubic all size_out, up to a
///          million, because the largest weight of all sets the number of bits.
/// Source   the behaviour of Pillow 11.1 and torchvision 0.21, held by the golden files.
PixelTaps make_pixel_taps(Kernel kernel, Arithmetic arithmetic, const Axis& axis);

}  // namespace braid::processors
