#include <fmt/format.h>

#include "report/compare_data.h"
#include "report/compare_report.h"
#include "report/compare_sections.h"
#include "report/html.h"

namespace braid::report {
namespace {

struct Part {
  const char* id;
  const char* heading;
  std::string (*body)(const CompareData&);
};

// What a reader wants to know, in the order they want to know it.
constexpr Part kParts[] = {
    {"data", "Data", data_section},
    {"advice", "What the single modalities show", advice_section},
    {"results", "Results", results_section},
    {"difference", "Is fusing worth it?", difference_section},
    {"costs", "What a better result costs", costs_section},
    {"table", "All numbers", table_section},
    {"subsets", "When modalities are missing", subsets_section},
    {"stress", "Early, late and hybrid under stress", stress_section},
    {"weights", "How much each modality counts", weights_section},
    {"errors", "Where the winner errs", errors_section},
    {"calibration", "Can its confidence be trusted?", calibration_section},
    {"scatter", "Predicted against true values", scatter_section},
    {"curves", "Learning curves", curves_section},
    {"search", "How settings were chosen", search_section},
    {"methods", "The methods", methods_section},
    {"measured", "How this was measured", measured_section},
};

}  // namespace

std::string compare_page(const Json& compare) {
  const CompareData data = read_compare(compare);
  const std::string title =
      data.target.empty() ? "Fusion comparison" : fmt::format("Fusion comparison: {}", data.target);
  std::string links, sections;
  for (const Part& part : kParts) {
    const std::string body = part.body(data);
    if (body.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", part.id, escape(part.heading));
    sections += section(part.id, part.heading, body);
  }
  std::string head =
      fmt::format("<h1>{}</h1>\n<p class=\"soft\">{}", escape(title), escape(data.manifest));
  if (!data.created.empty()) head += " &middot; " + escape(data.created);
  if (!data.braid.empty()) head += " &middot; Braid " + escape(data.braid);
  head += "</p>\n" + verdict_box(data);
  if (!links.empty()) head += "<nav aria-label=\"Sections\">\n" + links + "</nav>\n";
  return html_page(title, head + sections);
}

}  // namespace braid::report
