#include "formats/audio.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/rng.h"
#include "formats/media_samples.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using braid::testing::media_file;
using ::testing::HasSubstr;
using ::testing::StartsWith;

void append(uint64_t value, int num_bytes, std::string* out) {
  for (int i = 0; i < num_bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// A WAV file by hand: `tag` 1 is PCM, 3 is float.
std::string wav_of(int tag, int bits, int channels, const std::string& data, int rate_hz = 8000) {
  std::string out = "RIFF";
  append(36 + data.size(), 4, &out);
  out += "WAVEfmt ";
  append(16, 4, &out);
  append(static_cast<uint64_t>(tag), 2, &out);
  append(static_cast<uint64_t>(channels), 2, &out);
  append(static_cast<uint64_t>(rate_hz), 4, &out);
  append(static_cast<uint64_t>(rate_hz) * channels * bits / 8, 4, &out);
  append(static_cast<uint64_t>(channels * bits / 8), 2, &out);
  append(static_cast<uint64_t>(bits), 2, &out);
  out += "data";
  append(data.size(), 4, &out);
  return out + data;
}

std::string bytes_of(const std::vector<int64_t>& values, int num_bytes) {
  std::string out;
  for (int64_t value : values) append(static_cast<uint64_t>(value), num_bytes, &out);
  return out;
}
std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

TEST(audio, scales_every_width_of_pcm) {
  const std::vector<float> expected = {0.5f, -1.0f, 0.0f, -0.25f};
  // 8 bits are unsigned around 128.
  EXPECT_EQ(decode_audio(wav_of(1, 8, 1, bytes_of({192, 0, 128, 96}, 1)), "x", 0).samples,
            expected);
  for (int bits : {16, 24, 32}) {
    const int64_t one = int64_t{1} << (bits - 1);
    const std::string data = bytes_of({one / 2, -one, 0, -one / 4}, bits / 8);
    EXPECT_EQ(decode_audio(wav_of(1, bits, 1, data), "x", 0).samples, expected) << bits;
  }
  EXPECT_EQ(decode_audio(wav_of(3, 32, 1, bytes_of(expected)), "x", 0).samples, expected);
}

TEST(audio, averages_the_channels) {
  AudioInfo info;
  const Audio audio = decode_audio(
      wav_of(3, 32, 3, bytes_of({0.1f, 0.2f, 0.6f, -0.3f, 0.0f, 0.0f})), "x", 0, &info);
  ASSERT_EQ(audio.samples.size(), 2u);
  EXPECT_FLOAT_EQ(audio.samples[0], 0.3f);
  EXPECT_FLOAT_EQ(audio.samples[1], -0.1f);
  EXPECT_EQ(info.channels, 3);
  EXPECT_EQ(info.rate_hz, 8000);
  EXPECT_DOUBLE_EQ(info.duration_s, 2.0 / 8000);
}

// The fixtures hold 440 Hz, 0.5 on the left and 0.25 on the right: mono amplitude 0.375.
double tone_error(const Audio& audio) {
  double worst = 0;
  const size_t edge = audio.rate_hz / 20, end = audio.rate_hz / 5;
  for (size_t i = edge; i < end; ++i)
    worst = std::max(
        worst, std::abs(audio.samples[i] -
                        0.375 * std::sin(2 * M_PI * 440 * static_cast<double>(i) / audio.rate_hz)));
  return worst;
}

TEST(audio, reads_flac_exactly) {
  AudioInfo info;
  const Audio audio = decode_audio(media_file("tone.flac"), "tone.flac", 0, &info);
  EXPECT_EQ(audio.samples.size(), 4000u);
  EXPECT_EQ(info.channels, 2);
  EXPECT_DOUBLE_EQ(info.duration_s, 0.25);
  // Each channel is rounded to 16 bits, and 1 was written as 32767.
  EXPECT_LT(tone_error(audio), 3.0 / 32768);
}

TEST(audio, reads_lossy_formats_in_time) {
  // The tone starts at sample 0 only where the decoder's delay was cut off: half a millisecond late
  // would be an error of 0.375 * 2 sin(pi * 440 * 0.0005) = 0.48.
  struct Case {
    const char* file;
    int rate_hz;
    size_t num_samples, padding;
  };
  for (const Case& c : {Case{"tone.mp3", 16000, 8000, 0}, Case{"tone.ogg", 16000, 8000, 192},
                        Case{"tone.m4a", 16000, 8000, 192}, Case{"tone.opus", 48000, 24000, 0}}) {
    const Audio audio = decode_audio(media_file(c.file), c.file, 0);
    EXPECT_EQ(audio.rate_hz, c.rate_hz) << c.file;
    EXPECT_EQ(audio.samples.size(), c.num_samples + c.padding) << c.file;
    EXPECT_LT(tone_error(audio), 0.1) << c.file;
  }
}

TEST(audio, resamples_on_request) {
  AudioInfo info;
  const Audio audio = decode_audio(media_file("tone.flac"), "tone.flac", 24000, &info);
  EXPECT_EQ(audio.rate_hz, 24000);
  EXPECT_EQ(audio.samples.size(), 6000u);
  EXPECT_EQ(info.rate_hz, 16000);  // the file's own
  EXPECT_LT(tone_error(audio), 1e-3);
}

TEST(audio, reads_back_what_encode_wav_wrote) {
  Rng rng(2);
  Audio audio;
  audio.rate_hz = 11025;
  for (int i = 0; i < 5000; ++i)
    audio.samples.push_back(static_cast<float>(static_cast<int>(rng.below(65536)) - 32768) / 32768);
  const Audio back = decode_audio(encode_wav(audio), "back.wav", 0);
  EXPECT_EQ(back.rate_hz, audio.rate_hz);
  EXPECT_EQ(back.samples, audio.samples);
}

TEST(audio, refuses_nan_and_infinity) {
  for (float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::string wav = wav_of(3, 32, 1, bytes_of({0.5f, bad}));
    EXPECT_THAT(error_of(ErrorKind::format, [&] { decode_audio(wav, "bad.wav", 0); }),
                StartsWith("bad.wav: sample 1: expected a finite number, got "));
  }
}

TEST(audio, refuses_too_long_and_odd_rates) {
  const std::string wav = encode_wav({std::vector<float>(8000, 0.1f), 8000});
  EXPECT_NO_THROW(decode_audio(wav, "x.wav", 0, nullptr, AudioLimits{1.0}));
  EXPECT_EQ(error_of(ErrorKind::format,
                     [&] { decode_audio(wav, "x.wav", 0, nullptr, AudioLimits{0.999}); }),
            "x.wav: duration: expected at most 0.999 s, got more; cut it or raise max_duration_s");
  EXPECT_EQ(error_of(ErrorKind::format,
                     [] {
                       decode_audio(encode_wav({{0.1f, 0.2f}, 5}), "x.wav", 0);
                     }),
            "x.wav: rate: expected 100 to 768000 Hz, got 5");
  EXPECT_EQ(error_of(ErrorKind::usage, [&] { decode_audio(wav, "x.wav", -1); }),
            "x.wav: rate: expected 0 (the file's own) to 768000 Hz, got -1");
}

// avcodec_open2 refuses so many channels and leaves the codec without a name.
TEST(audio, refuses_absurd_channels) {
  EXPECT_THAT(error_of(ErrorKind::format,
                       [] { decode_audio(wav_of(1, 16, 0x7101, "abcdefgh"), "x.wav", 0); }),
              StartsWith("x.wav: "));
}

TEST(audio, truncation_is_a_format_error) {
  const std::string wav = encode_wav({std::vector<float>(50, 0.1f), 8000});
  for (size_t size = 0; size < wav.size(); ++size)
    error_of(ErrorKind::format,
             [&] { decode_audio(std::string_view(wav).substr(0, size), "x.wav", 0); });
  for (const char* file : {"tone.flac", "tone.ogg", "tone.opus", "tone.m4a", "tone.mp3"}) {
    const std::string bytes = media_file(file);
    // The MP3's Xing header does not count the tag in front of the first frame.
    const size_t spare = file == std::string("tone.mp3") ? 20 : 0;
    for (size_t size = 0; size < bytes.size() - spare; size += size < 200 ? 1 : 97) {
      const std::string message = error_of(ErrorKind::format, [&] {
        decode_audio(std::string_view(bytes).substr(0, size), file, 0);
      });
      EXPECT_THAT(message, StartsWith(file + std::string(": "))) << size;
    }
  }
}

TEST(audio, damage_is_an_error_or_sound_but_never_a_crash) {
  Rng rng(11);
  for (const char* file : {"tone.flac", "tone.ogg", "tone.opus", "tone.m4a", "tone.mp3"}) {
    const std::string bytes = media_file(file);
    for (int i = 0; i < 60; ++i) {
      std::string broken = bytes;
      for (int k = 0; k < 4; ++k)
        broken[rng.below(broken.size())] = static_cast<char>(rng.below(256));
      try {
        EXPECT_FALSE(decode_audio(broken, file, 0).samples.empty());
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::format) << e.what();
      }
    }
  }
}

TEST(audio, nothing_is_printed) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const std::string flac = media_file("tone.flac");
  error_of(ErrorKind::format, [&] { decode_audio(flac.substr(0, 5000), "cut.flac", 0); });
  error_of(ErrorKind::format, [&] { decode_audio("ID3 is not enough", "x.mp3", 0); });
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(audio, reads_files_and_names_them) {
  EXPECT_EQ(read_audio("tests/data_files/media/tone.flac", 0).rate_hz, 16000);
  EXPECT_THAT(error_of(ErrorKind::io, [] { read_audio("no/such.wav", 0); }),
              HasSubstr("no/such.wav"));
}

// 8 samples at 100 Hz: sample i lies at i / 100 s.
TEST(audio, reads_a_stretch_of_a_file) {
  TemporaryFolder folder;
  const std::string path = folder / "a.wav";
  write_file_atomically(path, wav_of(1, 8, 1, bytes_of({128, 129, 130, 131, 132, 133, 134, 135}, 1),
                                     /*rate_hz=*/100));
  const auto values = [&](const std::string& stretch) {
    std::vector<int> out;
    for (float x : read_audio(path + stretch, 0).samples) out.push_back(static_cast<int>(x * 128));
    return out;
  };
  EXPECT_EQ(values("#t=0.02,0.05"), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(values("#t=0.06"), (std::vector<int>{6, 7}));
  EXPECT_EQ(values("#t=,0.02"), (std::vector<int>{0, 1}));
  EXPECT_EQ(values("#t=0.06,9"), (std::vector<int>{6, 7}));
  // Both ends are rounded alike, so that neighbours share no sample: 2.4 -> 2, 4.6 -> 5.
  EXPECT_EQ(values("#t=0.024,0.046"), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(values("#t=0.046,0.07"), (std::vector<int>{5, 6}));
  AudioInfo info;
  EXPECT_EQ(read_audio(path + "#t=0.02,0.05", 200, &info).samples.size(), 6u);
  EXPECT_EQ(info.rate_hz, 100);
  EXPECT_DOUBLE_EQ(info.duration_s, 0.03);
  for (const char* stretch : {"#t=0.08", "#t=3,4", "#t=0.011,0.012"})
    EXPECT_EQ(error_of(ErrorKind::data, [&] { read_audio(path + stretch, 0); }),
              path + stretch +
                  ": stretch: expected sound in it, got no sample: the file has 0.08 s at 100 Hz; "
                  "name a part of it");
  EXPECT_THAT(error_of(ErrorKind::data, [&] { read_audio(path + "#t=2,1", 0); }),
              HasSubstr("the end after the start"));
}

TEST(audio, reads_real_sound) {
  const std::string data = braid::testing::data_folder();
  if (data.empty()) GTEST_SKIP() << "no folder of real data";
  AudioInfo info;
  const Audio audio = read_audio(data + "/avdigits/audio/0_george_0.wav", 16000, &info);
  EXPECT_EQ(info.rate_hz, 8000);
  EXPECT_EQ(info.channels, 1);
  // 4812 bytes - 44 = 2384 samples at 8 kHz.
  EXPECT_DOUBLE_EQ(info.duration_s, 2384.0 / 8000);
  EXPECT_EQ(audio.samples.size(), 2u * 2384);
}

// The samples the files were made from. Their writer scaled by 127, 32767 and so on and rounded,
// which is up to one and a half steps off.
TEST(audio, equals_numpy_on_every_wav_layout) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/audio/wav/";
  const NpyArray expected = read_npy(folder + "fmt_expected_f64.npy");
  const std::vector<std::pair<std::string, double>> layouts = {
      {"pcm8", 1.5 / 128}, {"pcm16", 1.5 / 32768}, {"pcm24", 3e-7},
      {"pcm32", 1e-7},     {"f32", 1e-7},          {"f64", 1e-7}};
  for (const auto& [layout, step] : layouts) {
    const Audio audio = read_audio(folder + "fmt_" + layout + ".wav", 0);
    EXPECT_EQ(audio.rate_hz, 22050);
    ASSERT_EQ(audio.samples.size(), expected.values.size()) << layout;
    for (size_t i = 0; i < audio.samples.size(); ++i)
      ASSERT_NEAR(audio.samples[i], expected.values[i], step) << layout << " " << i;
  }
  const Audio stereo = read_audio(folder + "fmt_stereo_pcm16.wav", 0);
  const NpyArray both = read_npy(folder + "fmt_stereo_expected_f64.npy");
  ASSERT_EQ(stereo.samples.size() * 2, both.values.size());
  for (size_t i = 0; i < stereo.samples.size(); ++i)
    ASSERT_NEAR(stereo.samples[i], (both.values[2 * i] + both.values[2 * i + 1]) / 2, 1.0 / 32768);
}

}  // namespace
}  // namespace braid::formats
