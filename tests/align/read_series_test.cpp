#include "align/read_series.h"

#include <cstring>

#include "align/signals.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/expect_error.h"
#include "formats/npy_bytes.h"
#include "formats/table.h"
#include "support/shared_folders.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using braid::testing::npy_bytes;
using braid::testing::npy_dict;
using signals::expect_values;
using signals::kMs;
using signals::kSecond;
using Times = std::vector<int64_t>;
using Names = std::vector<std::string>;

ReadOptions at_rate(double rate_hz) {
  ReadOptions options;
  options.rate_hz = rate_hz;
  return options;
}

ReadOptions only(const Names& channels) {
  ReadOptions options;
  options.channels = channels;
  return options;
}

// The numbers of a .npy of any type.
template <class T>
std::string npy_file(const std::string& dtype, const std::string& shape, std::vector<T> values) {
  std::string data(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(data.data(), values.data(), data.size());
  return npy_bytes(npy_dict(dtype, shape), data);
}

TEST(read_series, strict_or_raw) {
  const TemporaryFolder folder;
  const std::string path = folder / "s.csv";
  const auto strict = [&](const std::string& part, const char* text) {
    write_file_atomically(path, text);
    EXPECT_EQ(read_raw_series(path).name, path);
    expect_error(ErrorKind::data, path + ": " + part, [&] { read_series(path); });
  };
  strict("measurement 3: expected a time after that of the one before, got 500 ms earlier",
         "t,x\n0,1\n1,2\n0.5,3\n");
  strict("measurement 2: expected a time after", "t,x\n0,1\n0,2\n");
  strict("expected samples, got none; leave the stream out as missing", "t,x\n");
  strict("expected measurements, got only gaps; leave the stream out", "t,x\n0,\n1,nan\n");
  SeriesFacts facts;
  write_file_atomically(path, "t,x\n0,1\n1,2\n0.5,3\n0.5,4\n");
  EXPECT_EQ(read_raw_series(path, {}, &facts).times_ns, (Times{0, kSecond, 500 * kMs, 500 * kMs}));
  EXPECT_EQ(facts.num_back, 1);
  EXPECT_EQ(facts.num_equal, 1);
  EXPECT_NE(describe(facts).find("; times that go back: 1; times that repeat: 1;"),
            std::string::npos);
  write_file_atomically(path, "t,x\n3,1\n");  // one sample is a series
  EXPECT_EQ(read_series(path, {}, &facts).times_ns, (Times{3 * kSecond}));
  EXPECT_EQ(facts.median_step_ns, 0);
  EXPECT_EQ(facts.rate_hz, 0);
  write_file_atomically(folder / "s.TSV", "t\tx\n3\t1\n");
  EXPECT_EQ(read_series(folder / "s.TSV").size(), 1);
  expect_error(ErrorKind::usage,
               "expected a series (.csv, .tsv, .tab, .npy or sound), got the extension '.txt'",
               [&] { read_series(folder / "s.txt"); });
  ReadOptions small;
  small.limit_bytes = 3;
  expect_error(ErrorKind::io, "s.csv", [&] { read_series(path, small); });
}

TEST(read_series, arrays) {
  const TemporaryFolder folder;
  const std::string path = folder / "gyro.npy", times = folder / "times_us.npy";
  SeriesFacts facts;
  write_file_atomically(path, npy_file<float>("<f4", "(2, 2)", {1, 2, 3, NAN}));
  EXPECT_EQ(read_series(path, at_rate(2), &facts).times_ns, (Times{0, 500 * kMs}));
  EXPECT_EQ(facts.gaps, (Times{0, 1}));
  EXPECT_EQ(facts.layout, "array [N, C]");
  ReadOptions options = only({"column_2"});
  options.times_path = times;
  write_file_atomically(times, npy_file<int64_t>("<i8", "(2,)", {5, 7}));
  const Series series = read_series(path, options, &facts);
  EXPECT_EQ(series.times_ns, (Times{5000, 7000}));
  expect_values(series.values, {2, NAN});
  EXPECT_EQ(facts.timing, "unit us: the column is named times_us");
  options.unit = TimeUnit::ns;  // 64-bit integers lose nothing
  write_file_atomically(
      times, npy_file<int64_t>("<i8", "(2,)", {1644227574123456789, 1644227574123456790}));
  EXPECT_EQ(read_series(path, options).times_ns, (Times{1644227574123456789, 1644227574123456790}));
  write_file_atomically(path, npy_file<int16_t>("<i2", "(3,)", {1, 2, 3}));
  EXPECT_EQ(read_series(path, at_rate(10), &facts).values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(facts.channels, (Names{"gyro"}));
}

TEST(read_series, array_errors) {
  const TemporaryFolder folder;
  const std::string path = folder / "x.npy", times = folder / "t.npy";
  const auto fails = [&](ErrorKind kind, const std::string& part, const ReadOptions& options) {
    expect_error(kind, part, [&] { read_series(path, options); });
  };
  write_file_atomically(path, npy_file<double>("<f8", "(1, 1, 1)", {1}));
  fails(ErrorKind::shape, "x.npy: expected [N] or [N, C] of 1 to 65536 channels, got [1, 1, 1]",
        at_rate(1));
  write_file_atomically(path, npy_file<double>("<f8", "(2, 0)", {}));
  fails(ErrorKind::shape, "expected [N] or [N, C] of 1 to 65536 channels, got [2, 0]", at_rate(1));
  write_file_atomically(path, npy_file<double>("<f8", "(0,)", {}));
  fails(ErrorKind::data, "x.npy: expected samples, got none", at_rate(1));
  write_file_atomically(path, npy_file<double>("<f8", "(2,)", {1, INFINITY}));
  fails(ErrorKind::data, "x.npy: row 2: x: expected a finite number or NaN for a gap, got infinity",
        at_rate(1));
  write_file_atomically(path, npy_file<double>("<f8", "(2,)", {1, 2}));
  fails(ErrorKind::usage,
        "x.npy: expected rate_hz or times_path, got neither; an array has no times of its own", {});
  ReadOptions options = at_rate(1);
  options.time_column = "t";
  fails(ErrorKind::usage, "x.npy: time_column: expected none, got t; only tables have columns",
        options);
  options = {};
  options.times_path = times;
  write_file_atomically(times, npy_file<double>("<f8", "(3,)", {1, 2, 3}));
  fails(ErrorKind::shape, "t.npy: expected 2 times for the rows of ", options);
  write_file_atomically(times, npy_file<double>("<f8", "(1, 2)", {1, 2}));
  fails(ErrorKind::shape, "t.npy: times: expected [N], got 2 dimensions", options);
  write_file_atomically(times, npy_file<double>("<f8", "(2,)", {1, NAN}));
  fails(ErrorKind::data, "t.npy: row 2: expected a number of s, got nan", options);
  write_file_atomically(times, npy_file<double>("<f8", "(2,)", {1, 2}));
  options.unit = TimeUnit::iso;
  fails(ErrorKind::usage, "t.npy: unit: expected s, ms, us or ns for an array, got iso", options);
  options.unit = TimeUnit::automatic;
  options.rate_hz = 3;
  fails(ErrorKind::data, "got a median step of 1 s (1 Hz): rates that do not match", options);
  options.rate_hz = 0;
  options.start_ns = 0;
  fails(ErrorKind::usage, "x.npy: start: expected none", options);
}

TEST(read_series, sound) {
  const TemporaryFolder folder;
  const std::string path = folder / "beep.wav";
  write_file_atomically(path, formats::encode_wav({{0, 0.5f, -0.5f}, 8000}));
  ReadOptions options;
  options.start_ns = kSecond;
  SeriesFacts facts;
  Series series;
  try {
    series = read_series(path, options, &facts);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::usage) throw;
    GTEST_SKIP() << e.what();
  }
  EXPECT_EQ(series.times_ns, (Times{kSecond, kSecond + 125000, kSecond + 250000}));
  EXPECT_NEAR(series.values[1], 0.5, 1e-4);
  EXPECT_EQ(facts.channels, (Names{"mono"}));
  EXPECT_EQ(facts.timing, "8000 Hz, said by the file, from 1 s");
  const auto fails = [&](ErrorKind kind, const std::string& part, const ReadOptions& options) {
    expect_error(kind, part, [&] { read_series(path, options); });
  };
  fails(ErrorKind::data, "expected 16000 Hz as given, got 8000 Hz said by the file",
        at_rate(16000));
  fails(ErrorKind::usage, "channels: unknown column 'left'", only({"left"}));
  options = {};
  options.times_path = "t.npy";
  fails(ErrorKind::usage, "times_path: expected none for sound, got t.npy", options);
  options = {};
  options.time_column = "t";
  fails(ErrorKind::usage, "time_column: expected none, got t", options);
  options = {};
  options.limit_rows = 2;
  fails(ErrorKind::data, "expected at most 2 rows, got more", options);
}

// streams.csv tells start, rate, number of samples and end of every stream: start + samples / rate,
// of the beats the last one.
TEST(read_series, real_wrist_streams) {
  const std::string folder = braid::testing::data_folder() + "/stress_e4";
  if (!file_exists(folder + "/streams.csv")) GTEST_SKIP() << "no real data; set BRAID_DATA";
  const formats::Table streams = formats::read_table(folder + "/streams.csv");
  const auto cell = [&](int64_t row, const char* column) {
    return std::string(streams.cell(row, streams.column(column)));
  };
  int num_streams = 0;
  for (int64_t r = 0; r < streams.num_rows(); ++r) {
    if (cell(r, "participant") != "S02") continue;
    ++num_streams;
    SeriesFacts facts;
    const Series series = read_series(folder + "/" + cell(r, "file"), {}, &facts);
    EXPECT_EQ(std::to_string(series.size()), cell(r, "samples")) << describe(facts);
    EXPECT_EQ(series.channels, cell(r, "stream") == "acc" ? 3 : 1);
    const int64_t start = read_time(cell(r, "start_unix"), TimeUnit::s, "start");
    const int64_t end = read_time(cell(r, "end_unix"), TimeUnit::s, "end");
    const bool is_regular = cell(r, "rate_hz") != "irregular";
    const int64_t step = is_regular ? facts.median_step_ns : 0;
    if (is_regular) {
      EXPECT_EQ(facts.rate_hz, std::stod(cell(r, "rate_hz"))) << describe(facts);
    }
    if (is_regular) {
      EXPECT_EQ(series.times_ns.front(), start) << describe(facts);
    }
    if (!is_regular) {
      EXPECT_GT(series.times_ns.front(), start) << describe(facts);
    }
    // The table has whole milliseconds.
    EXPECT_NEAR(static_cast<double>(series.times_ns.back() + step - end), 0, 0.5 * kMs + 1)
        << describe(facts);
  }
  EXPECT_EQ(num_streams, 6);
}

}  // namespace
}  // namespace braid::align
