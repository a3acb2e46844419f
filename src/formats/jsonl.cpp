// JSON Lines: one object per line becomes one row of the same text cells as a CSV file's.
#include <algorithm>
#include <unordered_map>

#include "core/error.h"
#include "formats/json_object.h"
#include "formats/plain_text.h"
#include "formats/table.h"

namespace braid::formats {
namespace {

std::string scalar_cell(const nlohmann::json& value, const std::string& where) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    BRAID_CHECK(text.find('\0') == std::string::npos, format,
                "{}: expected text, got a NUL character; remove it", where);
    return text;
  }
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.dump();  // a whole number or a boolean
}

std::string cell_text(const nlohmann::json& value, const std::string& where) {
  if (value.is_null()) return "";
  BRAID_CHECK(!value.is_object(), data,
              "{}: expected text, a number, true, false, null or a list, got an object; make its "
              "members fields of their own",
              where);
  if (!value.is_array()) return scalar_cell(value, where);
  std::string joined;
  for (size_t i = 0; i < value.size(); ++i) {
    BRAID_CHECK(value[i].is_string() || value[i].is_number(), data,
                "{}: expected a list of text or numbers, got {} in it", where, json_type(value[i]));
    if (i > 0) joined += ';';
    joined += scalar_cell(value[i], where);
  }
  return joined;
}

class JsonlReader {
 public:
  JsonlReader(const std::string& name, size_t text_bytes)
      : most_cells_((uint64_t{1} << 20) + 16 * static_cast<uint64_t>(text_bytes)), table_(name) {
    table_.reserve_text(text_bytes);
  }

  void add_line(std::string_view text, int64_t line) {
    const std::string where = fmt::format("{}:{}", table_.name(), line);
    const JsonObject object = parse_json_object(text, where);
    check_size();
    std::vector<std::string> cells(table_.columns().size());
    for (const std::string& key : object.keys) {
      BRAID_CHECK(!key.empty() && key.find('\0') == std::string::npos, data,
                  "{}: expected a name for every field, got an empty one or a NUL in it", where);
      const auto [found, is_new] = index_.try_emplace(key, cells.size());
      if (is_new) {
        table_.add_column(key);
        cells.emplace_back();
      }
      cells[found->second] =
          cell_text(object.members[key], fmt::format("{}: field '{}'", where, key));
    }
    table_.add_row({cells.begin(), cells.end()}, line);
  }

  Table finish() && {
    BRAID_CHECK(!table_.columns().empty(), data,
                "{}:1: expected a JSON object with at least one field per line, got none",
                table_.name());
    check_size();
    return std::move(table_);
  }

 private:
  // Whoever reads all cells of a small file whose every line brings new fields would need time that
  // grows with its square, so the number of cells is held in proportion to the text.
  void check_size() const {
    BRAID_CHECK(static_cast<uint64_t>(table_.num_rows()) * table_.columns().size() <= most_cells_,
                data,
                "{}: {} lines with {} different fields make too sparse a table; use the same "
                "fields in every line",
                table_.name(), table_.num_rows(), table_.columns().size());
  }

  uint64_t most_cells_;
  Table table_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace

Table parse_jsonl(std::string_view text, const std::string& name) {
  text = checked_text(text, name);
  JsonlReader reader(name, text.size());
  for (int64_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.find_first_not_of(" \t\r") != std::string_view::npos) reader.add_line(part, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).finish();
}

}  // namespace braid::formats
