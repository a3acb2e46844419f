#include "processors/power_spectra.h"

#include <cmath>

#include "core/clones.h"

namespace braid::processors {
namespace {

constexpr double kPi = 3.14159265358979323846;

// One stage of Stockham's transform: it reads numbers a_k at q + stride (p + groups k), and writes
// their butterfly times the twiddles of p to q + stride (radix p + j). The stride counts doubles, q
// runs over all of it; real and imaginary parts lie apart.
struct Planes {
  const double* from_re;
  const double* from_im;
  double* to_re;
  double* to_im;
};

BRAID_CLONES void pass2(int64_t groups, int64_t stride, const double* __restrict xr,
                        const double* __restrict xi, double* __restrict yr, double* __restrict yi,
                        const double* __restrict twiddles) {
  const int64_t far = groups * stride;
  for (int64_t p = 0; p < groups; ++p) {
    const double wr = twiddles[2 * p], wi = twiddles[2 * p + 1];
    const int64_t in = p * stride, out = 2 * p * stride;
    for (int64_t q = 0; q < stride; ++q) {
      const double ar = xr[in + q], ai = xi[in + q];
      const double br = xr[in + q + far], bi = xi[in + q + far];
      const double dr = ar - br, di = ai - bi;
      yr[out + q] = ar + br;
      yi[out + q] = ai + bi;
      yr[out + q + stride] = dr * wr - di * wi;
      yi[out + q + stride] = dr * wi + di * wr;
    }
  }
}

BRAID_CLONES void pass3(int64_t groups, int64_t stride, const double* __restrict xr,
                        const double* __restrict xi, double* __restrict yr, double* __restrict yi,
                        const double* __restrict twiddles) {
  constexpr double kSin = 0.86602540378443864676;  // sin(2 pi / 3)
  const int64_t far = groups * stride;
  for (int64_t p = 0; p < groups; ++p) {
    const double* w = twiddles + 4 * p;
    const double w1r = w[0], w1i = w[1], w2r = w[2], w2i = w[3];
    const int64_t in = p * stride, out = 3 * p * stride;
    for (int64_t q = 0; q < stride; ++q) {
      const double ar = xr[in + q], ai = xi[in + q];
      const double br = xr[in + q + far], bi = xi[in + q + far];
      const double cr = xr[in + q + 2 * far], ci = xi[in + q + 2 * far];
      const double sr = br + cr, si = bi + ci, dr = kSin * (br - cr), di = kSin * (bi - ci);
      const double mr = ar - 0.5 * sr, mi = ai - 0.5 * si;
      const double b_re = mr + di, b_im = mi - dr, c_re = mr - di, c_im = mi + dr;
      yr[out + q] = ar + sr;
      yi[out + q] = ai + si;
      yr[out + q + stride] = b_re * w1r - b_im * w1i;
      yi[out + q + stride] = b_re * w1i + b_im * w1r;
      yr[out + q + 2 * stride] = c_re * w2r - c_im * w2i;
      yi[out + q + 2 * stride] = c_re * w2i + c_im * w2r;
    }
  }
}

BRAID_CLONES void pass4(int64_t groups, int64_t stride, const double* __restrict xr,
                        const double* __restrict xi, double* __restrict yr, double* __restrict yi,
                        const double* __restrict twiddles) {
  const int64_t far = groups * stride;
  for (int64_t p = 0; p < groups; ++p) {
    const double* w = twiddles + 6 * p;
    const double w1r = w[0], w1i = w[1], w2r = w[2], w2i = w[3], w3r = w[4], w3i = w[5];
    const int64_t in = p * stride, out = 4 * p * stride;
    for (int64_t q = 0; q < stride; ++q) {
      const double ar = xr[in + q], ai = xi[in + q];
      const double br = xr[in + q + far], bi = xi[in + q + far];
      const double cr = xr[in + q + 2 * far], ci = xi[in + q + 2 * far];
      const double dr = xr[in + q + 3 * far], di = xi[in + q + 3 * far];
      const double acr = ar + cr, aci = ai + ci, bdr = br + dr, bdi = bi + di;
      const double a_cr = ar - cr, a_ci = ai - ci, b_dr = br - dr, b_di = bi - di;
      const double y1r = a_cr + b_di, y1i = a_ci - b_dr;
      const double y2r = acr - bdr, y2i = aci - bdi;
      const double y3r = a_cr - b_di, y3i = a_ci + b_dr;
      yr[out + q] = acr + bdr;
      yi[out + q] = aci + bdi;
      yr[out + q + stride] = y1r * w1r - y1i * w1i;
      yi[out + q + stride] = y1r * w1i + y1i * w1r;
      yr[out + q + 2 * stride] = y2r * w2r - y2i * w2i;
      yi[out + q + 2 * stride] = y2r * w2i + y2i * w2r;
      yr[out + q + 3 * stride] = y3r * w3r - y3i * w3i;
      yi[out + q + 3 * stride] = y3r * w3i + y3i * w3r;
    }
  }
}

BRAID_CLONES void pass5(int64_t groups, int64_t stride, const double* __restrict xr,
                        const double* __restrict xi, double* __restrict yr, double* __restrict yi,
                        const double* __restrict twiddles) {
  // Cosines and sines of 2 pi / 5 and 4 pi / 5.
  constexpr double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
  constexpr double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
  const int64_t far = groups * stride;
  for (int64_t p = 0; p < groups; ++p) {
    const double* w = twiddles + 8 * p;
    const int64_t in = p * stride, out = 5 * p * stride;
    for (int64_t q = 0; q < stride; ++q) {
      const double ar = xr[in + q], ai = xi[in + q];
      const double br = xr[in + q + far], bi = xi[in + q + far];
      const double cr = xr[in + q + 2 * far], ci = xi[in + q + 2 * far];
      const double dr = xr[in + q + 3 * far], di = xi[in + q + 3 * far];
      const double er = xr[in + q + 4 * far], ei = xi[in + q + 4 * far];
      const double ber = br + er, bei = bi + ei, cdr = cr + dr, cdi = ci + di;
      const double b_er = br - er, b_ei = bi - ei, c_dr = cr - dr, c_di = ci - di;
      const double m1r = ar + c1 * ber + c2 * cdr, m1i = ai + c1 * bei + c2 * cdi;
      const double m2r = ar + c2 * ber + c1 * cdr, m2i = ai + c2 * bei + c1 * cdi;
      const double n1r = s1 * b_er + s2 * c_dr, n1i = s1 * b_ei + s2 * c_di;
      const double n2r = s2 * b_er - s1 * c_dr, n2i = s2 * b_ei - s1 * c_di;
      const double y1r = m1r + n1i, y1i = m1i - n1r, y4r = m1r - n1i, y4i = m1i + n1r;
      const double y2r = m2r + n2i, y2i = m2i - n2r, y3r = m2r - n2i, y3i = m2i + n2r;
      yr[out + q] = ar + ber + cdr;
      yi[out + q] = ai + bei + cdi;
      yr[out + q + stride] = y1r * w[0] - y1i * w[1];
      yi[out + q + stride] = y1r * w[1] + y1i * w[0];
      yr[out + q + 2 * stride] = y2r * w[2] - y2i * w[3];
      yi[out + q + 2 * stride] = y2r * w[3] + y2i * w[2];
      yr[out + q + 3 * stride] = y3r * w[4] - y3i * w[5];
      yi[out + q + 3 * stride] = y3r * w[5] + y3i * w[4];
      yr[out + q + 4 * stride] = y4r * w[6] - y4i * w[7];
      yi[out + q + 4 * stride] = y4r * w[7] + y4i * w[6];
    }
  }
}

// to += from * (re, im), of `stride` numbers.
BRAID_CLONES void add_multiple(int64_t stride, const double* __restrict xr,
                               const double* __restrict xi, double re, double im,
                               double* __restrict yr, double* __restrict yi) {
  for (int64_t q = 0; q < stride; ++q) {
    yr[q] += xr[q] * re - xi[q] * im;
    yi[q] += xr[q] * im + xi[q] * re;
  }
}

// Any radix, by the transform's definition; the twiddle of p and j joins the root.
void pass_prime(int64_t radix, int64_t groups, int64_t stride, const Planes& planes,
                const std::vector<double>& twiddles, const std::vector<double>& roots) {
  for (int64_t p = 0; p < groups; ++p)
    for (int64_t j = 0; j < radix; ++j) {
      const double* w = j == 0 ? nullptr : &twiddles[2 * (p * (radix - 1) + j - 1)];
      const double wr = j == 0 ? 1 : w[0], wi = j == 0 ? 0 : w[1];
      const int64_t out = (radix * p + j) * stride;
      for (int64_t q = 0; q < stride; ++q) planes.to_re[out + q] = planes.to_im[out + q] = 0;
      for (int64_t k = 0; k < radix; ++k) {
        const double* root = &roots[2 * (j * k % radix)];
        const int64_t in = (p + groups * k) * stride;
        add_multiple(stride, planes.from_re + in, planes.from_im + in, root[0] * wr - root[1] * wi,
                     root[0] * wi + root[1] * wr, planes.to_re + out, planes.to_im + out);
      }
    }
}

// Z = A + j B with A and B the transforms of real frames: A[k] = (Z[k] + conj Z[N - k]) / 2 and
// B[k] = (Z[k] - conj Z[N - k]) / 2j.
BRAID_CLONES void take_power(int64_t size, const double* __restrict re, const double* __restrict im,
                             double* __restrict power) {
  constexpr int64_t kStep = PowerSpectra::kStep;
  for (int64_t k = 0; k <= size / 2; ++k) {
    const double* zr = re + k * kStep;
    const double* zi = im + k * kStep;
    const double* cr = re + (k == 0 ? 0 : size - k) * kStep;
    const double* ci = im + (k == 0 ? 0 : size - k) * kStep;
    double* first = power + 2 * k * kStep;
    double* second = first + kStep;
    for (int64_t f = 0; f < kStep; ++f) {
      const double ar = zr[f] + cr[f], ai = zi[f] - ci[f];
      const double br = zi[f] + ci[f], bi = cr[f] - zr[f];
      first[f] = 0.25 * (ar * ar + ai * ai);
      second[f] = 0.25 * (br * br + bi * bi);
    }
  }
}

int64_t next_radix(int64_t size) {
  for (int64_t radix : {4, 2, 3, 5})
    if (size % radix == 0) return radix;
  int64_t radix = 7;
  while (radix * radix <= size && size % radix != 0) radix += 2;
  return size % radix == 0 ? radix : size;
}

}  // namespace

PowerSpectra::PowerSpectra(int64_t size) : size_(size) {
  int64_t left = size;
  while (left > 1) {
    Stage stage;
    stage.radix = next_radix(left);
    stage.num_groups = left / stage.radix;
    const auto add_root = [](int64_t turns, int64_t of, std::vector<double>* to) {
      const double angle = 2 * kPi * static_cast<double>(turns % of) / static_cast<double>(of);
      to->push_back(std::cos(angle));
      to->push_back(-std::sin(angle));
    };
    for (int64_t p = 0; p < stage.num_groups; ++p)
      for (int64_t j = 1; j < stage.radix; ++j) add_root(p * j, left, &stage.twiddles);
    if (stage.radix > 5)
      for (int64_t j = 0; j < stage.radix; ++j) add_root(j, stage.radix, &stage.roots);
    left = stage.num_groups;
    stages_.push_back(std::move(stage));
  }
}

PowerSpectra::Workspace PowerSpectra::make_workspace() const {
  Workspace workspace;
  workspace.samples.resize(size_ * kFrames);
  workspace.other.resize(size_ * kFrames);
  workspace.power.resize(num_bins() * kFrames);
  return workspace;
}

void PowerSpectra::operator()(Workspace* workspace) const {
  const int64_t plane = size_ * kStep;
  double* from = workspace->samples.data();
  double* to = workspace->other.data();
  int64_t stride = kStep;
  for (const Stage& stage : stages_) {
    const Planes planes{from, from + plane, to, to + plane};
    const int64_t groups = stage.num_groups;
    const double* twiddles = stage.twiddles.data();
    if (stage.radix > 5) {
      pass_prime(stage.radix, groups, stride, planes, stage.twiddles, stage.roots);
    } else {
      const auto pass = stage.radix == 4   ? pass4
                        : stage.radix == 2 ? pass2
                        : stage.radix == 3 ? pass3
                                           : pass5;
      pass(groups, stride, planes.from_re, planes.from_im, planes.to_re, planes.to_im, twiddles);
    }
    stride *= stage.radix;
    std::swap(from, to);
  }
  take_power(size_, from, from + plane, workspace->power.data());
}

}  // namespace braid::processors
