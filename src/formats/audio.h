// Sound through FFmpeg's libraries: WAV, FLAC, MP3, OGG and M4A of any rate and channels to mono.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct Audio {
  std::vector<float> samples;  // mono, in [-1, 1]
  int rate_hz = 0;
};

struct AudioInfo {
  int rate_hz = 0;  // of the file
  int channels = 0;
  double duration_s = 0;  // decoded, not as the header claims; of a stretch, its own
};

struct AudioLimits {
  double max_duration_s = 3600;
};

/// Decodes to mono (mean of the channels) at `rate_hz`; 0 keeps the file's rate. `info`, where
/// given, receives the file's own figures. The format is recognised by content; encoder delay is
/// cut off where the file tells it.
///
/// Units    integers are scaled to [-1, 1); floats and lossy formats may go slightly beyond.
/// Errors   format: not sound, 0 samples, NaN or infinity, a changing or absurd rate, longer than
///          the limit, or truncated: fewer bytes or samples than the file announces. An MP3 without
///          a Xing header announces nothing. usage: rate_hz negative; built without FFmpeg.
/// Cost     one thread; any number of threads may decode at once.
Audio decode_audio(std::string_view bytes, const std::string& name, int rate_hz,
                   AudioInfo* info = nullptr, const AudioLimits& limits = {});
/// A path as parse_media_path() has it. "#audio" names the audio track of a container:
/// read_audio_track(), from_container_start(). "#t=FROM,TO" keeps samples round(FROM * rate) to
/// round(TO * rate) of the file's own rate, before any resampling, so that neighbouring stretches
/// share no sample and lose none; what lies beyond the file is not there.
///
/// Errors   as decode_audio() and decode_audio_track(). data: no sample lies in the stretch. io.
/// Cost     the whole file is decoded, however short the stretch.
Audio read_audio(const std::string& path, int rate_hz, AudioInfo* info = nullptr,
                 const AudioLimits& limits = {});

/// The audio track of a container, where it lies on the clock that the frames of its video share.
struct AudioTrack {
  Audio audio;
  AudioInfo info;        // of the track as the file has it
  int64_t start_ns = 0;  // of sample 0, from the earlier of the two tracks' starts; 0 without video
  int64_t num_damaged = 0;  // packets that could not be decoded; silence stands in for them
  bool is_truncated = false;
  std::string note;  // why, or ""
};

/// Any container FFmpeg reads, recognised by content. What is damaged or missing on the way is
/// silence, so that all after it keeps its time; a file that ends early gives the sound up to
/// there.
///
/// Errors   format: no container, no audio track, no sound at all, longer than the limit, an absurd
///          or changing rate, NaN or infinity. usage: rate_hz negative; built without FFmpeg.
/// Cost     one thread; no video is decoded but what tells the streams apart.
AudioTrack decode_audio_track(std::string_view bytes, const std::string& name, int rate_hz,
                              const AudioLimits& limits = {});
AudioTrack read_audio_track(const std::string& path, int rate_hz, const AudioLimits& limits = {});

/// The track's sound with silence in front (or its beginning cut off), so that sample 0 lies at the
/// container's start.
Audio from_container_start(AudioTrack track);

/// Band-limited resampling of mono samples (swresample, Kaiser window, fixed settings). Sample i of
/// the result lies at the time i / to_hz; silence is assumed around the sound.
///
/// Shapes   [N] -> [ceil(N to_hz / from_hz)].
/// Errors   usage: a rate outside 1 to 768000; built without FFmpeg.
std::vector<float> resample(const std::vector<float>& samples, int from_hz, int to_hz);

/// WAV bytes, PCM16 mono; what lies beyond [-1, 1] is clipped. Works without FFmpeg.
///
/// Errors   numeric: NaN or infinity. usage: rate not above 0, more than 4 GiB.
std::string encode_wav(const Audio& audio);

}  // namespace braid::formats
