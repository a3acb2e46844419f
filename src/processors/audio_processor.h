// What a pretrained sound encoder reads, from samples, as its checkpoint's preprocessor_config.json
// says.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::processors {

class AudioExtractor;

/// What a checkpoint's preprocessor_config.json does to sound: log-mel as AST, Whisper and CLAP
/// compute it, or Wav2Vec2's normalised waves -- to the reference's numbers.
///
///   ASTFeatureExtractor       logarithms of Kaldi's mel bands, normalised, cut or filled up with 0
///   WhisperFeatureExtractor   log10-mel of a sound filled up with silence or cut to chunk_length s
///   ClapFeatureExtractor      decibels of mel bands of a sound repeated, filled up or cut
///   Wav2Vec2FeatureExtractor  the samples, normalised where the config says so
///
/// A sound longer than an extractor takes is cut before any work: AST and Whisper keep its
/// beginning, as the reference does; CLAP, where the reference takes a random stretch
/// ("rand_trunc"), its middle.
///
/// AST follows the reference's NumPy path. Its torchaudio path, which the reference takes where
/// torchaudio is installed, gives the same but for rounding (6e-6 on speech-like sound) except in
/// bands near silence beside loud ones, where single precision leaves it up to 1e-3 apart; it
/// refuses a sound shorter than a frame (400 samples), which here is padding alone.
///
/// The reference normalises Wav2Vec2's waves without an attention mask after padding them to the
/// longest of their batch; here every sound is a batch of its own.
///
/// Units    samples in [-1, 1), as a decoder leaves them, mono, at rate_hz(). A file of another
/// rate
///          goes through resample_sinc() first: it is what these checkpoints were trained on.
/// Cost     built once; a const object may be used by many threads. No allocation per frame.
/// Source   transformers 4.57.
class AudioProcessor {
 public:
  /// Reads the parsed file. A missing key has the reference's default. Keys that the reference
  /// works out anew from others (n_samples, nb_max_frames, mel_filters ...) or does not look at are
  /// passed over. Whisper's do_normalize, an argument of the reference's call, is a key here.
  ///
  /// Errors   config, opened by `where`: no or an unknown feature_extractor_type (with the known
  ///          ones), an unknown key, a wrong type, sizes out of bounds, and what would change the
  ///          result and is not supported: padding on the left or with anything but 0, dither,
  ///          CLAP's truncation "fusion" (four spectrograms), AST at a rate other than 16 kHz (the
  ///          reference's two paths differ there).
  static AudioProcessor parse(const Json& preprocessor_config, const std::string& where);

  /// What the samples must have.
  int64_t rate_hz() const;
  /// F: mel bands; 1 for waves.
  int64_t features() const;
  /// T that operator() never exceeds; 0 = as long as the sound (waves).
  int64_t max_frames() const;

  struct Features {
    std::vector<float> values;  // (T, F) row-major
    int64_t frames = 0;         // T
    /// Frames from the first on that hold sound rather than the extractor's own padding. 0 for AST
    /// where the sound is shorter than a frame.
    int64_t real_frames = 0;
  };
  /// Errors: shape, without samples.
  Features operator()(const std::vector<float>& samples) const;

  /// Every key that counts; parse() reads it back.
  const Json& config() const;

 private:
  explicit AudioProcessor(std::shared_ptr<const AudioExtractor> extractor);
  std::shared_ptr<const AudioExtractor> extractor_;
};

}  // namespace braid::processors
