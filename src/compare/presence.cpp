#include "compare/presence.h"

#include <algorithm>

namespace braid::compare {

double share_present(const train::Experiment& experiment, const data::Modality& modality,
                     const std::vector<int64_t>& rows) {
  int64_t num_present = 0;
  for (int64_t row : rows) {
    const auto has_cell = [&](const std::string& field) {
      return !experiment.dataset->cell(row, field).empty();
    };
    const auto& fields = modality.fields;
    num_present += modality.kind == data::Kind::tabular
                       ? std::any_of(fields.begin(), fields.end(), has_cell)
                       : std::all_of(fields.begin(), fields.end(), has_cell);
  }
  return rows.empty() ? 0.0 : static_cast<double>(num_present) / static_cast<double>(rows.size());
}

}  // namespace braid::compare
