// Which sound format the first bytes say, and whether the file is as long as it says. Internal.
#pragma once
#include <string>
#include <string_view>

namespace braid::formats {

enum class SoundKind { wav, flac, mp3, ogg, mp4 };

/// Recognises the format by content, never by a file name's extension. FFmpeg's demuxers do not
/// tell when a file is cut, so the outer structure is walked here: a WAV's data chunk (0xffffffff
/// means "until the end", as writers of streams put it), every Ogg page and MP4 box, and the bytes
/// that an MP3's Xing header tells must be there. An MP3 without that header may be cut unnoticed.
/// Errors: format (none of the formats, cut, WAV without a data chunk or with an empty one).
/// Cost: a few bytes per block of the file.
SoundKind read_sound_header(std::string_view bytes, const std::string& name);

}  // namespace braid::formats
