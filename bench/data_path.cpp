// From files to batches: how much preparing costs beside the bare decoding, and how long a training
// loop would wait. Prints CSV.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "bench/commit.h"
#include "core/error.h"
#include "core/file.h"
#include "data/loader.h"
#include "formats/audio.h"
#include "formats/image.h"

namespace braid::bench {
namespace {

constexpr int kRounds = 5;
constexpr double kStepMs = 5;  // what a training step is taken to cost

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Samples per second, the median of some rounds over all rows.
template <class F>
double rate(int64_t rows, int rounds, F each) {
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    const double started = now_s();
    for (int64_t r = 0; r < rows; ++r) each(r);
    rates.push_back(static_cast<double>(rows) / (now_s() - started));
  }
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

std::string picture(Rng& rng, int side) {
  formats::Image image;
  image.width = image.height = side;
  image.channels = 3;
  // Soft gradients with some noise: neither the easiest nor the hardest of PNGs.
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(
            static_cast<uint8_t>((x * (c + 1) + y * 2 + static_cast<int>(rng.below(8))) % 256));
  return formats::encode_png(image);
}

std::string tone(Rng& rng, int rate_hz) {
  formats::Audio sound;
  sound.rate_hz = rate_hz;
  const double pitch = rng.uniform(0.02, 0.2);
  for (int i = 0; i < rate_hz; ++i)
    sound.samples.push_back(static_cast<float>(0.5 * std::sin(pitch * i) + 0.01 * rng.normal()));
  return formats::encode_wav(sound);
}

// A manifest of `rows` files; its one input is the column "media".
data::DatasetConfig write_files(const TemporaryFolder& folder, bool is_picture, int size,
                                int64_t rows) {
  Rng rng(1);
  std::string text = "label,media\n";
  for (int64_t r = 0; r < rows; ++r) {
    const std::string name = fmt::format("{}.{}", r, is_picture ? "png" : "wav");
    write_file_atomically(folder / name, is_picture ? picture(rng, size) : tone(rng, size));
    text += fmt::format("{},{}\n", r % 2 ? "a" : "b", name);
  }
  write_file_atomically(folder / "files.csv", text);
  data::DatasetConfig config;
  config.manifest = folder / "files.csv";
  config.target = "label";
  return config;
}

void check(const data::PreparedStore& store, const data::Dataset& dataset) {
  const data::Preparation& preparation = store.preparation();
  const auto first = preparation.prepare(dataset.sample(0)),
             second = preparation.prepare(dataset.sample(0));
  BRAID_CHECK(first[0].present && !first[0].values.empty() && first[0].values == second[0].values,
              internal, "preparing: expected the same values twice");
  for (float value : first[0].values)
    BRAID_CHECK(std::isfinite(value), internal, "preparing: expected finite values");
}

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

void measure(bool is_picture, int size, int64_t num_rows, int rounds) {
  const TemporaryFolder folder;
  const data::Dataset dataset =
      data::Dataset::open(write_files(folder, is_picture, size, num_rows));
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < num_rows; ++r) rows.push_back(r);
  // Nothing is kept: every sample is read from its file.
  data::PreparedStore store(dataset, data::Preparation::learn(dataset, rows, {}, /*num_threads=*/1),
                            /*limit_bytes=*/0);
  check(store, dataset);
  auto path = [&](int64_t r) {
    return folder / fmt::format("{}.{}", r, is_picture ? "png" : "wav");
  };
  const double bare = rate(num_rows, rounds, [&](int64_t r) {
    if (is_picture)
      formats::read_image(path(r));
    else
      formats::read_audio(path(r), 0);
  });
  const double prepared =
      rate(num_rows, rounds, [&](int64_t r) { store.preparation().prepare(dataset.sample(r)); });
  const char* kind = is_picture ? "png" : "wav";
  fmt::print("decode,{},{},1,{:.1f},1.000,,{}\n", kind, size, bare, commit());
  fmt::print("decode and prepare,{},{},1,{:.1f},{:.3f},,{}\n", kind, size, prepared,
             prepared / bare, commit());
  for (const int num_workers : {1, 2})
    fmt::print("load beside {} ms steps,{},{},{},,,{:.3f},{}\n", kStepMs, kind, size, num_workers,
               share_waiting(store, rows, num_workers), commit());
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  using namespace braid::bench;
  const bool is_smallest = argc == 2 && std::strcmp(argv[1], "--smallest") == 0;
  if (argc > 1 && !is_smallest) {
    fmt::print(stderr, "usage: {} [--smallest]\n", argv[0]);
    return 2;
  }
  if (!braid::formats::has_ffmpeg()) {
    fmt::print(stderr, "built without FFmpeg: nothing to decode\n");
    return 0;
  }
  try {
    // size: pixels a side, or samples (one second).
    fmt::print("what,format,size,workers,samples_per_s,share_of_decode,share_waiting,commit\n");
    for (const int side : {64, 256, 1024}) {
      if (!is_smallest || side == 64)
        measure(/*is_picture=*/true, side, is_smallest ? 16 : 65536 / side,
                is_smallest ? 1 : kRounds);
    }
    for (const int rate_hz : {8000, 16000, 48000}) {
      if (!is_smallest || rate_hz == 8000)
        measure(/*is_picture=*/false, rate_hz, is_smallest ? 16 : 256, is_smallest ? 1 : kRounds);
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
