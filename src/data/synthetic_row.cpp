#include "data/synthetic_row.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace braid::data {
namespace {

constexpr double kTau = 6.283185307179586;
constexpr int kSide = 24;
constexpr int kRateHz = 8000;

const char* const kFillers[] = {
    "the",   "team",   "reports", "a",      "signal", "near",    "north", "gate",
    "from",  "unit",   "seven",   "during", "shift",  "with",    "two",   "sensors",
    "at",    "panel",  "and",     "line",   "since",  "morning", "after", "check",
    "hall",  "pump",   "west",    "valve",  "room",   "south",   "crew",  "note",
    "level", "second", "floor",   "again",  "before", "test",    "left",  "meter"};
// u = 0 and u = 1; blanks get a word of the third pool, so that the length tells nothing.
const char* const kPools[3][6] = {{"steady", "gentle", "slow", "usual", "smooth", "settled"},
                                  {"rapid", "sharp", "sudden", "unusual", "rough", "pressing"},
                                  {"green", "long", "small", "narrow", "third", "open"}};

Cue draw_cue(Rng& rng) {
  const double draw = rng.uniform();
  return draw < kCueRight ? Cue::right : draw < kCueRight + kCueBlank ? Cue::blank : Cue::wrong;
}

// The value of u that the modality shows, or 2 for none.
int shown(bool u, Cue cue) {
  if (cue == Cue::blank) return 2;
  return (cue == Cue::right) == u ? 1 : 0;
}

std::string draw_sentence(bool u, Cue cue, Rng& rng) {
  const uint64_t num_words = 6 + rng.below(6);
  const uint64_t place = rng.below(num_words);
  std::string sentence;
  for (uint64_t i = 0; i < num_words; ++i) {
    if (!sentence.empty()) sentence += ' ';
    sentence +=
        i == place ? kPools[shown(u, cue)][rng.below(6)] : kFillers[rng.below(std::size(kFillers))];
  }
  return sentence;
}

std::string draw_channel(bool u, Rng& rng) {
  const double draw = rng.uniform();
  if (draw < kChannelLikely) return u ? "phone" : "web";
  return draw < kChannelLikely + kChannelNeutral ? "radio" : u ? "web" : "phone";
}

// A tone or a chirp with soft edges, added in place.
void add_tone(std::vector<float>& samples, double start_s, double duration_s, double from_hz,
              double to_hz, double loudness) {
  const auto first = static_cast<int64_t>(start_s * kRateHz);
  const auto num = static_cast<int64_t>(duration_s * kRateHz);
  for (int64_t i = 0; i < num && first + i < static_cast<int64_t>(samples.size()); ++i) {
    const double t = static_cast<double>(i) / kRateHz;
    const double turns = from_hz * t + (to_hz - from_hz) * t * t / (2 * duration_s);
    const double edge = std::min({1.0, t / 0.01, (duration_s - t) / 0.01});
    samples[first + i] += static_cast<float>(loudness * edge * std::sin(kTau * turns));
  }
}

}  // namespace

SyntheticRow draw_row(bool u, bool v, bool a, double missing, const Rng& rng) {
  Rng draws = rng.fork("values");
  SyntheticRow row{
      u, v, a,  v != a, draw_cue(draws),  draw_cue(draws), draw_cue(draws), true, true, true, true,
      0, 0, "", "",     rng.fork("media")};
  const double sign = u ? 1 : -1;
  row.age = kAgeMean + kAgeDeviation * (sign * kAgeShift + draws.normal());
  row.score = kScoreMean + kScoreDeviation * (sign * kScoreShift + draws.normal());
  row.channel = draw_channel(u, draws);
  row.sentence = draw_sentence(u, row.text, draws);
  do {
    row.has_image = !draws.chance(missing);
    row.has_audio = !draws.chance(missing);
    row.has_text = !draws.chance(missing);
    row.has_tabular = !draws.chance(missing);
  } while (!row.has_image && !row.has_audio && !row.has_text && !row.has_tabular);
  return row;
}

formats::Image draw_image(const SyntheticRow& row) {
  Rng rng = row.media.fork("image");
  const double centre_y = rng.uniform(9, 14), centre_x = rng.uniform(6, 17);
  const double radius = rng.uniform(3.5, 4.8), contrast = rng.uniform(0.3, 0.55);
  const double stripe = rng.uniform(0.35, 0.55);
  const int stripe_y = (row.a ? 0 : 20) + static_cast<int>(rng.below(2));
  const int figure = shown(row.u, row.image);
  formats::Image image;
  image.width = image.height = kSide;
  image.channels = 1;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      double value = 0.3 + 0.1 * rng.normal();
      if (y >= stripe_y && y < stripe_y + 3) value += stripe;
      const double distance = std::hypot(y - centre_y, x - centre_x);
      const bool is_inside = distance <= radius && (figure == 0 || distance > radius - 1.7);
      if (figure < 2 && is_inside) value += contrast;
      image.pixels.push_back(static_cast<uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0))));
    }
  }
  return image;
}

formats::Audio draw_audio(const SyntheticRow& row) {
  Rng rng = row.media.fork("audio");
  formats::Audio audio;
  audio.rate_hz = kRateHz;
  const double duration_s = rng.uniform(0.4, 0.9);
  const double noise = rng.uniform(0.03, 0.08);
  audio.samples.resize(static_cast<size_t>(duration_s * kRateHz));
  for (float& sample : audio.samples) sample = static_cast<float>(noise * rng.normal());
  const double chirp_s = rng.uniform(0.2, 0.28);
  const double low_hz = rng.uniform(750, 850), high_hz = rng.uniform(1850, 2050);
  add_tone(audio.samples, rng.uniform(0, duration_s - chirp_s), chirp_s, row.b ? low_hz : high_hz,
           row.b ? high_hz : low_hz, rng.uniform(0.2, 0.35));
  // Two pairs of tones below and above the chirp, wide apart on the mel scale.
  const double tone_s = rng.uniform(0.15, 0.2);
  const double start_s = rng.uniform(0, duration_s - tone_s);
  const double loudness = rng.uniform(0.1, 0.2);
  const int pair = shown(row.u, row.audio);
  if (pair < 2) {
    add_tone(audio.samples, start_s, tone_s, pair == 0 ? 280 : 480, pair == 0 ? 280 : 480,
             loudness);
    add_tone(audio.samples, start_s, tone_s, pair == 0 ? 2600 : 3200, pair == 0 ? 2600 : 3200,
             loudness);
  }
  for (float& sample : audio.samples) sample = std::clamp(sample, -1.0f, 1.0f);
  return audio;
}

}  // namespace braid::data
