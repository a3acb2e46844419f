#include "data/infer.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "data/cells.h"
#include "data/column_facts.h"

namespace braid::data {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_known(const formats::Table& table, const std::string& key, const std::string& name) {
  BRAID_CHECK(table.column(name) >= 0, data, "{}: {}: {}", table.name(), key,
              unknown_name("column", name, table.columns()));
}

// Columns with a use of their own, which are never inputs.
std::map<std::string, std::string> find_uses(const formats::Table& table,
                                             const DatasetConfig& config) {
  std::map<std::string, std::string> uses;
  auto use = [&](const std::string& name, const char* key, bool is_optional) {
    if (name.empty() || (is_optional && table.column(name) < 0)) return;
    check_known(table, key, name);
    const auto [found, is_new] = uses.emplace(name, key);
    BRAID_CHECK(is_new, config,
                "{}: column '{}': expected one use, got {} and {}; name another column", key, name,
                found->second, key);
  };
  use(config.target, "target", /*is_optional=*/false);
  use(config.group, "group", /*is_optional=*/false);
  use(config.fold, "fold", /*is_optional=*/false);
  use(config.split, "split", /*is_optional=*/config.split == DatasetConfig().split);
  return uses;
}

Names embedding_columns(const Json& embeddings, const std::string& name) {
  Names columns;
  const Json& list = embeddings[name];
  BRAID_CHECK(list.is_array() && !list.empty(), config,
              "embeddings.{}: expected a list of columns, got {}", name, list.dump());
  for (const Json& column : list) {
    BRAID_CHECK(column.is_string(), config, "embeddings.{}: expected column names, got {}", name,
                column.dump());
    columns.push_back(column.get<std::string>());
  }
  return columns;
}

Kind usable_kind(const std::string& key, const Json& value) {
  BRAID_CHECK(value.is_string(), config, "{}: expected the name of a kind, got {}", key,
              value.dump());
  Kind kind = Kind::text;
  try {
    kind = parse_kind(value.get<std::string>());
  } catch (const Error& e) {
    rethrow_with(e, key);
  }
  BRAID_CHECK(kind != Kind::tabular, config,
              "{}: 'tabular' is a modality, not a kind; use numeric or category", key);
  return kind;
}

// Everything the config names must be there, and be used once.
void check_names(const formats::Table& table, const DatasetConfig& config,
                 const std::map<std::string, std::string>& uses) {
  Names known = table.columns();
  BRAID_CHECK(config.embeddings.is_object(), config,
              "embeddings: expected a map of names to lists of columns, got {}",
              config.embeddings.dump());
  BRAID_CHECK(config.kinds.is_object(), config, "kinds: expected a map of columns to kinds, got {}",
              config.kinds.dump());
  for (const auto& [name, columns] : config.embeddings.items()) {
    BRAID_CHECK(table.column(name) < 0, config,
                "embeddings.{}: this is a column's name too; choose another name", name);
    known.push_back(name);
    for (const std::string& column : embedding_columns(config.embeddings, name)) {
      check_known(table, "embeddings." + name, column);
      const auto used = uses.find(column);
      BRAID_CHECK(used == uses.end(), config, "embeddings.{}: column '{}' is the {}; leave it out",
                  name, column, used->second);
    }
  }
  for (const std::string& name : config.fields) {
    BRAID_CHECK(contains(known, name), data, "{}: fields: {}", table.name(),
                unknown_name("column", name, known));
    const auto used = uses.find(name);
    BRAID_CHECK(used == uses.end(), config,
                "fields: column '{}' is the {}; a column has one use, leave it out of fields", name,
                used->second);
    BRAID_CHECK(std::count(config.fields.begin(), config.fields.end(), name) == 1, config,
                "fields: column '{}' stands twice; leave one out", name);
    BRAID_CHECK(!contains(config.exclude, name), config,
                "exclude: column '{}' is named in fields too; leave it out of one", name);
  }
  for (const std::string& name : config.exclude)
    BRAID_CHECK(contains(known, name), data, "{}: exclude: {}", table.name(),
                unknown_name("column", name, known));
  for (const auto& [name, kind] : config.kinds.items()) check_known(table, "kinds", name);
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// Names that say "I am a key or a bookkeeping column", whatever the cells hold.
bool is_key_name(const std::string& name) {
  static const std::set<std::string> kKeys = {
      "id",     "row",        "index",    "idx",  "uid",   "uuid",  "guid",    "sample_id",
      "row_id", "unnamed: 0", "rowindex", "fold", "folds", "split", "t_start", "t_end"};
  return kKeys.count(lower_case(name)) != 0;
}

// Rules that make a column no input, unless it was asked for by name. Returns false where none
// holds.
bool infer_ignored(const std::string& name, const ColumnFacts& facts, Inference* out) {
  out->use = "ignored";
  if (facts.num_filled == 0) {
    out->reason = "every cell is empty";
    return true;
  }
  if (facts.num_media == facts.num_filled) return false;
  out->use = "id";
  if (is_key_name(name)) {
    out->reason = fmt::format("id: a column named '{}' is bookkeeping", name);
    return true;
  }
  if (facts.is_index) {
    out->reason = "id: the numbers count the rows";
    return true;
  }
  const bool is_distinct = facts.num_distinct == facts.num_filled && facts.num_filled >= 10;
  if (is_distinct && facts.is_code && facts.num_numbers == 0 && facts.longest < 40 &&
      !facts.is_path) {
    out->reason = fmt::format("id: {} different short words", facts.num_distinct);
    return true;
  }
  out->use = "ignored";
  out->reason =
      "paths of files of an unknown type; name the column in fields and its kind in kinds";
  return facts.is_path;
}

// The kind that the cells speak for, with the reason.
void infer_kind(const ColumnFacts& facts, Inference* out) {
  out->use = "field";
  if (facts.num_media == facts.num_filled) {
    out->kind = facts.media;
    out->reason = fmt::format("{}: extension {}", to_string(facts.media), facts.extension);
  } else if (facts.num_numbers == facts.num_filled) {
    out->kind = Kind::numeric;
    const bool looks_coded = facts.is_whole && facts.num_distinct <= 10 && facts.num_rows >= 50;
    out->reason = looks_coded ? fmt::format(
                                    "numeric: whole numbers, {} different; set kinds.{}=category "
                                    "if they are codes",
                                    facts.num_distinct, out->column)
                              : "numeric: every filled cell is a number";
  } else if (facts.num_distinct <= std::max<int64_t>(20, facts.num_rows / 20) &&
             facts.longest < 40 && facts.most_words <= 3) {
    out->kind = Kind::category;
    out->reason = fmt::format("category: {} different short values", facts.num_distinct);
  } else {
    out->kind = Kind::text;
    out->reason = fmt::format("text: {} different values, up to {} word{}", facts.num_distinct,
                              facts.most_words, facts.most_words == 1 ? "" : "s");
  }
}

// A few stray cells must not turn a column into text unseen.
void warn_of_strays(const formats::Table& table, const ColumnFacts& facts,
                    const Inference& inference, const Sinks& sinks) {
  const int64_t most = std::max(facts.num_media, facts.num_numbers);
  if (most == facts.num_filled || most * 10 < facts.num_filled * 8) return;
  const char* const near =
      facts.num_media >= facts.num_numbers ? to_string(facts.media) : "numeric";
  sinks.warn(
      fmt::format("{}:{}: column \"{}\": {} of {} cells are {}, but not this one; read as {}; "
                  "correct the cell or set kinds.{}={}",
                  table.name(), facts.first_other_line, inference.column, most, facts.num_filled,
                  near, to_string(inference.kind), inference.column, near));
}

Inference infer_column(const formats::Table& table, const DatasetConfig& config,
                       const std::string& name, const Sinks& sinks) {
  Inference inference{name, "field", Kind::text, ""};
  const bool is_named = contains(config.fields, name);
  if (contains(config.exclude, name) || (!config.fields.empty() && !is_named)) {
    inference.use = "ignored";
    inference.reason = is_named || config.fields.empty() ? "excluded" : "not named in fields";
    return inference;
  }
  if (config.kinds.contains(name)) {
    inference.kind = usable_kind("kinds." + name, config.kinds[name]);
    inference.reason = fmt::format("{}: set in kinds", to_string(inference.kind));
    return inference;
  }
  const ColumnFacts facts = look_at_column(table, table.column(name));
  if (is_named) {
    BRAID_CHECK(facts.num_filled > 0, data,
                "{}: column \"{}\": every cell is empty; leave it out of fields or set kinds.{}",
                table.name(), name, name);
  } else if (infer_ignored(name, facts, &inference)) {
    return inference;
  }
  infer_kind(facts, &inference);
  warn_of_strays(table, facts, inference, sinks);
  return inference;
}

}  // namespace

std::vector<Modality> group_modalities(const std::vector<Field>& fields, const Json& embeddings) {
  std::vector<Modality> modalities;
  size_t tabular = fields.size();
  for (const Field& field : fields) {
    if (field.kind == Kind::numeric || field.kind == Kind::category) {
      if (tabular == fields.size()) {
        tabular = modalities.size();
        modalities.push_back({"tabular", Kind::tabular, {}});
      }
      modalities[tabular].fields.push_back(field.name);
    } else if (embeddings.contains(field.name)) {
      modalities.push_back({field.name, field.kind, embedding_columns(embeddings, field.name)});
    } else {
      modalities.push_back({field.name, field.kind, {field.name}});
    }
  }
  for (const Modality& modality : modalities)
    BRAID_CHECK(
        modality.name != "tabular" || modality.kind == Kind::tabular || tabular == fields.size(),
        config,
        "fields: the column 'tabular' has the name of the modality of all numeric and category "
        "columns; rename the column");
  return modalities;
}

Inferred infer_columns(const formats::Table& table, const DatasetConfig& config,
                       const Sinks& sinks) {
  const std::map<std::string, std::string> uses = find_uses(table, config);
  check_names(table, config, uses);
  std::map<std::string, std::string> part_of;  // column -> embedding
  for (const auto& [name, columns] : config.embeddings.items())
    for (const std::string& column : embedding_columns(config.embeddings, name))
      part_of.emplace(column, name);

  Inferred result;
  for (const std::string& name : table.columns()) {
    const auto used = uses.find(name);
    const auto part = part_of.find(name);
    if (used != uses.end()) {
      result.inferences.push_back({name, used->second, Kind::text, "named as the " + used->second});
    } else if (part != part_of.end()) {
      result.inferences.push_back(
          {name, "field", Kind::numeric, "part of embedding " + part->second});
    } else {
      result.inferences.push_back(infer_column(table, config, name, sinks));
      const Inference& inference = result.inferences.back();
      if (inference.use == "field") result.fields.push_back({name, inference.kind});
    }
  }
  for (const auto& [name, columns] : config.embeddings.items()) {
    if (contains(config.exclude, name)) continue;
    result.fields.push_back({name, Kind::embedding});
    result.inferences.push_back(
        {name, "field", Kind::embedding,
         fmt::format("embedding: {} columns as one vector", columns.size())});
  }
  BRAID_CHECK(!result.fields.empty(), data,
              "{}: expected at least one input column, got none of {}; name the inputs in fields",
              table.name(), fmt::join(table.columns(), ", "));
  result.modalities = group_modalities(result.fields, config.embeddings);
  return result;
}

}  // namespace braid::data
