// A sample's series from where it lies: a file, part of a file, a row of an array, or memory.
#pragma once
#include <string>
#include <vector>

#include "align/series.h"
#include "data/sample.h"

namespace braid::data {

struct Measurements {
  align::Series series;  // times from the first tick: 0 where its file or stretch begins
  std::vector<std::string> channels;
};

/// A series in memory; a table, sound or .npy array (formats/media_path.h says what of it). Rows of
/// a .npy have no clock: they count as seconds. Gaps in all channels at the end, which fill up
/// shorter samples, are left out. Values go by float32, as those of a program do.
///
/// Units    times start at a stretch's begin where it is given, else at the first measurement.
/// Missing  no measurement, where Path::late_s leaves none.
/// Errors   data: nothing but gaps, no row in the stretch, times that do not ascend, or as the
///          readers.
Measurements read_measurements(const Value& value);

}  // namespace braid::data
