// Label-keeping changes of prepared training samples: shifts, noise, masking. Never applied to
// validation, test or prediction.
#pragma once
#include "core/config.h"
#include "core/rng.h"
#include "data/prepare.h"

namespace braid::data {

struct AugmentConfig {
  double image_shift = 0.08;  // fraction of the size, each axis
  double image_noise = 0.05;  // deviations (images are standardised)
  double image_zoom = 0;      // largest change of size, as a fraction
  double image_flip = 0;      // chance of left and right changing places
  double audio_shift = 0.08;  // fraction of the frames
  double audio_pitch = 1;     // mel bands, up or down
  double audio_noise = 0.2;   // deviations
  double audio_mask = 0.15;   // longest masked share of the frames, and of the bands
  double series_noise = 0.05;
  double time_crop = 1;     // shortest share of a series or video that is kept
  double text_drop = 0.05;  // chance that a token becomes unknown or is left out
  double embedding_noise = 0.05;
  double tabular_noise = 0.02;
  template <class V>
  void visit(V& v) {
    v("image_shift", image_shift, between(0, 0.5),
      "largest shift of a picture, video or volume, as a fraction of its size");
    v("image_noise", image_noise, between(0, 10),
      "noise on a picture, video or volume, in deviations");
    v("image_zoom", image_zoom, between(0, 0.9),
      "largest change of what a picture, video or volume shows in size, as a fraction");
    v("image_flip", image_flip, between(0, 1),
      "chance that left and right of a picture, video or volume change places");
    v("audio_shift", audio_shift, between(0, 0.5),
      "largest shift in time, as a fraction of the length");
    v("audio_pitch", audio_pitch, between(0, 16), "largest shift in mel bands");
    v("audio_noise", audio_noise, between(0, 10), "noise on a spectrogram, in deviations");
    v("audio_mask", audio_mask, between(0, 0.9),
      "longest masked share of the frames, and of the bands");
    v("series_noise", series_noise, between(0, 10), "noise on measurements, in deviations");
    v("time_crop", time_crop, between(0.05, 1),
      "shortest share of a series or video that is kept, at a random place; 1 = all");
    v("text_drop", text_drop, between(0, 0.9),
      "chance that a token becomes unknown, or is left out where the vocabulary leaves unknown "
      "words out");
    v("embedding_noise", embedding_noise, between(0, 10), "noise on embeddings, in deviations");
    v("tabular_noise", tabular_noise, between(0, 10), "noise on numeric columns, in deviations");
  }
};

/// Changes one prepared modality in place; an absent one is left alone. All randomness from `rng`.
void augment(const ModalitySpec& spec, const AugmentConfig& config, Rng& rng, Prepared* prepared);

}  // namespace braid::data
