// Reading the numbers of a document that Braid wrote.
#pragma once
#include <string>

#include "core/json.h"
#include "report/numbers.h"

namespace braid::report {

/// NaN for null.
double number_of(const Json& value);
/// {"mean": 0.9, "interval": [0.8, 0.95]}.
Value value_of(const Json& node);
/// "text + image"; "none" for none.
std::string joined_names(const Json& names);
/// The title's line below: bundle, manifest, rows, fusion, version.
std::string about_html(const Json& document);

}  // namespace braid::report
