// Opening a checkpoint and making float32 of its tensors, beside a copy of as many bytes. Prints
// CSV.
#include "formats/checkpoint.h"

#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"

namespace braid::bench {
namespace {

using formats::Checkpoint;
using formats::TensorView;

// Items of these sizes with finite values of every size, and what they are by arithmetic.
struct Tensor {
  std::string bytes;
  std::vector<float> values;
};

// sign, 5 bits of exponent, 10 of fraction
float half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double size =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>((bits & 0x8000) != 0 ? -size : size);
}

Tensor make_tensor(const std::string& dtype, size_t count) {
  Tensor tensor;
  tensor.values.resize(count);
  Rng random(1);
  if (dtype == "F32") {
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-1, 1));
    tensor.bytes.assign(reinterpret_cast<const char*>(tensor.values.data()), 4 * count);
    return tensor;
  }
  std::vector<uint16_t> items(count);
  for (size_t i = 0; i < count; ++i) {
    items[i] = static_cast<uint16_t>(random.uniform(0, 65536));
    if ((items[i] & 0x7C00) == 0x7C00) items[i] ^= 0x4000;  // neither infinite nor NaN
    const uint32_t upper = uint32_t{items[i]} << 16;
    if (dtype == "BF16") {
      std::memcpy(&tensor.values[i], &upper, 4);
    } else {
      tensor.values[i] = half_value(items[i]);
    }
  }
  tensor.bytes.assign(reinterpret_cast<const char*>(items.data()), 2 * count);
  return tensor;
}

// A model of several tensors of 2^22 values, as published ones have, in one file that the system
// still holds in memory.
void measure(const std::string& dtype, size_t count, int num_tensors, double copy_bytes_per_s) {
  const Tensor tensor = make_tensor(dtype, count);
  std::vector<TensorView> views;
  for (int i = 0; i < num_tensors; ++i)
    views.push_back(
        {fmt::format("layers.{}", i), dtype, {static_cast<int64_t>(count)}, tensor.bytes});
  const TemporaryFolder folder;
  formats::write_checkpoint(folder.path(), views, {});
  std::vector<float> values(count);
  const auto read_all = [&] {
    const Checkpoint checkpoint = Checkpoint::open(folder.path());
    for (const TensorView& view : checkpoint.tensors()) formats::to_floats(view, values.data());
    return static_cast<double>(values[0]);
  };
  read_all();
  BRAID_CHECK(values == tensor.values, internal, "{}: expected the values that were written",
              dtype);
  const double all_s = median_s(read_all);
  const double open_s =
      median_s([&] { return static_cast<double>(Checkpoint::open(folder.path()).num_bytes()); });
  const Checkpoint open = Checkpoint::open(folder.path());
  const double warm_s = median_s([&] {
    for (const TensorView& view : open.tensors()) formats::to_floats(view, values.data());
    return static_cast<double>(values[0]);
  });
  const double moved =
      static_cast<double>(num_tensors) * static_cast<double>(4 * count + tensor.bytes.size());
  fmt::print("{},{:.1f},{:.3f},{:.2f},{:.2f},{:.2f},{:.3f},{:.3f},{}\n", dtype,
             1e-6 * static_cast<double>(open.num_bytes()), 1e3 * open_s, 1e-9 * moved / all_s,
             1e-9 * moved / warm_s, 1e-9 * copy_bytes_per_s, moved / all_s / copy_bytes_per_s,
             moved / warm_s / copy_bytes_per_s, commit());
  std::fflush(stdout);
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    const double bytes_per_s = braid::bench::copy_bytes_per_s();
    fmt::print(
        "dtype,file_mb,open_ms,gb_per_s,mapped_gb_per_s,copy_gb_per_s,of_copy,mapped_of_copy,"
        "commit\n");
    for (const char* dtype : {"F32", "F16", "BF16"})
      braid::bench::measure(dtype, is_smallest ? 4096 : size_t{1} << 22, is_smallest ? 2 : 16,
                            bytes_per_s);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
