// Whether a file of video or sound is cut, told by its outer structure. Internal to src/formats.
#pragma once
#include <string>
#include <string_view>

namespace braid::formats {

/// What the container announces and the file does not hold: "box mdat: expected 1000 bytes, got
/// 500"; "" where nothing is missing. Knows MP4, Matroska, AVI, MPEG program and transport streams,
/// FLV and Ogg; of others, and where a live stream was cut between two packets, nothing is told.
/// Works without FFmpeg.
std::string what_is_cut(std::string_view bytes);

}  // namespace braid::formats
