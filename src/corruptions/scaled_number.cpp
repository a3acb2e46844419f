// Tables: a number in another unit.

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  std::vector<double*> numbers;  // a category that is written as a number is text, and stays
  for (const std::string& field : modality.fields) {
    const auto at = sample->values.find(field);
    if (at == sample->values.end()) continue;
    if (auto* number = std::get_if<double>(&at->second)) numbers.push_back(number);
  }
  if (!numbers.empty()) *numbers[random.below(numbers.size())] *= level;
}

}  // namespace

extern const Method scaled_number = {"scaled_number",
                                     "One number of each row in another unit.",
                                     "",
                                     "factor",
                                     {data::Kind::tabular},
                                     {1.5, 2, 10, 1000},
                                     apply,
                                     nullptr};

}  // namespace braid::corruptions
