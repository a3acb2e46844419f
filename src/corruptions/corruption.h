// What can go wrong with a modality in use, in that modality's own terms, and the family's table.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "data/fields.h"
#include "data/prepare.h"
#include "data/sample.h"

namespace braid::corruptions {

struct Method {
  const char* name;               // "white_noise"
  const char* summary;            // one sentence
  const char* source;             // paper or book, or ""
  const char* level;              // what a level is, and its unit: "signal to noise, dB"
  std::vector<data::Kind> kinds;  // of modalities it can happen to
  std::vector<double> levels;     // from mild to severe
  /// One of the two is set. They change what is there of the modality; what is missing stays
  /// missing. The same stream of `random` gives the same change.
  ///
  /// Raw values. Errors   data or format, opened by sample.where and the field, where a file is
  /// bad.
  void (*change_sample)(const data::Modality& modality, double level, Rng random,
                        data::Sample* sample);
  /// Prepared values, standardised or as they are.
  void (*change_prepared)(double level, Rng random, data::Prepared* prepared);
};

const std::vector<const Method*>& methods();
/// Errors: config, with the nearest known name.
const Method& find(const std::string& name);
bool applies(const Method& method, data::Kind kind);
/// In table order.
std::vector<const Method*> methods_for(data::Kind kind);

/// The picture, read where it is a path: 8 bits a channel, no alpha.
void change_image(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(formats::Image*)>& change);
/// The sound, read where it is a path, at the file's own rate.
void change_audio(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(formats::Audio*)>& change);
/// Any value where the sample has one; errors are opened by where it stands.
void change_value(const data::Modality& modality, data::Sample* sample,
                  const std::function<void(data::Value*)>& change);
void change_text(const data::Modality& modality, data::Sample* sample,
                 const std::function<std::string(const std::string&)>& change);

/// Mean and standard deviation of the values; zeros of none.
std::pair<double, double> own_moments(const std::vector<float>& values);

}  // namespace braid::corruptions
