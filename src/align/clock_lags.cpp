#include "align/clock_lags.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace braid::align {
namespace {

constexpr double kLeastVariance = 1e-4;

struct FreeFft {
  void operator()(kiss_fftr_state* p) const { kiss_fftr_free(p); }
};
using Fft = std::unique_ptr<kiss_fftr_state, FreeFft>;
using Spectrum = std::vector<kiss_fft_cpx>;

class Transform {
 public:
  explicit Transform(int size)
      : size_(size),
        forward_(kiss_fftr_alloc(size, /*inverse_fft=*/0, nullptr, nullptr)),
        inverse_(kiss_fftr_alloc(size, /*inverse_fft=*/1, nullptr, nullptr)),
        wave_(static_cast<size_t>(size)),
        product_(static_cast<size_t>(size / 2 + 1)) {}

  // Of values to the given power; 0 where missing.
  Spectrum spectrum(const std::vector<double>& values, int power) {
    std::fill(wave_.begin(), wave_.end(), 0.0f);
    for (size_t i = 0; i < values.size(); ++i)
      if (!std::isnan(values[i]))
        wave_[i] = static_cast<float>(power == 0   ? 1
                                      : power == 1 ? values[i]
                                                   : values[i] * values[i]);
    Spectrum spectrum(product_.size());
    kiss_fftr(forward_.get(), wave_.data(), spectrum.data());
    return spectrum;
  }

  // wave[d mod size] = sum over i of x[i] y[i + d].
  const std::vector<float>& correlate(const Spectrum& x, const Spectrum& y) {
    const float scale = 1.0f / static_cast<float>(size_);
    for (size_t f = 0; f < product_.size(); ++f) {
      product_[f].r = (x[f].r * y[f].r + x[f].i * y[f].i) * scale;
      product_[f].i = (x[f].r * y[f].i - x[f].i * y[f].r) * scale;
    }
    kiss_fftri(inverse_.get(), product_.data(), wave_.data());
    return wave_;
  }

 private:
  int size_;
  Fft forward_, inverse_;
  std::vector<float> wave_;
  Spectrum product_;
};

double power(const kiss_fft_cpx& bin) {
  return static_cast<double>(bin.r) * bin.r + static_cast<double>(bin.i) * bin.i;
}

// By Parseval's theorem: size * sum Pa Pb / (sum Pa * sum Pb), over both halves of the spectrum.
double pairs_each(const Spectrum& a, const Spectrum& b, int size) {
  double sum_a = 0, sum_b = 0, both = 0;
  for (size_t f = 0; f < a.size(); ++f) {
    const double twice = f == 0 || f + 1 == a.size() ? 1 : 2;
    sum_a += twice * power(a[f]);
    sum_b += twice * power(b[f]);
    both += twice * power(a[f]) * power(b[f]);
  }
  return sum_a > 0 && sum_b > 0 ? std::max(1.0, size * both / (sum_a * sum_b)) : 1;
}

}  // namespace

PairSums& PairSums::operator+=(const PairSums& o) {
  n += o.n;
  a += o.a;
  b += o.b;
  aa += o.aa;
  bb += o.bb;
  ab += o.ab;
  return *this;
}

PairSums PairSums::operator-(const PairSums& o) const {
  return {n - o.n, a - o.a, b - o.b, aa - o.aa, bb - o.bb, ab - o.ab};
}

void Moments::add(const PairSums& sums) {
  if (sums.n < 1) return;
  n += sums.n;
  aa += sums.aa - sums.a * sums.a / sums.n;
  bb += sums.bb - sums.b * sums.b / sums.n;
  ab += sums.ab - sums.a * sums.b / sums.n;
}

double Moments::correlation() const {
  if (n < 2 || aa <= kLeastVariance * n || bb <= kLeastVariance * n)
    return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0);
}

LagSums sums_by_lag(const GridPair& pair, int64_t first_lag, int64_t last_lag) {
  const int64_t A = static_cast<int64_t>(pair.a.size()), B = static_cast<int64_t>(pair.b.size());
  LagSums sums;
  sums.at.resize(static_cast<size_t>(last_lag - first_lag + 1));
  if (A == 0 || B == 0) return sums;
  const int size = kiss_fftr_next_fast_size_real(static_cast<int>(A + B));
  Transform transform(size);
  Spectrum a[3], b[3];
  for (int power = 0; power < 3; ++power) {
    a[power] = transform.spectrum(pair.a, power);
    b[power] = transform.spectrum(pair.b, power);
  }
  const auto fill = [&](const Spectrum& x, const Spectrum& y, double PairSums::*member) {
    const std::vector<float>& wave = transform.correlate(x, y);
    for (size_t k = 0; k < sums.at.size(); ++k) {
      const int64_t shift = first_lag + static_cast<int64_t>(k) - pair.first_b;
      if (shift <= -A || shift >= B) continue;
      sums.at[k].*member = wave[static_cast<size_t>(shift < 0 ? shift + size : shift)];
    }
  };
  fill(a[0], b[0], &PairSums::n);
  fill(a[1], b[0], &PairSums::a);
  fill(a[0], b[1], &PairSums::b);
  fill(a[2], b[0], &PairSums::aa);
  fill(a[0], b[2], &PairSums::bb);
  fill(a[1], b[1], &PairSums::ab);
  for (PairSums& at : sums.at) at.n = std::round(at.n);
  sums.pairs_each = pairs_each(a[1], b[1], size);
  return sums;
}

PairSums sums_at(const GridPair& pair, int64_t lag, int64_t first, int64_t end) {
  PairSums sums;
  const int64_t shift = lag - pair.first_b, B = static_cast<int64_t>(pair.b.size());
  first = std::max(first, -shift);
  end = std::min({end, static_cast<int64_t>(pair.a.size()), B - shift});
  for (int64_t i = first; i < end; ++i) {
    const double a = pair.a[static_cast<size_t>(i)], b = pair.b[static_cast<size_t>(i + shift)];
    if (std::isnan(a) || std::isnan(b)) continue;
    sums += {1, a, b, a * a, b * b, a * b};
  }
  return sums;
}

}  // namespace braid::align
