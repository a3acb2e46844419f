// A small manifest with pictures, sound, text, numbers, categories and vectors, made in a temporary
// folder.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "data/prepare.h"
#include "formats/npy.h"
#include "manifests.h"

namespace braid::data {

/// A picture of one colour.
inline formats::Image flat_image(int width, int height, std::vector<uint8_t> colour) {
  formats::Image image;
  image.width = width;
  image.height = height;
  image.channels = static_cast<int>(colour.size());
  for (int i = 0; i < width * height; ++i)
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  return image;
}

/// A tone on top of a fainter, higher one. Multiples of 1/32768, so that a WAV file holds them
/// exactly.
inline formats::Audio tone(double hz, int num_samples, int rate_hz) {
  formats::Audio audio;
  audio.rate_hz = rate_hz;
  for (int i = 0; i < num_samples; ++i) {
    const double phase = 2 * 3.14159265358979 * hz * i / rate_hz;
    audio.samples.push_back(static_cast<float>(
        std::round(8192 * std::sin(phase) + 512 * std::sin(3.1 * phase)) / 32768));
  }
  return audio;
}

/// Columns label, photo, sound, note, age, sex, vec. Rows 0 to 3 are for training: pictures black
/// and white in turn (8 x 8, grey), tones of 0.5 s at 8 kHz, ages 10 20 30 missing, sex b b a c,
/// vectors (1, 5) and (3, 5) in turn. Row 4 has neither picture nor sound nor text; row 5 is for
/// tests alone and unlike all others.
struct MediaSet : Manifest {
  MediaSet()
      : Manifest(
            "label,photo,sound,note,age,sex,vec\n"
            "x,0.png,0.wav,the cat sat on the mat,10,b,0.npy\n"
            "y,1.png,1.wav,the dog sat on the log,20,b,1.npy\n"
            "x,0.png,2.wav,the cat saw the dog,30,a,0.npy\n"
            "y,1.png,3.wav,the mat and the log,,c,1.npy\n"
            "x,,,,30,,1.npy\n"
            "y,5.png,5.wav,zyzzyva the,1000000,z,5.npy\n") {
    config.kinds = {{"photo", "image"}, {"sound", "audio"},  {"note", "text"},
                    {"age", "numeric"}, {"sex", "category"}, {"vec", "embedding"}};
    write("0.png", formats::encode_png(flat_image(8, 8, {0})));
    write("1.png", formats::encode_png(flat_image(8, 8, {255})));
    write("5.png", formats::encode_png(flat_image(40, 30, {51, 51, 51})));
    for (int i = 0; i < 4; ++i)
      write(std::to_string(i) + ".wav", formats::encode_wav(tone(400 + 300 * i, 4000, 8000)));
    write("5.wav", formats::encode_wav(tone(50, 30000, 44100)));
    write("0.npy", formats::serialize_npy({2}, {1, 5}));
    write("1.npy", formats::serialize_npy({2}, {3, 5}));
    write("5.npy", formats::serialize_npy({2}, {1e9f, -1e9f}));
    prepare.audio.log_mel.num_mels = 64;
    prepare.text.vocabulary.min_frequency = 1;
  }
  void write(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder / name, bytes);
  }
  Preparation learn(const Dataset& dataset, const std::vector<int64_t>& rows = {0, 1, 2, 3},
                    int num_threads = 1) {
    return Preparation::learn(dataset, rows, prepare, num_threads, sinks);
  }

  PrepareConfig prepare;
  static constexpr size_t kPhoto = 0, kSound = 1, kNote = 2, kTabular = 3, kVec = 4;
};

inline bool operator==(const Prepared& a, const Prepared& b) {
  return a.present == b.present && a.length == b.length && a.values == b.values && a.ids == b.ids &&
         a.observed == b.observed && a.times == b.times;
}

}  // namespace braid::data
