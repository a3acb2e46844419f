#include <gmock/gmock.h>

#include <cmath>

#include "formats/audio.h"
#include "formats/media_samples.h"
#include "formats/video.h"
#include "formats/video_samples.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::ClipPlan;
using braid::testing::error_of;
using braid::testing::make_clip;
using braid::testing::media_file;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ClipPlan plan_of(const char* container, const char* codec, const char* audio_codec) {
  ClipPlan plan;
  plan.container = container;
  plan.codec = codec;
  plan.audio_codec = audio_codec;
  return plan;
}

// Where the tone begins, on the container's clock: the first sample of a third of its amplitude.
double onset_s(const Audio& audio, double start_s) {
  for (size_t i = 0; i < audio.samples.size(); ++i)
    if (std::abs(audio.samples[i]) > 0.17f) return start_s + static_cast<double>(i) / audio.rate_hz;
  return -1;
}

double seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }

const std::vector<ClipPlan>& all_plans() {
  static const std::vector<ClipPlan> plans = {
      plan_of("mp4", "mpeg4", "aac"),         plan_of("matroska", "mpeg4", "mp2"),
      plan_of("matroska", "mpeg4", "flac"),   plan_of("mpeg", "mpeg1video", "mp2"),
      plan_of("mpegts", "mpeg2video", "mp2"), plan_of("avi", "mpeg4", "mp2"),
      plan_of("flv", "flv", "aac"),           plan_of("mov", "mpeg4", "pcm_s16le"),
  };
  return plans;
}

// The tone begins with frame 10, 0.4 s after the first sound. Coders' own delays and the
// containers' rounding are at most a few milliseconds off where the file tells them; where it does
// not (AVI, program and transport streams, FLV), the sound is late by the coder's delay.
TEST(audio_track, shares_the_clock_of_the_frames) {
  for (ClipPlan plan : all_plans()) {
    for (int64_t late_ms : {0, 320}) {
      if (late_ms > 0 && plan.container == "avi") continue;  // which cannot tell
      plan.video_late_ms = late_ms;
      const std::string bytes = make_clip(plan);
      const std::string what = plan.container + " " + plan.audio_codec;
      const AudioTrack track = decode_audio_track(bytes, what, 0);
      EXPECT_EQ(track.audio.rate_hz, 44100) << what;
      EXPECT_EQ(track.info.channels, 1) << what;
      EXPECT_NEAR(track.info.duration_s, 2, 0.11) << what;
      EXPECT_EQ(track.num_damaged, 0) << what;
      EXPECT_FALSE(track.is_truncated) << what << track.note;
      const double tone_s = onset_s(track.audio, seconds(track.start_ns));
      const double first_frame_s = seconds(decode_video_info(bytes, what).start_ns);
      EXPECT_NEAR(tone_s - (first_frame_s - seconds(late_ms * 1000000)), 0.4, 0.025) << what;
    }
  }
}

TEST(audio_track, late_sound_starts_late) {
  ClipPlan plan = plan_of("matroska", "mpeg4", "flac");
  plan.audio_late_ms = 250;
  const std::string bytes = make_clip(plan);
  const AudioTrack track = decode_audio_track(bytes, "x.mkv", 8000);
  EXPECT_EQ(track.start_ns, 250000000);
  EXPECT_EQ(track.audio.rate_hz, 8000);
  EXPECT_NEAR(onset_s(track.audio, 0.25), 0.65, 1e-3);
  // From the container's start: 2000 samples of silence in front.
  const Audio whole = from_container_start(track);
  EXPECT_EQ(whole.samples.size(), track.audio.samples.size() + 2000);
  EXPECT_NEAR(onset_s(whole, 0), 0.65, 1e-3);
  TemporaryFolder folder;
  write_file_atomically(folder / "clip.mkv", bytes);
  AudioInfo info;
  EXPECT_EQ(read_audio(folder / "clip.mkv#audio", 8000, &info).samples, whole.samples);
  EXPECT_EQ(info.rate_hz, 44100);
  EXPECT_EQ(read_audio_track(folder / "clip.mkv", 8000).audio.samples, track.audio.samples);
}

// The stretch counts from the container's start, silence in front of late sound included.
TEST(audio_track, reads_a_stretch) {
  ClipPlan plan = plan_of("matroska", "mpeg4", "flac");
  plan.audio_late_ms = 250;
  TemporaryFolder folder;
  write_file_atomically(folder / "clip.mkv", make_clip(plan));
  const Audio whole = read_audio(folder / "clip.mkv#audio", 0);
  AudioInfo info;
  const Audio part = read_audio(folder / "clip.mkv#audio&t=0.2,0.7", 0, &info);
  const auto from = whole.samples.begin() + 8820;
  EXPECT_EQ(part.samples, std::vector<float>(from, from + 22050));
  EXPECT_DOUBLE_EQ(info.duration_s, 0.5);
  EXPECT_NEAR(onset_s(part, 0.2), 0.65, 1e-3);
  EXPECT_EQ(read_audio(folder / "clip.mkv#t=,1&audio", 8000).samples.size(), 8000u);
  EXPECT_THAT(
      error_of(ErrorKind::data, [&] { read_audio(folder / "clip.mkv#audio&t=9,10", 0); }),
      HasSubstr("clip.mkv#audio&t=9,10: stretch: expected sound in it, got no sample: the file has "
                "2."));
}

TEST(audio_track, damage_is_silence_and_moves_nothing) {
  const std::string bytes = make_clip(plan_of("matroska", "", "mp2"));
  const AudioTrack whole = decode_audio_track(bytes, "x.mkv", 0);
  // Every header of a sound frame in the middle fifth is spoilt.
  std::string broken = bytes;
  for (size_t at = bytes.size() * 2 / 5; at < bytes.size() * 3 / 5; ++at)
    if (broken[at] == '\xFF' && (broken[at + 1] & 0xF0) == 0xF0) broken[at] = '\0';
  const AudioTrack track = decode_audio_track(broken, "x.mkv", 0);
  EXPECT_GT(track.num_damaged, 0);
  EXPECT_NEAR(static_cast<double>(track.audio.samples.size()),
              static_cast<double>(whole.audio.samples.size()), 60);
  const auto loudest = [&](double from, double to) {
    double loudest = 0;
    const double size = static_cast<double>(track.audio.samples.size());
    for (size_t i = static_cast<size_t>(from * size); i < static_cast<size_t>(to * size); ++i)
      loudest = std::max<double>(loudest, std::abs(track.audio.samples[i]));
    return loudest;
  };
  EXPECT_EQ(loudest(0.45, 0.55), 0);
  EXPECT_GT(loudest(0.7, 0.9), 0.4);
}

TEST(audio_track, a_cut_file_gives_the_sound_up_to_there) {
  for (const ClipPlan& plan : all_plans()) {
    if (plan.container == "mp4" || plan.container == "mov") continue;  // their table is at the end
    const std::string bytes = make_clip(plan);
    const AudioTrack track =
        decode_audio_track(bytes.substr(0, bytes.size() * 3 / 5 - 1), plan.container, 0);
    EXPECT_TRUE(track.is_truncated) << plan.container;
    EXPECT_FALSE(track.note.empty()) << plan.container;
    EXPECT_GT(track.info.duration_s, 0.5) << plan.container;
    EXPECT_LT(track.info.duration_s, 1.7) << plan.container;
  }
}

TEST(audio_track, says_what_is_missing) {
  const std::string silent = make_clip(plan_of("mp4", "mpeg4", ""));
  EXPECT_EQ(error_of(ErrorKind::format, [&] { decode_audio_track(silent, "clip.mp4", 0); }),
            "clip.mp4: expected an audio track, got video only; name a file that has one, or leave "
            "the cell empty");
  EXPECT_THAT(error_of(ErrorKind::format, [] { decode_audio_track("", "x.mp4", 0); }),
              StartsWith("x.mp4: "));
  EXPECT_THAT(error_of(ErrorKind::io, [] { read_audio("no/such.mp4#audio", 0); }),
              HasSubstr("no/such.mp4: "));
  EXPECT_THAT(error_of(ErrorKind::usage, [&] { decode_audio_track(silent, "x", -1); }),
              HasSubstr("rate: expected 0"));
  const std::string bytes = make_clip(plan_of("matroska", "mpeg4", "mp2"));
  AudioLimits limits;
  limits.max_duration_s = 1;
  EXPECT_EQ(error_of(ErrorKind::format, [&] { decode_audio_track(bytes, "x", 0, limits); }),
            "x: duration: expected at most 1 s, got more; cut it or raise max_duration_s");
}

TEST(audio_track, reads_sound_files_as_read_audio_does) {
  for (const char* file : {"tone.flac", "tone.m4a", "tone.ogg", "tone.mp3"}) {
    const AudioTrack track = decode_audio_track(media_file(file), file, 0);
    EXPECT_EQ(track.audio.samples, decode_audio(media_file(file), file, 0).samples) << file;
    EXPECT_EQ(track.start_ns, 0) << file;
  }
}

// The dataset's own copies were made from the same tracks by another resampler, at 8 kHz and 16
// bits: where the two agree best tells whether the track is in time.
TEST(audio_track, real_clips_are_in_time) {
  const std::string data = braid::testing::data_folder();
  if (data.empty()) GTEST_SKIP() << "no folder of real data";
  for (const char* id : {"bbwm7a", "lwal2n", "pbio7a", "pbwj2n", "srbb4n", "swib5a"}) {
    const std::string folder = data + "/grid_av/";
    if (!file_exists(folder + "original_mpg/" + id + ".mpg")) GTEST_SKIP() << "no " << id;
    const AudioTrack track = read_audio_track(folder + "original_mpg/" + id + ".mpg", 8000);
    const Audio copy = read_audio(folder + "audio/" + id + ".wav", 0);
    EXPECT_EQ(track.info.rate_hz, 44100) << id;
    EXPECT_EQ(track.num_damaged, 0) << id;
    EXPECT_FALSE(track.is_truncated) << id << track.note;
    EXPECT_NEAR(static_cast<double>(track.audio.samples.size()),
                static_cast<double>(copy.samples.size()), 400)
        << id;
    double best = -1;
    int best_lag = 0;
    for (int lag = -40; lag <= 40; ++lag) {
      double product = 0, ours = 1e-9, theirs = 1e-9;
      for (size_t i = 4000; i < 20000; ++i) {
        const double a = track.audio.samples[i], b = copy.samples[i + lag];
        product += a * b;
        ours += a * a;
        theirs += b * b;
      }
      const double match = product / std::sqrt(ours * theirs);
      if (match > best) best = match, best_lag = lag;
    }
    EXPECT_GT(best, 0.98) << id;
    EXPECT_LE(std::abs(best_lag), 1) << id;
  }
}

}  // namespace
}  // namespace braid::formats
