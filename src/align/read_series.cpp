#include "align/read_series.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "align/columns.h"
#include "align/media_stream.h"
#include "align/series_parts.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/npy.h"

namespace braid::align {
namespace {

constexpr int64_t kMostChannels = 65536;

bool agree(double rate_hz, double given_hz) { return std::abs(rate_hz / given_hz - 1) <= 0.01; }

[[noreturn]] void fail_rate(const std::string& name, double given_hz, const std::string& got) {
  fail(ErrorKind::data,
       "{}: rate: expected {} Hz as given, got {}: rates that do not match the file; correct "
       "rate_hz or leave it out",
       name, given_hz, got);
}

// All of them as they are, so that 64-bit integers keep every ns.
std::vector<int64_t> read_npy_times(const std::string& path, const ReadOptions& options,
                                    SeriesFacts* facts) {
  const std::string bytes = read_file(path, options.limit_bytes);
  const formats::NpyHeader header = formats::parse_npy_header(bytes, path);
  const formats::NpyArray array = formats::parse_npy(bytes, path);
  BRAID_CHECK(array.shape.size() == 1, shape, "{}: times: expected [N], got {} dimensions", path,
              array.shape.size());
  const size_t N = array.values.size();
  const UnitChoice choice =
      choose_unit(options.unit, stem_of(path), N > 0 ? fmt::format("{}", array.values[0]) : "");
  BRAID_CHECK(choice.unit != TimeUnit::iso, usage,
              "{}: unit: expected s, ms, us or ns for an array, got iso", path);
  facts->timing = choice.why;
  std::vector<int64_t> times_ns(N);
  const bool is_exact = header.dtype == "<i8" || header.dtype == "<u8";
  for (size_t i = 0; i < N; ++i) {
    const double value = array.values[i];
    if (!std::isfinite(value)) time_of(value, choice.unit, fmt::format("{}: row {}", path, i + 1));
    times_ns[i] = time_of(value, choice.unit, path);
    if (!is_exact || choice.unit != TimeUnit::ns) continue;
    std::memcpy(&times_ns[i], bytes.data() + header.data_offset + i * sizeof(int64_t),
                sizeof(int64_t));
  }
  return times_ns;
}

RawSeries read_npy_series(const std::string& path, const ReadOptions& options, SeriesFacts* facts) {
  refuse_time_column(path, options);
  const formats::NpyArray array = formats::parse_npy(read_file(path, options.limit_bytes), path);
  const size_t rank = array.shape.size();
  BRAID_CHECK(rank == 1 || (rank == 2 && array.shape[1] > 0 && array.shape[1] <= kMostChannels),
              shape, "{}: expected [N] or [N, C] of 1 to {} channels, got [{}]", path,
              kMostChannels, fmt::join(array.shape, ", "));
  const size_t N = static_cast<size_t>(array.shape[0]);
  const size_t C = rank == 1 ? 1 : static_cast<size_t>(array.shape[1]);
  check_rows(array.shape[0], path, options);
  std::vector<std::string> names;
  for (size_t c = 0; c < C; ++c)
    names.push_back(C == 1 ? stem_of(path) : fmt::format("column_{}", c + 1));
  const std::vector<size_t> channels = choose_channels(names, path, options);
  RawSeries raw;
  raw.channels = static_cast<int64_t>(channels.size());
  raw.values.reserve(N * channels.size());
  for (size_t i = 0; i < N; ++i)
    for (const size_t c : channels) raw.values.push_back(array.values[i * C + c]);
  for (const size_t c : channels) facts->channels.push_back(names[c]);
  facts->layout = rank == 1 ? "array [N]" : "array [N, C]";
  if (!options.times_path.empty()) {
    refuse_start(path, options);
    raw.times_ns = read_npy_times(options.times_path, options, facts);
    BRAID_CHECK(raw.times_ns.size() == N, shape, "{}: expected {} times for the rows of {}, got {}",
                options.times_path, N, path, raw.times_ns.size());
    check_given_rate(raw.times_ns, path, options);
    return raw;
  }
  BRAID_CHECK(options.rate_hz != 0, usage,
              "{}: expected rate_hz or times_path, got neither; an array has no times of its own",
              path);
  facts->rate_hz = options.rate_hz;
  raw.times_ns = sample_times(options.start_ns.value_or(0), options.rate_hz, array.shape[0], path);
  facts->timing = fmt::format("{} Hz from {}, as given", options.rate_hz,
                              format_time(options.start_ns.value_or(0)));
  return raw;
}

RawSeries read_sound(const std::string& path, const ReadOptions& options, SeriesFacts* facts) {
  refuse_time_column(path, options);
  BRAID_CHECK(options.times_path.empty(), usage,
              "{}: times_path: expected none for sound, got {}; its rate says the times", path,
              options.times_path);
  choose_channels({"mono"}, path, options);
  const formats::MediaPath media = whole_media(path);
  const std::string bytes = read_file(media.file, options.limit_bytes);
  const formats::Audio audio =
      media.is_audio_track
          ? formats::from_container_start(formats::decode_audio_track(bytes, path, /*rate_hz=*/0))
          : formats::decode_audio(bytes, path, /*rate_hz=*/0);
  const int64_t N = static_cast<int64_t>(audio.samples.size());
  check_rows(N, path, options);
  check_given_rate(audio.rate_hz, path, options);
  RawSeries raw;
  raw.values.assign(audio.samples.begin(), audio.samples.end());
  raw.times_ns = sample_times(options.start_ns.value_or(0), audio.rate_hz, N, path);
  facts->channels = {"mono"};
  facts->rate_hz = audio.rate_hz;
  facts->layout = "sound";
  facts->timing = fmt::format("{} Hz, said by the file, from {}", audio.rate_hz,
                              format_time(options.start_ns.value_or(0)));
  return raw;
}

}  // namespace

void check_rows(int64_t rows, const std::string& name, const ReadOptions& options) {
  BRAID_CHECK(rows <= options.limit_rows, data,
              "{}: expected at most {} rows, got more; raise limit_rows, or split the file", name,
              options.limit_rows);
}

void check_options(const std::string& name, const ReadOptions& options) {
  BRAID_CHECK(options.rate_hz >= 0 && options.rate_hz <= 1e9, usage,
              "{}: rate_hz: expected above 0 and at most 1e9 (0 = as the file says), got {}", name,
              options.rate_hz);
}

void check_given_rate(double rate_hz, const std::string& name, const ReadOptions& options) {
  if (options.rate_hz == 0 || agree(rate_hz, options.rate_hz)) return;
  fail_rate(name, options.rate_hz, fmt::format("{} Hz said by the file", rate_hz));
}

void check_given_rate(const std::vector<int64_t>& times_ns, const std::string& name,
                      const ReadOptions& options) {
  const size_t N = times_ns.size();
  if (options.rate_hz == 0 || N < 2) return;
  const double median_s = static_cast<double>(median_step(times_ns)) * 1e-9;
  const double mean_s =
      static_cast<double>(times_ns[N - 1] - times_ns[0]) * 1e-9 / static_cast<double>(N - 1);
  if (agree(1 / median_s, options.rate_hz) || agree(1 / mean_s, options.rate_hz)) return;
  fail_rate(name, options.rate_hz,
            fmt::format("a median step of {} ({:.6g} Hz)", format_duration(median_step(times_ns)),
                        1 / median_s));
}

void refuse_time_column(const std::string& name, const ReadOptions& options) {
  BRAID_CHECK(options.time_column.empty(), usage,
              "{}: time_column: expected none, got {}; only tables have columns", name,
              options.time_column);
}

void refuse_start(const std::string& name, const ReadOptions& options) {
  BRAID_CHECK(!options.start_ns, usage,
              "{}: start: expected none, as the file has its own times, got {}; move them with "
              "clock_offset",
              name, format_time(*options.start_ns));
}

std::vector<size_t> choose_channels(const std::vector<std::string>& names, const std::string& file,
                                    const ReadOptions& options) {
  std::vector<size_t> chosen;
  if (options.channels.empty())
    for (size_t c = 0; c < names.size(); ++c) chosen.push_back(c);
  for (const std::string& wanted : options.channels) {
    const size_t place = find_column({names, true}, wanted, file, "channels");
    BRAID_CHECK(std::find(chosen.begin(), chosen.end(), place) == chosen.end(), usage,
                "{}: channels: {} stands twice; name each once", file, wanted);
    chosen.push_back(place);
  }
  return chosen;
}

void finish(const ReadOptions& options, RawSeries* raw, SeriesFacts* facts) {
  const size_t N = raw->times_ns.size(), C = static_cast<size_t>(raw->channels);
  const std::string offset = raw->name + ": clock offset";
  if (options.clock_offset_ns != 0)
    for (int64_t& time : raw->times_ns) time = add_times(time, options.clock_offset_ns, offset);
  facts->name = raw->name;
  facts->rows = raw->size();
  facts->gaps.assign(C, 0);
  for (size_t i = 0; i < raw->values.size(); ++i) {
    BRAID_CHECK(!std::isinf(raw->values[i]), data,
                "{}: row {}: {}: expected a finite number or NaN for a gap, got infinity",
                raw->name, i / C + 1, facts->channels[i % C]);
    if (std::isnan(raw->values[i])) ++facts->gaps[i % C];
  }
  if (N > 0) facts->first_ns = raw->times_ns.front();
  if (N > 0) facts->last_ns = raw->times_ns.back();
  const bool is_regular = facts->rate_hz > 0;  // then a few steps tell all
  facts->is_from_rate = is_regular;
  const size_t num_seen = is_regular ? std::min<size_t>(N, 1000) : N;
  for (size_t i = 1; i < num_seen; ++i) {
    if (raw->times_ns[i] < raw->times_ns[i - 1]) ++facts->num_back;
    if (raw->times_ns[i] == raw->times_ns[i - 1]) ++facts->num_equal;
  }
  facts->median_step_ns =
      median_step({raw->times_ns.begin(), raw->times_ns.begin() + static_cast<int64_t>(num_seen)});
  if (!is_regular && facts->median_step_ns > 0)
    facts->rate_hz = 1e9 / static_cast<double>(facts->median_step_ns);
}

RawSeries read_raw_series(const std::string& path, const ReadOptions& options, SeriesFacts* facts) {
  const char delimiter = delimiter_of(path);
  if (delimiter != '\0')
    return parse_raw_series(read_file(path, options.limit_bytes), delimiter, path, options, facts);
  const std::string extension = extension_of(path);
  const MediaKind kind = media_kind(path);
  BRAID_CHECK(kind != MediaKind::video, usage,
              "{}: expected a series, got video, which has no value at a tick; \"{}#audio\" is its "
              "sound",
              path, path);
  const bool is_sound = kind == MediaKind::sound;
  BRAID_CHECK(is_sound || extension == ".npy", usage,
              "{}: expected a series (.csv, .tsv, .tab, .npy or sound), got the extension '{}'; "
              "export it as CSV",
              path, extension);
  check_options(path, options);
  SeriesFacts found;
  RawSeries raw =
      is_sound ? read_sound(path, options, &found) : read_npy_series(path, options, &found);
  raw.name = path;
  finish(options, &raw, &found);
  if (facts != nullptr) *facts = std::move(found);
  return raw;
}

void check_measurements(const RawSeries& raw) {
  BRAID_CHECK(raw.size() > 0, data,
              "{}: expected samples, got none; leave the stream out as missing", raw.name);
  BRAID_CHECK(!std::all_of(raw.values.begin(), raw.values.end(),
                           [](double value) { return std::isnan(value); }),
              data, "{}: expected measurements, got only gaps; leave the stream out as missing",
              raw.name);
}

Series read_series(const std::string& path, const ReadOptions& options, SeriesFacts* facts) {
  RawSeries raw = read_raw_series(path, options, facts);
  check_measurements(raw);
  Series series = {std::move(raw.name), std::move(raw.times_ns), raw.channels,
                   std::move(raw.values)};
  check(series);
  return series;
}

std::string describe(const SeriesFacts& facts) {
  std::string text = fmt::format("{}: {} row{} of {} channel{} ({})", facts.name, facts.rows,
                                 facts.rows == 1 ? "" : "s", facts.channels.size(),
                                 facts.channels.size() == 1 ? "" : "s", list_names(facts.channels));
  if (facts.rows > 0)
    text += fmt::format(", {} to {}", format_time(facts.first_ns), format_time(facts.last_ns));
  if (facts.rate_hz > 0) text += fmt::format(", {:.6g} Hz", facts.rate_hz);
  if (facts.median_step_ns > 0)
    text += fmt::format(" (median step {})", format_duration(facts.median_step_ns));
  std::vector<std::string> gaps;
  for (size_t c = 0; c < facts.gaps.size(); ++c)
    if (facts.gaps[c] > 0)
      gaps.push_back(fmt::format("{} in {}", facts.gaps[c], facts.channels[c]));
  text += "; gaps: " + (gaps.empty() ? "none" : list_names(gaps));
  if (facts.num_back > 0) text += fmt::format("; times that go back: {}", facts.num_back);
  if (facts.num_equal > 0) text += fmt::format("; times that repeat: {}", facts.num_equal);
  return text + fmt::format("; {}; {}", facts.layout, facts.timing);
}

}  // namespace braid::align
