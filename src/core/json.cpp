#include "core/json.h"

#include <cmath>

#include "core/error.h"

namespace braid {

Json parse_json(const std::string& text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    fail(ErrorKind::format, "{}: byte {}: expected JSON, got something else; is the file complete?",
         where, e.byte);
  } catch (const nlohmann::json::exception&) {
    fail(ErrorKind::format, "{}: expected JSON, got a number that fits no type", where);
  }
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace braid
