// What a single cell of a manifest can be: a number, a path to media, a list of labels, nothing.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "data/fields.h"

namespace braid::data {

/// Without ASCII blanks at both ends.
std::string_view trimmed(std::string_view cell);

enum class NumberCell { empty, number, not_finite, text };
/// Reads a whole cell as a decimal number ("3", "-0.5", "+1e-3"; blanks around it are allowed).
/// not_finite: nan, inf or a number beyond double. `value` is set for numbers only.
NumberCell read_number(std::string_view cell, double* value);

/// True for a number without fraction that double holds exactly.
bool is_whole(double value);

/// image, audio, video or embedding by the extension of a path ("a/B.PNG", "t.npy#7"); false for
/// every other cell.
bool media_kind(std::string_view cell, Kind* kind, std::string* extension);

/// Parts between ';', trimmed, empty ones dropped.
std::vector<std::string> split_labels(std::string_view cell);

/// Sorted and without repeats: by value where all are numbers, else byte by byte.
std::vector<std::string> sorted_labels(std::vector<std::string> labels);

}  // namespace braid::data
