#include "processors/pixel_taps.h"

#include <algorithm>
#include <cmath>

namespace braid::processors {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kPillowBits = 22;  // 32 less 8 of the sample, a sign and one of headroom
constexpr int64_t kMaxScanned = 1 << 20;

double sinc(double x) { return x == 0 ? 1 : std::sin(kPi * x) / (kPi * x); }

// Keys' cubic with a = -0.5, a piece each.
template <class Real>
Real cubic(Real x) {
  constexpr Real a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

template <class Real>
Real kernel_at(Kernel kernel, Real x) {
  switch (kernel) {
    case Kernel::lanczos:
      return -3 <= x && x < 3 ? static_cast<Real>(sinc(x) * sinc(x / 3)) : 0;
    case Kernel::bilinear:
      return std::max<Real>(0, 1 - std::abs(x));
    case Kernel::bicubic:
      return cubic(x);
    case Kernel::box:
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    case Kernel::hamming:
      if (std::abs(x) >= 1) return 0;
      return static_cast<Real>(sinc(x) * (0.54 + 0.46 * std::cos(kPi * x)));
    case Kernel::nearest:
      break;
  }
  return 1;
}

double half_width(Kernel kernel) {
  switch (kernel) {
    case Kernel::lanczos:
      return 3;
    case Kernel::bicubic:
      return 2;
    case Kernel::box:
      return 0.5;
    default:
      return 1;
  }
}

// Each output sample's weights in turn; sums and quotients are taken in Real, as the reference's.
template <class Real>
class Windows {
 public:
  Windows(Kernel kernel, const Axis& axis)
      : kernel_(kernel),
        size_in_(axis.size_in),
        scale_(static_cast<Real>(axis.size_in) / static_cast<Real>(axis.size_out)) {
    const Real widened = std::max<Real>(scale_, 1);
    support_ = static_cast<Real>(half_width(kernel) * widened);
    inverse_ = 1 / widened;
  }
  int widest() const { return static_cast<int>(std::ceil(support_)) * 2 + 1; }

  void move_to(int64_t index) {
    const Real centre = static_cast<Real>(scale_ * (static_cast<double>(index) + 0.5));
    first = std::max<int64_t>(0, static_cast<int64_t>(centre - support_ + 0.5));
    const int64_t last = std::min(size_in_, static_cast<int64_t>(centre + support_ + 0.5));
    weights.resize(std::max<int64_t>(last - first, 0));
    Real sum = 0;
    for (size_t k = 0; k < weights.size(); ++k) {
      const Real from_centre = static_cast<Real>(first + static_cast<int64_t>(k)) - centre;
      weights[k] = kernel_at(kernel_, static_cast<Real>((from_centre + 0.5) * inverse_));
      sum += weights[k];
    }
    if (sum != 0)
      for (Real& weight : weights) weight /= sum;
  }

  int64_t first = 0;
  std::vector<Real> weights;

 private:
  Kernel kernel_;
  int64_t size_in_;
  Real scale_, support_, inverse_;
};

// The most bits with which the largest weight still fits into 16, sign and rounding included.
int torchvision_bits(Kernel kernel, const Axis& axis) {
  Windows<double> windows(kernel, axis);
  double largest = 0;
  for (int64_t i = 0; i < std::min(axis.size_out, kMaxScanned); ++i) {
    windows.move_to(i);
    for (double weight : windows.weights) largest = std::max(largest, weight);
  }
  int bits = 0;
  while (bits < 22 && static_cast<int>(0.5 + largest * (1 << (bits + 1))) < (1 << 15)) ++bits;
  return bits;
}

int32_t to_fixed(double weight, int bits) {
  return static_cast<int32_t>(weight * (1 << bits) + (weight < 0 ? -0.5 : 0.5));
}

void store(double weight, size_t at, PixelTaps* taps) {
  taps->fixed[at] = to_fixed(weight, taps->shift);
}
void store(float weight, size_t at, PixelTaps* taps) { taps->real[at] = weight; }

template <class Real>
void fill_windows(Kernel kernel, const Axis& axis, PixelTaps* taps) {
  Windows<Real> windows(kernel, axis);
  taps->stride = static_cast<int>(std::min<int64_t>(windows.widest(), axis.size_in));
  const size_t size = static_cast<size_t>(taps->stride) * axis.count;
  if constexpr (sizeof(Real) == sizeof(float))
    taps->real.resize(size);
  else
    taps->fixed.resize(size);
  for (int64_t i = 0; i < axis.count; ++i) {
    windows.move_to(axis.begin + i);
    taps->first.push_back(static_cast<int>(windows.first));
    taps->count.push_back(static_cast<int>(windows.weights.size()));
    for (size_t k = 0; k < windows.weights.size(); ++k)
      store(windows.weights[k], static_cast<size_t>(i) * taps->stride + k, taps);
  }
}

// One source sample for each output sample.
void add_copy(int64_t index, const Axis& axis, PixelTaps* taps) {
  taps->first.push_back(static_cast<int>(std::min(index, axis.size_in - 1)));
  taps->count.push_back(1);
}

// Pillow steps from sample to sample and adds up the rounding of each step.
void fill_nearest_of_pillow(const Axis& axis, PixelTaps* taps) {
  const double scale = static_cast<double>(axis.size_in) / static_cast<double>(axis.size_out);
  const int64_t stepped = axis.size_out <= kMaxScanned ? axis.begin : 0;
  double position = scale * (0.5 + static_cast<double>(axis.begin - stepped));
  for (int64_t i = 0; i < stepped; ++i) position += scale;
  for (int64_t i = 0; i < axis.count; ++i, position += scale)
    add_copy(static_cast<int64_t>(position), axis, taps);
}

void fill_nearest_of_torchvision(const Axis& axis, PixelTaps* taps) {
  const float scale = static_cast<float>(axis.size_in) / static_cast<float>(axis.size_out);
  for (int64_t i = 0; i < axis.count; ++i)
    add_copy(static_cast<int64_t>(scale * static_cast<float>(axis.begin + i)), axis, taps);
}

void fill_copies(Kernel kernel, Arithmetic arithmetic, const Axis& axis, PixelTaps* taps) {
  if (axis.size_in == axis.size_out) {
    for (int64_t i = 0; i < axis.count; ++i) add_copy(axis.begin + i, axis, taps);
  } else if (arithmetic == Arithmetic::pillow) {
    fill_nearest_of_pillow(axis, taps);
  } else {
    fill_nearest_of_torchvision(axis, taps);
  }
  taps->stride = 1;
  if (is_real(kernel, arithmetic))
    taps->real.assign(axis.count, 1.0f);
  else
    taps->fixed.assign(axis.count, 1);
}

}  // namespace

bool is_real(Kernel kernel, Arithmetic arithmetic) {
  return arithmetic == Arithmetic::torchvision && kernel == Kernel::bilinear;
}

PixelTaps make_pixel_taps(Kernel kernel, Arithmetic arithmetic, const Axis& axis) {
  PixelTaps taps;
  taps.first.reserve(axis.count);
  taps.count.reserve(axis.count);
  if (axis.size_in == axis.size_out || kernel == Kernel::nearest) {
    fill_copies(kernel, arithmetic, axis, &taps);
  } else if (is_real(kernel, arithmetic)) {
    fill_windows<float>(kernel, axis, &taps);
  } else {
    taps.shift = arithmetic == Arithmetic::pillow ? kPillowBits : torchvision_bits(kernel, axis);
    fill_windows<double>(kernel, axis, &taps);
  }
  taps.low = taps.first.front();
  taps.high = taps.first.back() + taps.count.back();
  return taps;
}

}  // namespace braid::processors
