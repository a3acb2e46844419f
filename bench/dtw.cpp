// Dynamic time warping: cells a second beside what the same operations on registers alone would
// take. Prints CSV.
#include "align/dtw.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "align/dtw_bounds.h"
#include "align/soft_dtw.h"
#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/clones.h"
#include "core/error.h"
#include "core/rng.h"

namespace braid::bench {
namespace {

using namespace align;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> random_walk(int64_t length, int64_t width, uint64_t seed) {
  Rng random(seed);
  std::vector<double> values;
  for (int64_t k = 0; k < length * width; ++k)
    values.push_back(random.normal() + (k >= width ? values[static_cast<size_t>(k - width)] : 0));
  return values;
}

// The plain way: two rows, one cell after the other. The reference, and the line "plain rows".
double plain_distance(const Sequence& a, const Sequence& b, const Band& band) {
  const Window window(band, a.length, b.length);
  std::vector<double> above(static_cast<size_t>(b.length + 1), kInfinity), row = above;
  above[0] = 0;
  for (int64_t i = 0; i < a.length; ++i) {
    const ColumnRange columns = window.row(i);
    std::fill(row.begin(), row.end(), kInfinity);
    for (int64_t j = columns.first; j <= columns.last; ++j) {
      double cost = 0;
      for (int64_t d = 0; d < a.width; ++d) {
        const double apart = a.values[i * a.width + d] - b.values[j * b.width + d];
        cost += apart * apart;
      }
      const auto k = static_cast<size_t>(j);
      row[k + 1] = cost + std::min(std::min(above[k + 1], row[k]), above[k]);
    }
    row.swap(above);
  }
  return above.back();
}

// A cell's subtraction, product, sum and two minima, ten vectors at once that stay in registers.
BRAID_CLONES void work_on_registers(int64_t rounds, const double* from, double* to) {
  constexpr int kChains = 10;
  typedef double Vector __attribute__((vector_size(32)));
  Vector chains[kChains];
  const Vector high = {from[0], from[1], from[2], from[3]}, shift = high - 1;
  for (int c = 0; c < kChains; ++c) chains[c] = high - c;
  for (int64_t round = 0; round < rounds; ++round)
    for (int c = 0; c < kChains; ++c) {
      const Vector apart = chains[c] - shift;
      Vector next = apart * apart + chains[c];
      next = next < high ? next : high;
      chains[c] = next < apart ? next : apart;
    }
  for (int c = 1; c < kChains; ++c) chains[0] += chains[c];
  for (int k = 0; k < 4; ++k) to[k] = chains[0][k];
}

double peak_operations_per_s() {
  constexpr int64_t kRounds = 1000000;
  const double from[4] = {1, 2, 3, 4};
  double to[4], best = kInfinity;
  for (int i = 0; i < 10; ++i) {
    const double started = thread_s();
    work_on_registers(kRounds, from, to);
    best = std::min(best, thread_s() - started);
  }
  return 5.0 * 4 * 10 * kRounds / best;
}

// kB of a line of /proc/self/status; 0 where there is none.
int64_t status_kb(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name, 0) == 0) return std::atoll(line.c_str() + name.size());
  return 0;
}

// How much more memory the process takes during `work` than before it.
int64_t memory_bytes(const std::function<double()>& work) {
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const int64_t before = status_kb("VmRSS:");
  work();
  return std::max<int64_t>(0, status_kb("VmHWM:") - before) * 1024;
}

struct Subject {
  std::string what;
  int64_t length;
  std::string band;
  double cells;       // of the table or, for bounds, numbers
  double operations;  // additions, products and minima a cell; 0 = says nothing
  double expected;    // what `work` has to return, within 1e-9
  std::function<double()> work;
};

void measure(const Subject& subject, double peak) {
  const double given = subject.work();
  BRAID_CHECK(std::fabs(given - subject.expected) <= 1e-9 * std::fabs(subject.expected), internal,
              "{} of {}: expected {}, got {}", subject.what, subject.length, subject.expected,
              given);
  const int64_t bytes = memory_bytes(subject.work);
  const double median = median_s(subject.work);
  const double bound = subject.cells * subject.operations / peak;
  fmt::print("{},{},{},{:.4f},{:.4g},{},{},{},{}\n", subject.what, subject.length, subject.band,
             1e3 * median, subject.cells / median, bytes,
             bound > 0 ? fmt::format("{:.5f}", bound * 1e3) : "",
             bound > 0 ? fmt::format("{:.2f}", bound / median) : "", commit());
  std::fflush(stdout);
}

void measure_distances(int64_t length, double peak) {
  const auto x = random_walk(length, 1, 1), y = random_walk(length, 1, 2);
  const std::pair<const char*, Band> bands[] = {{"none", {}},
                                                {"radius 1 %", Band::sakoe_chiba(length / 100)},
                                                {"radius 10 %", Band::sakoe_chiba(length / 10)},
                                                {"itakura 2", Band::itakura(2)}};
  for (const auto& [name, band] : bands) {
    const auto cells = static_cast<double>(Window(band, length, length).num_cells());
    const double expected = plain_distance(x, y, band);
    WarpOptions options;
    options.band = band;
    measure({"plain rows", length, name, cells, 5, expected,
             [&, b = band] { return plain_distance(x, y, b); }},
            peak);
    measure({"distance", length, name, cells, 5, expected,
             [&] { return warp_distance(x, y, options); }},
            peak);
    measure({"path", length, name, cells, 5, expected,
             [&] { return warp_path(x, y, options).distance; }},
            peak);
  }
  const double cells = static_cast<double>(length) * static_cast<double>(length);
  const auto wide_x = random_walk(length, 8, 3), wide_y = random_walk(length, 8, 4);
  measure({"distance of 8 dimensions", length, "none", cells, 3 * 8 + 3,
           plain_distance({wide_x, 8}, {wide_y, 8}, {}),
           [&] {
             return warp_distance({wide_x, 8}, {wide_y, 8});
           }},
          peak);
  for (const int64_t radius : {1, 10}) {
    // Near the cheapest is all that it promises: compared with itself through its path.
    const double expected = fast_warp(x, y, radius).distance;
    BRAID_CHECK(expected >= plain_distance(x, y, {}) * (1 - 1e-12), internal,
                "fast dtw: expected no less than the exact distance, got {}", expected);
    measure({"fast dtw", length, fmt::format("radius {}", radius), cells, 0, expected,
             [&, r = radius] { return fast_warp(x, y, r).distance; }},
            peak);
  }
}

void measure_subsequence(int64_t length, double peak) {
  const auto series = random_walk(length, 1, 5);
  const int64_t first = length / 3, size = length / 50;
  const Sequence query(series.data() + first, size);
  const Match match = warp_subsequence(query, series);
  BRAID_CHECK(match.first == first && match.last == first + size - 1, internal,
              "subsequence: expected rows {} to {}, got {} to {}", first, first + size - 1,
              match.first, match.last);
  measure({fmt::format("subsequence of {}", size), length, "none",
           static_cast<double>(length) * static_cast<double>(size), 5, 0,
           [&] { return warp_subsequence(query, series).distance; }},
          peak);
}

void measure_search(int64_t length, int64_t num_candidates, double peak) {
  std::vector<std::vector<double>> all;
  std::vector<Sequence> candidates;
  for (int64_t c = 0; c < num_candidates; ++c) {
    all.push_back(random_walk(length, 1, static_cast<uint64_t>(c + 10)));
    candidates.emplace_back(all.back());
  }
  auto query = all[static_cast<size_t>(num_candidates / 2)];
  Rng random(9);
  for (double& value : query) value += random.normal();
  const int64_t radius = length / 10;
  WarpOptions options;
  options.band = Band::sakoe_chiba(radius);
  const auto all_warped = [&] {
    double least = kInfinity;
    for (const Sequence& each : candidates)
      least = std::min(least, warp_distance(each, query, options));
    return least;
  };
  const double expected = all_warped();
  const double cells = static_cast<double>(Window(options.band, length, length).num_cells());
  const auto all_cells = cells * static_cast<double>(num_candidates);
  measure({fmt::format("{} warped", num_candidates), length, "radius 10 %", all_cells, 5, expected,
           all_warped},
          peak);
  measure({fmt::format("nearest of {}", num_candidates), length, "radius 10 %", all_cells, 0,
           expected, [&] { return nearest_sequence(query, candidates, radius).distance; }},
          peak);
  const Envelope around = envelope(query, radius);
  const double keogh = lb_keogh(candidates[0], around);
  const double improved = lb_improved(candidates[0], query, around, radius);
  BRAID_CHECK(keogh <= improved && improved <= warp_distance(candidates[0], query, options),
              internal, "bounds: expected {} <= {} <= the distance", keogh, improved);
  const auto numbers = static_cast<double>(length);
  measure({"envelope", length, "radius 10 %", numbers, 0, around.upper[0],
           [&] { return envelope(query, radius).upper[0]; }},
          peak);
  measure({"lb_keogh", length, "radius 10 %", numbers, 6, keogh,
           [&] { return lb_keogh(candidates[0], around); }},
          peak);
  measure({"lb_improved", length, "radius 10 %", numbers, 0, improved,
           [&] { return lb_improved(candidates[0], query, around, radius); }},
          peak);
}

void measure_soft(int64_t length, double peak) {
  const auto x = random_walk(length, 1, 1), y = random_walk(length, 1, 2);
  SoftOptions options;
  options.gamma = 1e-9;
  BRAID_CHECK(std::fabs(soft_dtw(x, y, options) - plain_distance(x, y, {})) < 1e-3, internal,
              "soft dtw: expected the distance where gamma is small");
  options.gamma = 1;
  const double expected = soft_dtw(x, y, options);
  const double cells = static_cast<double>(length) * static_cast<double>(length);
  measure({"soft dtw", length, "none", cells, 0, expected, [&] { return soft_dtw(x, y, options); }},
          peak);
  measure({"soft dtw gradient", length, "none", cells, 0, expected,
           [&] { return soft_dtw_gradient(x, y, options).value; }},
          peak);
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  using namespace braid::bench;
  const bool is_smallest = argc == 2 && std::string(argv[1]) == "--smallest";
  if (argc > 2 || (argc == 2 && !is_smallest)) {
    fmt::print(stderr, "usage: {} [--smallest]\n", argv[0]);
    return 2;
  }
  try {
    const double peak = peak_operations_per_s();
    fmt::print(
        "what,length,band,median_ms,cells_per_s,memory_bytes,bound_ms,share_of_bound,commit\n");
    for (const int64_t length : {200, 1000, 10000})
      if (!is_smallest || length == 200) measure_distances(length, peak);
    measure_subsequence(is_smallest ? 1000 : 100000, peak);
    measure_search(is_smallest ? 64 : 256, is_smallest ? 20 : 1000, peak);
    measure_soft(is_smallest ? 50 : 1000, peak);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
