#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"
#include "data/inspect.h"
#include "text/code_points.h"

namespace braid::data {
namespace {

using Row = std::vector<std::string>;

// Characters, not bytes: column names may be in any script.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(text::count_code_points(text));
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.%-") == std::string::npos;
}

// Columns padded to their widest cell, two blanks apart, two at the left; a column of numbers
// (below its head) to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  std::vector<uint8_t> is_right;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    is_right.resize(widths.size(), 1);
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
      if (&row != &rows.front() && !is_number(row[i])) is_right[i] = 0;
    }
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - width_of(row[i]), ' ');
      line += "  " + (is_right[i] ? pad + row[i] : row[i] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string number(const Json& value) { return fmt::format("{:.6g}", value.get<double>()); }

std::string spread(const Json& node) {
  if (node.is_null()) return "none";
  if (node["min"] == node["max"]) return number(node["min"]);
  return fmt::format("{} to {} (median {})", number(node["min"]), number(node["max"]),
                     number(node["median"]));
}

std::string counts(const Json& node) {
  std::string text;
  for (const auto& [value, count] : node.items())
    text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", value, count.get<int64_t>());
  return text.empty() ? "none" : text;
}

std::string plural(int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string findings_text(const Json& findings) {
  if (findings.empty()) return "No findings.\n";
  std::string text = plural(static_cast<int64_t>(findings.size()), "finding") + "\n";
  for (size_t i = 0; i < findings.size(); ++i) {
    const Json& finding = findings[i];
    text +=
        fmt::format("  {}. {}: {}\n     -> {}\n", i + 1, finding["kind"].get<std::string>(),
                    finding["message"].get<std::string>(), finding["advice"].get<std::string>());
    const size_t num_shown = std::min<size_t>(3, finding["where"].size());
    for (size_t place = 0; place < num_shown; ++place)
      text += "       " + finding["where"][place].get<std::string>() + "\n";
    const int64_t rest = finding["count"].get<int64_t>() - static_cast<int64_t>(num_shown);
    if (num_shown > 0 && rest > 0) text += fmt::format("       and {} more\n", rest);
  }
  return text;
}

std::string details_of(const Json& modality) {
  const std::string kind = modality["kind"];
  if (modality.contains("columns")) {
    std::string text;
    for (const Json& column : modality["columns"])
      text += fmt::format("{}{}", text.empty() ? "" : ", ", column["column"].get<std::string>());
    return text;
  }
  if (kind == "image")
    return fmt::format("width {}, height {}, channels {}", spread(modality["width"]),
                       spread(modality["height"]), counts(modality["channels"]));
  if (kind == "volume")
    return fmt::format("width {}, height {}, slices {}", spread(modality["width"]),
                       spread(modality["height"]), spread(modality["slices"]));
  if (kind == "video")
    return fmt::format("width {}, height {}, {} s, rate {}", spread(modality["width"]),
                       spread(modality["height"]), spread(modality["duration_s"]),
                       counts(modality["rate_hz"]));
  if (kind == "series")
    return fmt::format("channels {}, measurements {}, {} s, rate {}", counts(modality["channels"]),
                       spread(modality["measurements"]), spread(modality["duration_s"]),
                       spread(modality["rate_hz"]));
  if (kind == "audio")
    return fmt::format("{} s, rate {}, channels {}", spread(modality["duration_s"]),
                       counts(modality["rate_hz"]), counts(modality["channels"]));
  if (kind == "text") return fmt::format("words {}", spread(modality["words"]));
  return fmt::format("values {}, tokens {}", counts(modality["values"]),
                     spread(modality["tokens"]));
}

std::string modalities_text(const Json& result) {
  std::vector<Row> rows = {{"modality", "kind", "present", "missing", "what"}};
  const double num_rows = std::max(1.0, result["rows"].get<double>());
  for (const Json& m : result["modalities"])
    rows.push_back({m["name"], m["kind"], fmt::format("{}", m["present"].get<int64_t>()),
                    fmt::format("{:.1f}%", 100 * m["missing"].get<double>() / num_rows),
                    details_of(m)});
  std::vector<Row> columns = {{"column", "missing", "values"}};
  for (const Json& m : result["modalities"])
    if (m.contains("columns"))
      for (const Json& c : m["columns"])
        columns.push_back(
            {c["column"], fmt::format("{:.1f}%", 100 * c["missing"].get<double>() / num_rows),
             c.contains("numbers") ? spread(c["numbers"])
                                   : fmt::format("{} different", c["different"].get<int64_t>())});
  return "\nModalities\n" + aligned(rows) +
         (columns.size() > 1 ? "\nTable\n" + aligned(columns) : "");
}

std::string combinations_text(const Json& result) {
  std::vector<Row> rows;
  for (const Json& c : result["combinations"]) {
    if (rows.size() == 12) {
      rows.push_back(
          {"", fmt::format("and {} more combinations", result["combinations"].size() - 12)});
      break;
    }
    std::string names;
    for (const Json& name : c["modalities"])
      names += (names.empty() ? "" : " + ") + name.get<std::string>();
    rows.push_back(
        {fmt::format("{}", c["rows"].get<int64_t>()), names.empty() ? "nothing" : names});
  }
  return "\nRows by what is present\n" + aligned(rows);
}

std::string target_text(const Json& target) {
  if (target.is_null()) return "";
  std::string text = fmt::format(
      "\nTarget \"{}\": {}, known in {}, unknown in {}\n", target["column"].get<std::string>(),
      target["task"].get<std::string>(), plural(target["known"].get<int64_t>(), "row"),
      plural(target["unknown"].get<int64_t>(), "row"));
  if (target.contains("numbers")) return text + "  " + spread(target["numbers"]) + "\n";
  std::vector<Row> rows;
  const double known = std::max(1.0, target["known"].get<double>());
  for (const auto& [label, count] : target["classes"].items()) {
    if (rows.size() == 30) {
      rows.push_back({fmt::format("and {} more", target["classes"].size() - 30)});
      break;
    }
    rows.push_back({"'" + label + "'", fmt::format("{}", count.get<int64_t>()),
                    fmt::format("{:.1f}%", 100 * count.get<double>() / known)});
  }
  return text + aligned(rows);
}

std::string splits_text(const Json& splits) {
  if (splits.empty()) return "";
  std::vector<Row> rows = {{splits.size() > 1 ? "fold" : "split", "train", "validation", "test"}};
  for (size_t i = 0; i < splits.size(); ++i) {
    Row row = {fmt::format("{}", i + 1)};
    for (const char* part : {"train", "validation", "test"})
      row.push_back(fmt::format("{}", splits[i][part]["rows"].get<int64_t>()));
    rows.push_back(row);
  }
  return "\nSplit\n" + aligned(rows);
}

}  // namespace

std::string inspect_text(const Json& result) {
  std::string text = fmt::format("{}: {}", result["manifest"].get<std::string>(),
                                 plural(result["rows"].get<int64_t>(), "row"));
  if (!result["groups"].is_null()) text += ", " + plural(result["groups"].get<int64_t>(), "group");
  if (result["rows_left_out"].get<int64_t>() > 0)
    text += fmt::format(", {} left out", result["rows_left_out"].get<int64_t>());
  text += "\n\n" + findings_text(result["findings"]);
  std::vector<Row> columns = {{"column", "use", "why"}};
  for (const Json& c : result["columns"]) columns.push_back({c["column"], c["use"], c["reason"]});
  text += "\nColumns\n" + aligned(columns);
  return text + modalities_text(result) + combinations_text(result) +
         target_text(result["target"]) + splits_text(result["splits"]);
}

}  // namespace braid::data
