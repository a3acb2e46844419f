// From files to batches: what each step costs beside the bare library calls, and how long a
// training loop would wait. Prints CSV.
#include <fmt/core.h>

#include <string>
#include <vector>

#include "bench/commit.h"
#include "bench/data_cases.h"
#include "bench/in_turn.h"
#include "core/error.h"
#include "core/file.h"
#include "data/loader.h"
#include "formats/image.h"

namespace braid::bench {
namespace {

constexpr double kStepMs = 5;  // what a training step is taken to cost

// Share of the time that a loop with steps of kStepMs waits for its batches.
double share_waiting(data::PreparedStore& store, const std::vector<int64_t>& rows,
                     int num_workers) {
  data::LoaderOptions options;
  options.batch_size = 8;
  options.num_workers = num_workers;
  data::Loader loader(store, rows, options);
  data::Batch batch;
  size_t seen = 0;
  const double started = now_s();
  while (loader.next(&batch)) {
    seen += batch.rows.size();
    for (const double step = now_s(); now_s() - step < kStepMs / 1e3;) {
    }
  }
  BRAID_CHECK(seen == rows.size(), internal, "loader: expected {} rows, got {}", rows.size(), seen);
  return loader.waited_s() / (now_s() - started);
}

// A loop over files of which nothing is kept: every sample is read anew.
void measure_loading(bool is_picture, int size, int64_t num_rows) {
  const TemporaryFolder folder;
  const char* extension = is_picture ? "png" : "wav";
  std::vector<std::string> files;
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < num_rows; ++r) {
    files.push_back(is_picture
                        ? formats::encode_png(gradients(static_cast<uint64_t>(r), size, size))
                        : tone(static_cast<uint64_t>(r), /*rate_hz=*/size, /*duration_s=*/1));
    rows.push_back(r);
  }
  const data::Dataset dataset = data::Dataset::open(write_files(folder.path(), extension, files));
  data::PreparedStore store(dataset, data::Preparation::learn(dataset, rows, {}, /*num_threads=*/1),
                            /*limit_bytes=*/0);
  for (const int num_workers : {1, 2})
    fmt::print("load beside {} ms steps,{},{},{},,,,,,{:.3f},{}\n", kStepMs, extension, size,
               num_workers, share_waiting(store, rows, num_workers), commit());
}

void print(const std::vector<Measured>& all) {
  for (const Measured& m : all)
    fmt::print("{},{},{},1,{:.1f},{:.2f},{},{:.1f},{:.3f},,{}\n", m.what, m.format, m.size,
               m.samples_per_s, m.samples_per_s * m.bytes / 1e6, m.bare, m.bare_per_s,
               m.share_of_bare, commit());
  std::fflush(stdout);
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  using namespace braid::bench;
  const std::string word = argc == 2 ? argv[1] : "";
  const bool is_smallest = word == "--smallest", is_all = is_smallest || argc == 1;
  if (argc > 2 || (!is_all && word != "text" && word != "sound" && word != "pictures")) {
    fmt::print(stderr, "usage: {} [--smallest | text | sound | pictures]\n", argv[0]);
    return 2;
  }
  try {
    fmt::print(
        "what,format,size,workers,samples_per_s,mb_per_s,bare,bare_per_s,share_of_bare,"
        "share_waiting,commit\n");
    if (is_all || word == "text") print(measure_text(is_smallest));
    if (is_all || word == "sound") print(measure_sound(is_smallest));
    if (is_all || word == "pictures") print(measure_pictures(is_smallest));
    if (!is_all) return 0;
    for (const int side : {64, 256, 1024})
      if (!is_smallest || side == 64)
        measure_loading(/*is_picture=*/true, side, is_smallest ? 16 : 65536 / side);
    for (const int rate_hz : {8000, 16000, 48000})
      if (!is_smallest || rate_hz == 8000)
        measure_loading(/*is_picture=*/false, rate_hz, is_smallest ? 16 : 256);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
