// The sections of the comparison page as HTML; each returns "" where the document lacks what it
// needs.
#pragma once
#include <string>

#include "report/compare_data.h"

namespace braid::report {

std::string verdict_box(const CompareData& data);
std::string data_section(const CompareData& data);
std::string results_section(const CompareData& data);
std::string difference_section(const CompareData& data);
std::string table_section(const CompareData& data);
std::string subsets_section(const CompareData& data);
std::string advice_section(const CompareData& data);
std::string search_section(const CompareData& data);
std::string costs_section(const CompareData& data);
std::string stress_section(const CompareData& data);
std::string weights_section(const CompareData& data);
std::string errors_section(const CompareData& data);
std::string calibration_section(const CompareData& data);
std::string scatter_section(const CompareData& data);
std::string curves_section(const CompareData& data);
std::string methods_section(const CompareData& data);
std::string measured_section(const CompareData& data);

/// Advice, search, corrected comparisons, what each modality is worth and stress as lines for the
/// terminal.
std::string choice_text(const CompareData& data, int width);

}  // namespace braid::report
