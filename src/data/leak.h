// Input columns that give the target away: the commonest reason for results too good to be true.
#pragma once
#include <string>
#include <vector>

#include "data/dataset.h"

namespace braid::data {

struct Leak {
  std::string column;
  std::string message;  // one line, says what to do
};

/// Numeric and category fields whose value fixes the class in every row (at least 20 rows, 5 per
/// value and two classes), or which follow a regression target in a straight line. Text and media
/// are not looked at. Cost: one pass per field.
std::vector<Leak> find_leaks(const Dataset& dataset);

}  // namespace braid::data
