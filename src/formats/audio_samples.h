// From decoded FFmpeg sound, in whichever of its sample formats, to mono. Internal to src/formats.
#pragma once
#include <string>
#include <vector>

#include "formats/ffmpeg.h"

namespace braid::formats {

/// Appends the mean of the channels, with integers scaled to [-1, 1). Errors: format, for NaN,
/// infinity or a sample format nothing knows.
void append_mono(const AVFrame& frame, const std::string& name, std::vector<float>* samples);

}  // namespace braid::formats
