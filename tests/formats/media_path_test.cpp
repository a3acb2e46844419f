#include "formats/media_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace braid::formats {
namespace {

using testing::HasSubstr;

TEST(media_path, PlainNamesStayAsTheyAre) {
  for (const char* name : {"a.wav", "dir/a.npy", "c#.wav", "take#two", "x#", "a#b&audio", "#"}) {
    const MediaPath path = parse_media_path(name);
    EXPECT_EQ(path.file, name);
    EXPECT_EQ(path.row, -1);
    EXPECT_FALSE(path.is_audio_track);
    EXPECT_FALSE(path.has_stretch());
  }
}

TEST(media_path, Rows) {
  const MediaPath path = parse_media_path("a#b.npy#12");
  EXPECT_EQ(path.file, "a#b.npy");
  EXPECT_EQ(path.row, 12);
  EXPECT_EQ(parse_media_path("a.npy#-1").file, "a.npy#-1");
}

TEST(media_path, TracksAndStretches) {
  const MediaPath track = parse_media_path("clip.mp4#audio");
  EXPECT_EQ(track.file, "clip.mp4");
  EXPECT_TRUE(track.is_audio_track);
  const MediaPath both = parse_media_path("clip.mp4#audio&t=0.5,1.25");
  EXPECT_EQ(both.file, "clip.mp4");
  EXPECT_TRUE(both.is_audio_track);
  EXPECT_EQ(both.from_s, 0.5);
  EXPECT_EQ(both.to_s, 1.25);
  EXPECT_TRUE(std::isinf(parse_media_path("a.wav#t=3").to_s));
  EXPECT_EQ(parse_media_path("a.wav#t=,3").to_s, 3);
  EXPECT_EQ(parse_media_path("a.wav#t=,3").from_s, 0);
}

TEST(media_path, StretchesThatAreNone) {
  for (const char* bad : {"a.wav#t=", "a.wav#t=,", "a.wav#t=2,1", "a.wav#t=1,1", "a.wav#t=x",
                          "a.wav#t=-1,2", "a.wav#t=1,2s", "a.wav#t=0,inf", "a.wav#t=nan"}) {
    try {
      parse_media_path(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::data);
      EXPECT_THAT(e.what(), HasSubstr("expected seconds as in #t=1.5,2")) << bad;
    }
  }
}

}  // namespace
}  // namespace braid::formats
