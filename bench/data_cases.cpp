#include "bench/data_cases.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "bench/bare.h"
#include "bench/in_turn.h"
#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"
#include "data/log_mel.h"
#include "data/prepare.h"
#include "formats/audio.h"
#include "text/wordpiece.h"

namespace braid::bench {
namespace {

constexpr int64_t kNumFiles = 8;

int rounds_of(bool smallest) { return smallest ? 1 : 15; }

Measured line(const char* what, const char* format, int64_t size, double bytes, const char* bare,
              const Rates& rates) {
  return {what, format, bare, size, rates.per_s, rates.bare_per_s, rates.share, bytes};
}

// The encoded picture again: lossless, or within a few levels of it.
void check_decoded(const formats::Image& image, const formats::Image& want, double levels) {
  BRAID_CHECK(image.pixels.size() == want.pixels.size(), internal,
              "decode: expected {} bytes, got {}", want.pixels.size(), image.pixels.size());
  double sum = 0;
  for (size_t i = 0; i < want.pixels.size(); ++i)
    sum += std::abs(static_cast<int>(image.pixels[i]) - want.pixels[i]);
  sum /= static_cast<double>(want.pixels.size());
  BRAID_CHECK(sum <= levels, internal,
              "decode: expected the picture within {} levels, got {:.2f} on average", levels, sum);
}

// Within a level or two of swscale's picture: its filter is near Pillow's, not equal to it.
void check_resized(const formats::Image& image, int side) {
  const std::vector<float> planar = formats::resize_image(image, side, side, /*channels_out=*/3);
  const std::vector<uint8_t> theirs = bare_resize(image, side);
  const int stride = (side * 3 + 63) / 64 * 64;
  double sum = 0;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c)
        sum += std::abs(255 * planar[(c * side + y) * side + x] - theirs[y * stride + 3 * x + c]);
  sum /= 3.0 * side * side;
  BRAID_CHECK(sum < 2, internal,
              "resize to {}: expected swscale's picture within 2 levels, got {:.2f} on average",
              side, sum);
}

void check_prepared(const data::Preparation& preparation, const data::Dataset& dataset) {
  const auto first = preparation.prepare(dataset.sample(0)),
             second = preparation.prepare(dataset.sample(0));
  BRAID_CHECK(first[0].present && !first[0].values.empty() && first[0].values == second[0].values,
              internal, "preparing: expected the same values twice");
  for (float value : first[0].values)
    BRAID_CHECK(std::isfinite(value), internal, "preparing: expected finite values");
}

// A folder of pictures or sounds of one size, and everything learned from them.
struct Files {
  TemporaryFolder folder;
  std::string extension;
  data::Dataset dataset;
  data::Preparation preparation;

  Files(const std::string& ending, const std::vector<std::string>& files,
        const data::PrepareConfig& config)
      : extension(ending),
        dataset(data::Dataset::open(write_files(folder.path(), ending, files))),
        preparation(data::Preparation::learn(dataset, rows(), config, /*num_threads=*/1)) {
    check_prepared(preparation, dataset);
  }
  std::string path(int64_t row) const { return folder / fmt::format("{}.{}", row, extension); }
  std::vector<int64_t> rows() const {
    std::vector<int64_t> all;
    for (int64_t r = 0; r < dataset.size(); ++r) all.push_back(r);
    return all;
  }
};

void measure_picture(const char* extension, int width, int height, int side, bool smallest,
                     std::vector<Measured>* out) {
  const bool is_jpeg = std::string(extension) == "jpg";
  const AVCodecID codec = is_jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG;
  std::vector<std::string> encoded;
  for (uint64_t seed = 0; seed < kNumFiles; ++seed) {
    const formats::Image image = gradients(seed, width, height);
    encoded.push_back(is_jpeg ? encode_jpeg(image) : formats::encode_png(image));
  }
  data::PrepareConfig config;
  config.image.size = side;
  const Files files(extension, encoded, config);
  const formats::Image image = formats::read_image(files.path(0));
  check_decoded(image, gradients(/*seed=*/0, width, height), /*levels=*/is_jpeg ? 4 : 0);
  check_resized(image, side);

  const int rounds = rounds_of(smallest);
  const double bytes = 3.0 * width * height;
  out->push_back(line("decode", extension, width, bytes, "avcodec",
                      in_turn(
                          kNumFiles, rounds, [&](int64_t r) { formats::read_image(files.path(r)); },
                          [&](int64_t r) { bare_decode(files.path(r), codec); })));
  const auto prepare = [&](int64_t r) { files.preparation.prepare(files.dataset.sample(r)); };
  const auto bare = [&](int64_t r) { bare_resize(*bare_decode(files.path(r), codec), side); };
  const std::string name = fmt::format("file to tensor of {}", side);
  out->push_back(line(name.c_str(), extension, width, bytes, "avcodec + swscale",
                      in_turn(kNumFiles, rounds, prepare, bare)));
}

void measure_resize(int width, int height, int side, bool smallest, std::vector<Measured>* out) {
  const formats::Image image = gradients(/*seed=*/1, width, height);
  check_resized(image, side);
  const auto ours = [&](int64_t) { formats::resize_image(image, side, side, /*channels_out=*/3); };
  out->push_back(line(
      fmt::format("resize to {}", side).c_str(), "rgb", width, 3.0 * width * height, "swscale",
      in_turn(kNumFiles, rounds_of(smallest), ours, [&](int64_t) { bare_resize(image, side); })));
}

void measure_wav(int rate_hz, double duration_s, bool smallest, std::vector<Measured>* out) {
  std::vector<std::string> encoded;
  for (uint64_t seed = 0; seed < kNumFiles; ++seed)
    encoded.push_back(tone(seed, rate_hz, duration_s));
  const Files files("wav", encoded, {});
  const int64_t size = bare_sound(files.path(0));
  const formats::Audio first = formats::read_audio(files.path(0), /*rate_hz=*/0);
  BRAID_CHECK(static_cast<int64_t>(first.samples.size()) == size &&
                  formats::encode_wav(first) == encoded[0],
              internal, "{}: expected the samples that were written", files.path(0));
  const double bytes = 2.0 * static_cast<double>(size);
  const auto bare = [&](int64_t r) { bare_sound(files.path(r)); };
  const int rounds = rounds_of(smallest);
  out->push_back(line(
      "decode", "wav", size, bytes, "avformat",
      in_turn(
          kNumFiles, rounds, [&](int64_t r) { formats::read_audio(files.path(r), 0); }, bare)));
  const data::LogMel log_mel{data::LogMelConfig()};
  const int64_t num_frames = log_mel.num_frames(size);
  const auto transforms = [&](int64_t r) {
    bare_sound(files.path(r));
    std::vector<float> samples(static_cast<size_t>(size + log_mel.fft_size()));
    bare_transforms(samples, num_frames, log_mel.hop_samples(),
                    static_cast<int>(log_mel.fft_size()));
  };
  const auto prepare = [&](int64_t r) { files.preparation.prepare(files.dataset.sample(r)); };
  out->push_back(line("file to tensor", "wav", size, bytes, "avformat + kissfft",
                      in_turn(kNumFiles, rounds, prepare, transforms)));
}

// The last whole frame's bands out of the bare spectrum: log_mel's own figures, but for its window.
void check_log_mel(const data::LogMelConfig& config, const std::vector<float>& samples) {
  const data::LogMel log_mel(config);
  int64_t num_frames = 0;
  const std::vector<float> got = log_mel(samples, &num_frames);
  const int64_t t = num_frames / 2, window = log_mel.window_samples();
  std::vector<float> frame(static_cast<size_t>(log_mel.fft_size()));
  for (int64_t i = 0; i < window; ++i)
    frame[i] = static_cast<float>(samples[t * log_mel.hop_samples() - window / 2 + i] *
                                  (0.5 - 0.5 * std::cos(2 * M_PI * i / window)));
  const std::vector<float> power =
      bare_transforms(frame, /*num_frames=*/1, 0, static_cast<int>(log_mel.fft_size()));
  const std::vector<double> bands = log_mel.bands();
  for (int64_t m = 0; m < config.num_mels; ++m) {
    double sum = 0;
    for (size_t k = 0; k < power.size(); ++k) sum += bands[m * power.size() + k] * power[k];
    const double want = std::log(std::max(sum, 1e-10));
    BRAID_CHECK(std::abs(got[t * config.num_mels + m] - want) < 1e-4, internal,
                "log-mel: frame {} band {}: expected {}, got {}", t, m, want,
                got[t * config.num_mels + m]);
  }
}

void measure_log_mel(double duration_s, bool smallest, std::vector<Measured>* out) {
  data::LogMelConfig config;  // 16 kHz, 25 ms every 10 ms, 40 bands
  Rng rng(1);
  std::vector<float> samples(static_cast<size_t>(duration_s * config.rate_hz));
  for (float& sample : samples) sample = static_cast<float>(0.1 * rng.normal());
  check_log_mel(config, samples);
  const data::LogMel log_mel(config);
  const int64_t size = static_cast<int64_t>(samples.size());
  std::vector<float> padded = samples;  // the last frames reach beyond the end
  padded.resize(samples.size() + static_cast<size_t>(log_mel.fft_size()));
  int64_t num_frames = 0;
  out->push_back(line(
      "log-mel", "samples", size, 2.0 * static_cast<double>(size), "kissfft",
      in_turn(/*num_items=*/4, rounds_of(smallest), [&](int64_t) { log_mel(samples, &num_frames); },
              [&](int64_t) {
                bare_transforms(padded, log_mel.num_frames(size), log_mel.hop_samples(),
                                static_cast<int>(log_mel.fft_size()));
              })));
}

// Sentences of made-up words, some of them rare, with punctuation; with accents and letters beyond
// Latin where asked.
std::string sentences(int num_words, bool is_ascii) {
  static const char* const kSyllables[] = {"ka", "ter", "in", "mo",  "sta", "re",  "lun", "o",
                                           "vi", "dre", "Pa", "qui", "es",  "tan", "ge",  "sho"};
  static const char* const kOther[] = {"é", "ñ", "ü", "дом", "λόγος", "ça", "Å"};
  Rng rng(7);
  std::string text;
  for (int w = 0; w < num_words; ++w) {
    const uint64_t length = 1 + rng.below(4);
    for (uint64_t i = 0; i < length; ++i) text += kSyllables[rng.below(1 + rng.below(16))];
    if (!is_ascii && rng.chance(0.3)) text += kOther[rng.below(7)];
    text += rng.chance(0.1) ? ", " : " ";
  }
  return text;
}

void measure_tokens(bool is_ascii, bool smallest, std::vector<Measured>* out) {
  const std::string text = sentences(/*num_words=*/10000, is_ascii);
  size_t next = 0;
  const text::WordPiece words = text::WordPiece::learn(
      [&](std::string* one) {
        *one = text;
        return next++ == 0;
      },
      {});
  // Every letter was learned, so that the pieces put together are the words.
  const std::vector<int32_t> ids = words.encode(text, /*max_tokens=*/0);
  const std::string want = fmt::format("{}", fmt::join(text::split_words(text, {}), " "));
  BRAID_CHECK(words.decode(ids) == want, internal, "tokenise: expected the text's words again");
  const char* format = is_ascii ? "ascii" : "utf8";
  const double bytes = static_cast<double>(text.size());
  const int64_t size = static_cast<int64_t>(text.size());
  const auto bare = [&](int64_t) { bare_normalize(text); };
  const auto split = [&](int64_t) { text::split_words(text, {}); };
  const auto encode = [&](int64_t) { words.encode(text, /*max_tokens=*/0); };
  const int rounds = rounds_of(smallest);
  out->push_back(
      line("split words", format, size, bytes, "utf8proc", in_turn(4, rounds, split, bare)));
  out->push_back(
      line("tokenise", format, size, bytes, "utf8proc", in_turn(4, rounds, encode, bare)));
}

}  // namespace

formats::Image gradients(uint64_t seed, int width, int height) {
  Rng rng(seed + 1);
  formats::Image image;
  image.width = width;
  image.height = height;
  image.channels = 3;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(static_cast<uint8_t>(
            128 + 100 * std::sin(0.02 * (x * (c + 1) + y * 2)) + rng.uniform(-4, 4)));
  return image;
}

std::string tone(uint64_t seed, int rate_hz, double duration_s) {
  Rng rng(seed + 1);
  formats::Audio sound;
  sound.rate_hz = rate_hz;
  const double pitch = rng.uniform(0.02, 0.2);
  for (int i = 0; i < static_cast<int>(duration_s * rate_hz); ++i)
    sound.samples.push_back(static_cast<float>(0.5 * std::sin(pitch * i) + 0.01 * rng.normal()));
  return formats::encode_wav(sound);
}

data::DatasetConfig write_files(const std::string& folder, const std::string& extension,
                                const std::vector<std::string>& files) {
  std::string text = "label,media\n";
  for (size_t r = 0; r < files.size(); ++r) {
    const std::string name = fmt::format("{}.{}", r, extension);
    write_file_atomically(folder + "/" + name, files[r]);
    text += fmt::format("{},{}\n", r % 2 ? "a" : "b", name);
  }
  data::DatasetConfig config;
  config.manifest = folder + "/files.csv";
  config.target = "label";
  write_file_atomically(config.manifest, text);
  return config;
}

std::vector<Measured> measure_pictures(bool smallest) {
  std::vector<Measured> out;
  for (const char* extension : {"jpg", "png"}) {
    measure_picture(extension, 64, 64, 64, smallest, &out);
    if (smallest) continue;
    measure_picture(extension, 224, 224, 64, smallest, &out);
    measure_picture(extension, 640, 480, 64, smallest, &out);
    measure_picture(extension, 640, 480, 224, smallest, &out);
  }
  measure_resize(224, 224, 64, smallest, &out);
  if (smallest) return out;
  measure_resize(640, 480, 64, smallest, &out);
  measure_resize(640, 480, 224, smallest, &out);
  measure_resize(64, 64, 224, smallest, &out);
  return out;
}

std::vector<Measured> measure_sound(bool smallest) {
  std::vector<Measured> out;
  measure_wav(/*rate_hz=*/16000, /*duration_s=*/1, smallest, &out);
  if (!smallest) measure_wav(/*rate_hz=*/16000, /*duration_s=*/10, smallest, &out);
  measure_log_mel(smallest ? 1 : 10, smallest, &out);
  return out;
}

std::vector<Measured> measure_text(bool smallest) {
  std::vector<Measured> out;
  measure_tokens(/*is_ascii=*/true, smallest, &out);
  measure_tokens(/*is_ascii=*/false, smallest, &out);
  return out;
}

}  // namespace braid::bench
