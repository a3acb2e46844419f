// The image processors of pretrained checkpoints, to the numbers their models were trained on.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "formats/image.h"

namespace braid::processors {

/// What a checkpoint's preprocessor_config.json does to a picture: resize, crop, rescale,
/// normalise, to the reference's numbers: Pillow's of the plain processors, torchvision's of those
/// whose type ends in "Fast". Known types: CLIP, Siglip, ViT, DeiT, Bit (DINOv2), ConvNext (also
/// ResNet's) and VideoMAE, with the older names that end in FeatureExtractor.
///
/// A picture becomes RGB first: grey is repeated, of 16 bits the upper 8 are read, and alpha is
/// dropped, as the reference does, so that transparent pixels show whatever colour lies under
/// them. Braid's own key "alpha" may ask for "white": composited on white.
///
/// Cost     one thread, one pass over the source; weights of the last sizes are remembered. A const
///          object may be used by many threads, and copies share what they remember.
/// Source   transformers 4.57, Pillow 11.1, torchvision 0.21: held by their outputs.
class ImageProcessor {
 public:
  /// Keys that are absent or null take the class's defaults, as in the reference. A number as
  /// "size" or "crop_size" is read as its class reads it.
  ///
  /// Errors   config, opened by `where`: no or an unknown processor type (the known ones are
  ///          listed), sizes that leave the output's size open, ill-typed keys, steps that are not
  ///          known ("do_..."), keys that look misspelt. Other keys change nothing.
  static ImageProcessor parse(const Json& preprocessor_config, const std::string& where);

  int64_t channels() const { return 3; }
  int64_t height() const;
  int64_t width() const;
  /// What one picture becomes: channels * height * width.
  int64_t num_samples() const { return channels() * height() * width(); }

  /// Shapes   -> (C, H, W), planar.
  /// Errors   shape: no samples, or not as many as the size says. data: a side of more than
  ///          1048576 pixels.
  std::vector<float> operator()(const formats::Image& image) const;
  /// The same into num_samples() floats of the caller's.
  void write(const formats::Image& image, float* out) const;
  /// The frames of a video, each as a picture.
  ///
  /// Shapes   -> (T, C, H, W)
  std::vector<float> video(const std::vector<formats::Image>& frames) const;

  /// Complete: parse() reads it back to the same processor.
  const Json& config() const;

 private:
  struct State;
  explicit ImageProcessor(std::shared_ptr<const State> state);

  std::shared_ptr<const State> state_;
};

}  // namespace braid::processors
