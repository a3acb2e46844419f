// Tables: a number in another unit.
#include <charconv>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

// The number of a cell or of memory; false where it is neither.
bool read(const data::Value& value, double* number) {
  if (const auto* given = std::get_if<double>(&value)) {
    *number = *given;
    return true;
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || text->empty()) return false;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), *number);
  return read.ec == std::errc() && read.ptr == text->data() + text->size();
}

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  std::vector<std::pair<data::Value*, double>> numbers;
  for (const std::string& field : modality.fields) {
    const auto at = sample->values.find(field);
    double number = 0;
    if (at != sample->values.end() && read(at->second, &number))
      numbers.emplace_back(&at->second, number);
  }
  if (numbers.empty()) return;
  const auto& [value, number] = numbers[random.below(numbers.size())];
  *value = number * level;
}

}  // namespace

extern const Method scaled_number = {"scaled_number",
                                     "One number of each row in another unit.",
                                     "",
                                     "factor",
                                     data::Kind::tabular,
                                     {1.5, 2, 10, 1000},
                                     apply,
                                     nullptr};

}  // namespace braid::corruptions
