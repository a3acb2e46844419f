// One row of the demo data: its hidden bits, and the picture, sound, words and numbers that tell of
// them.
#pragma once
#include <cstdint>
#include <string>

#include "core/rng.h"
#include "formats/audio.h"
#include "formats/image.h"

namespace braid::data {

/// What a modality tells of u: its true value, nothing, or the opposite.
enum class Cue { right, blank, wrong };

// The generator's parameters; synthetic_best_accuracy() is computed from the same ones.
constexpr double kCueRight = 0.63, kCueBlank = 0.34, kCueWrong = 0.03;
constexpr double kAgeMean = 45, kAgeDeviation = 12,
                 kAgeShift = 0.5;  // shift: deviations, up for u = 1
constexpr double kScoreMean = 0.5, kScoreDeviation = 0.15, kScoreShift = 0.6;
constexpr double kChannelLikely = 0.5, kChannelNeutral = 0.3, kChannelUnlikely = 0.2;

struct SyntheticRow {
  bool u = false, v = false, a = false, b = false;  // v = a xor b
  Cue image = Cue::blank, audio = Cue::blank, text = Cue::blank;
  bool has_image = true, has_audio = true, has_text = true, has_tabular = true;
  double age = 0, score = 0;
  std::string channel, sentence;
  Rng media;  // for the picture and the sound
};

/// Draws everything but the bits u, v and a.
SyntheticRow draw_row(bool u, bool v, bool a, double missing, const Rng& rng);

/// 24x24 grey pixels: noise, a bright stripe at the top (a) or the bottom, and somewhere a disc (u
/// = 0), a ring (u = 1) or neither.
formats::Image draw_image(const SyntheticRow& row);

/// 0.4 to 0.9 s at 8 kHz: noise, a chirp that rises (b) or falls, and somewhere one of two pairs of
/// tones, or neither.
formats::Audio draw_audio(const SyntheticRow& row);

}  // namespace braid::data
