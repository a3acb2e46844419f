// A sample's sound from where it lies: a file, part of one, or memory.
#pragma once
#include <cstdint>
#include <vector>

#include "data/sample.h"

namespace braid::data {

/// Samples first to end, silence where there are none.
std::vector<float> samples_between(const std::vector<float>& samples, int64_t first, int64_t end);

/// Always at the sound's own rate: resampling is one step of its own, so that a file and the same
/// samples from memory come out bit for bit alike.
///
/// Missing  no samples, where Path::late_s leaves nothing of it.
/// Errors   data: no sound, samples that are not finite; as formats::read_audio.
formats::Audio read_sound(const Value& value);

}  // namespace braid::data
