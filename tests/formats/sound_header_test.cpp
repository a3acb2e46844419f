#include "formats/sound_header.h"

#include <gmock/gmock.h>

#include "formats/audio.h"
#include "formats/media_samples.h"

namespace braid::formats {
namespace {

using namespace std::string_literals;
using braid::testing::error_of;
using braid::testing::media_file;
using ::testing::HasSubstr;

TEST(sound_header, recognises_every_format_by_content) {
  EXPECT_EQ(read_sound_header(media_file("tone.flac"), "x"), SoundKind::flac);
  EXPECT_EQ(read_sound_header(media_file("tone.mp3"), "x"), SoundKind::mp3);
  EXPECT_EQ(read_sound_header(media_file("tone.ogg"), "x"), SoundKind::ogg);
  EXPECT_EQ(read_sound_header(media_file("tone.opus"), "x"), SoundKind::ogg);
  EXPECT_EQ(read_sound_header(media_file("tone.m4a"), "x"), SoundKind::mp4);
  EXPECT_EQ(read_sound_header(encode_wav({{0.1f}, 8000}), "x"), SoundKind::wav);
  // An ID3v2 tag of 5 bytes before the FLAC.
  EXPECT_EQ(read_sound_header("ID3\x04\0\0\0\0\0\x05_____"s + media_file("tone.flac"), "x"),
            SoundKind::flac);
  // MPEG 1 layer 3, 128 kbit/s, 44.1 kHz without any tag.
  EXPECT_EQ(read_sound_header("\xFF\xFB\x90\x64"s + std::string(100, '\0'), "x"), SoundKind::mp3);
}

TEST(sound_header, names_what_is_not_sound) {
  EXPECT_EQ(error_of(ErrorKind::format, [] { read_sound_header("hello, world\n", "text.wav"); }),
            "text.wav: not sound: expected WAV, FLAC, MP3, OGG or M4A; is it another format?");
  EXPECT_EQ(error_of(ErrorKind::format, [] { read_sound_header("", "none.wav"); }),
            "none.wav: expected sound, got an empty file");
}

TEST(sound_header, a_wav_must_hold_what_it_announces) {
  std::string wav = encode_wav({std::vector<float>(10, 0.25f), 8000});
  EXPECT_EQ(error_of(ErrorKind::format,
                     [&] { read_sound_header(wav.substr(0, wav.size() - 1), "cut.wav"); }),
            "cut.wav: data chunk: expected 20 bytes, got 19; is the file complete?");
  EXPECT_EQ(error_of(ErrorKind::format,
                     [] {
                       read_sound_header(encode_wav({{}, 8000}), "no.wav");
                     }),
            "no.wav: data chunk: expected sound, got 0 samples");
  EXPECT_EQ(error_of(ErrorKind::format, [&] { read_sound_header(wav.substr(0, 36), "head.wav"); }),
            "head.wav: expected a data chunk, got the end of the file; is it complete?");
  // Writers of streams do not know the length yet.
  wav.replace(40, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(read_sound_header(wav, "stream.wav"), SoundKind::wav);
}

TEST(sound_header, rf64_keeps_its_size_elsewhere) {
  auto rf64 = [](char data_bytes) {
    return "RF64\xFF\xFF\xFF\xFFWAVE"
           "ds64\x10\0\0\0\0\0\0\0\0\0\0\0"s +
           data_bytes +
           "\0\0\0\0\0\0\0"
           "data\xFF\xFF\xFF\xFF"
           "1234"s;
  };
  EXPECT_EQ(read_sound_header(rf64(4), "x.wav"), SoundKind::wav);
  EXPECT_EQ(error_of(ErrorKind::format, [&] { read_sound_header(rf64(6), "x.wav"); }),
            "x.wav: data chunk: expected 6 bytes, got 4; is the file complete?");
}

TEST(sound_header, tells_where_other_formats_are_cut) {
  for (const char* file : {"tone.ogg", "tone.m4a", "tone.opus"}) {
    const std::string bytes = media_file(file);
    EXPECT_THAT(error_of(ErrorKind::format,
                         [&] { read_sound_header(bytes.substr(0, bytes.size() - 1), file); }),
                HasSubstr("is the file complete?"));
  }
  // The Xing header of the MP3 counts the bytes of all frames.
  const std::string mp3 = media_file("tone.mp3");
  EXPECT_EQ(error_of(ErrorKind::format, [&] { read_sound_header(mp3.substr(0, 3000), "cut.mp3"); }),
            "cut.mp3: expected 3672 bytes, got 3000; is the file complete?");
}

}  // namespace
}  // namespace braid::formats
