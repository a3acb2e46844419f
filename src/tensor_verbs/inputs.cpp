#include "tensor_verbs/inputs.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "formats/media_path.h"
#include "formats/table.h"
#include "tensor_verbs/labelled_rows.h"

namespace braid::tensor_verbs {
namespace {

constexpr int64_t kBlock = 256;  // inputs embedded between two looks at the progress

// The fields and the modality as the manifest names them, where another column is read.
struct Columns {
  std::vector<data::Field> fields;
  data::Modality modality;
};

Columns columns_of(const model::Embedder& embedder, size_t m, const std::string& column) {
  Columns columns{embedder.fields(m), embedder.modality(m)};
  if (column.empty()) return columns;
  BRAID_CHECK(columns.fields.size() == 1, usage,
              "--column {}: expected a modality of one column, got {} with {}; name its columns in "
              "the manifest as they were in training",
              column, columns.modality.name, fmt::join(columns.modality.fields, ", "));
  columns.fields[0].name = column;
  columns.modality = {column, columns.modality.kind, {column}};
  return columns;
}

void check_columns(const std::string& manifest, const data::Modality& modality, bool is_named) {
  const formats::Table table = formats::read_table(manifest);
  if (is_named && table.column(modality.name) < 0)
    throw Error(ErrorKind::data,
                manifest + ": " + unknown_name("column", modality.name, table.columns()));
  const bool has_one =
      std::any_of(modality.fields.begin(), modality.fields.end(),
                  [&](const std::string& column) { return table.column(column) >= 0; });
  BRAID_CHECK(has_one, data, "{}: expected {} of the modality {}, got {}{}", manifest,
              modality.fields.size() == 1 ? fmt::format("the column \"{}\"", modality.fields[0])
                                          : "columns",
              modality.name, fmt::join(table.columns(), ", "),
              modality.fields.size() == 1 ? "; name another with --column" : "");
}

bool is_of_files(data::Kind kind) { return kind != data::Kind::text; }

}  // namespace

void InputFlags::add(cli::Command* command) {
  command->option("--modality", modality, "which modality; left out = the only one", "Data")
      ->type_name("NAME");
  command
      ->option("--column", column, "column of the manifest to read; left out = the modality's name",
               "Data")
      ->type_name("COL");
  command->option("--split", split, "only rows whose split column says so", "Data")
      ->type_name("NAME");
  command->flag("--skip-bad", skip_bad, "leave bad rows out, count and list them", "Data");
}

bool is_manifest(const std::string& word) {
  std::string extension = word.substr(std::min(word.size(), word.find_last_of('.')));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* known : {".csv", ".tsv", ".tab", ".jsonl", ".ndjson"})
    if (extension == known) return true;
  return false;
}

std::string modalities_text(const model::Embedder& embedder) {
  std::vector<std::string> all;
  for (const data::ModalitySpec& spec : embedder.specs())
    all.push_back(fmt::format("{} ({})", spec.name, data::to_string(spec.kind)));
  return fmt::format("{}", fmt::join(all, ", "));
}

size_t choose_modality(const model::Embedder& embedder, const std::string& name,
                       const std::string& folder) {
  const std::vector<std::string> names = embedder.names();
  if (name.empty()) {
    BRAID_CHECK(names.size() == 1, usage,
                "--modality: expected the name of one, got none; {} has {}", folder,
                modalities_text(embedder));
    return 0;
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error(ErrorKind::usage,
                fmt::format("--modality: {}: {}", folder, unknown_name("modality", name, names)));
  return static_cast<size_t>(found - names.begin());
}

size_t choose_of_kind(const model::Embedder& embedder, data::Kind kind, const std::string& name,
                      const std::string& folder, const std::string& flag) {
  std::vector<size_t> fitting;
  for (size_t m = 0; m < embedder.specs().size(); ++m)
    if (embedder.specs()[m].kind == kind && (name.empty() || embedder.specs()[m].name == name))
      fitting.push_back(m);
  BRAID_CHECK(!fitting.empty(), usage, "{}: {}: expected a modality of {}{}, got {}", flag, folder,
              data::to_string(kind), name.empty() ? "" : " named " + name,
              modalities_text(embedder));
  BRAID_CHECK(fitting.size() == 1, usage,
              "{}: {}: expected one modality of {}, got {}; name it with --{}", flag, folder,
              data::to_string(kind), modalities_text(embedder),
              flag == "--labels" ? "prompt-modality" : "modality");
  return fitting[0];
}

Inputs Inputs::of_manifest(const model::Embedder& embedder, size_t modality,
                           const std::string& manifest, const InputFlags& flags,
                           const Sinks& sinks) {
  Inputs made;
  made.spec_ = embedder.specs()[modality];
  const Columns columns = columns_of(embedder, modality, flags.column);
  check_columns(manifest, columns.modality, !flags.column.empty());
  if (columns.fields.size() == 1) {
    made.field_ = embedder.fields(modality)[0].name;
    made.column_ = columns.fields[0].name;
  }
  made.dataset_ = data::Dataset::open_like(manifest, columns.fields, {columns.modality},
                                           /*target=*/"", metrics::Task::multiclass, /*labels=*/{},
                                           sinks, flags.skip_bad);
  const data::Dataset& dataset = *made.dataset_;
  BRAID_CHECK(flags.split.empty() || dataset.table().column("split") >= 0, data,
              "{}: expected a column \"split\" for --split {}, got none", manifest, flags.split);
  for (int64_t row = 0; row < dataset.size(); ++row)
    if (flags.split.empty() || is_of_split(dataset.cell(row, "split"), flags.split))
      made.rows_.push_back(row);
  BRAID_CHECK(!made.rows_.empty(), data, "{}: expected rows{}, got none", manifest,
              flags.split.empty() ? "" : " with split " + flags.split);
  return made;
}

Inputs Inputs::of_words(const model::Embedder& embedder, size_t modality,
                        const std::vector<std::string>& words) {
  Inputs made;
  made.spec_ = embedder.specs()[modality];
  const std::vector<data::Field> fields = embedder.fields(modality);
  BRAID_CHECK(fields.size() == 1 && made.spec_.kind != data::Kind::tabular, usage,
              "{}: expected a manifest for the modality {}, whose values stand in columns",
              words[0], made.spec_.name);
  if (is_of_files(made.spec_.kind))
    for (const std::string& word : words)
      BRAID_CHECK(file_exists(formats::parse_media_path(word).file), io,
                  "{}: expected a file, got none", word);
  made.field_ = fields[0].name;
  made.words_ = words;
  return made;
}

Inputs inputs_of(const model::Embedder& embedder, size_t modality,
                 const std::vector<std::string>& words, const InputFlags& flags,
                 const Sinks& sinks) {
  if (words.size() == 1 && is_manifest(words[0]))
    return Inputs::of_manifest(embedder, modality, words[0], flags, sinks);
  for (const auto& [name, value] :
       {std::pair<const char*, const std::string&>{"--column", flags.column},
        {"--split", flags.split}})
    BRAID_CHECK(value.empty(), usage, "{} {}: expected a manifest, got files or texts", name,
                value);
  return Inputs::of_words(embedder, modality, words);
}

int64_t Inputs::size() const {
  return static_cast<int64_t>(dataset_ ? rows_.size() : words_.size());
}

data::Sample Inputs::sample(int64_t i) const {
  if (!dataset_) {
    const std::string& word = words_[static_cast<size_t>(i)];
    data::Sample sample;
    sample.where = is_of_files(spec_.kind) ? word : fmt::format("text {}", i + 1);
    if (is_of_files(spec_.kind))
      sample.values[field_] = data::Path{word};
    else
      sample.values[field_] = word;
    return sample;
  }
  data::Sample sample = dataset_->sample(rows_[static_cast<size_t>(i)]);
  if (column_ != field_) {
    auto value = sample.values.extract(column_);
    if (!value.empty()) {
      value.key() = field_;
      sample.values.insert(std::move(value));
    }
  }
  return sample;
}

std::string Inputs::id(int64_t i) const {
  if (!dataset_) return words_[static_cast<size_t>(i)];
  const int64_t row = rows_[static_cast<size_t>(i)];
  const int64_t column = dataset_->table().column("id");
  return column >= 0 ? std::string(dataset_->table().cell(row, column)) : std::to_string(row);
}

std::string Inputs::source(int64_t i) const {
  if (field_.empty()) return "";
  const data::Sample sample = this->sample(i);
  const auto found = sample.values.find(field_);
  if (found == sample.values.end()) return "";
  if (const auto* path = std::get_if<data::Path>(&found->second)) return path->path;
  const auto* text = std::get_if<std::string>(&found->second);
  return text != nullptr ? *text : "";
}

EmbeddedInputs embed_inputs(model::Embedder& embedder, size_t modality, const Inputs& inputs,
                            int num_threads, bool skip_bad, const Sinks& sinks) {
  EmbeddedInputs made;
  std::vector<at::Tensor> vectors;
  const auto add = [&](int64_t begin, const std::vector<data::Sample>& samples) {
    const model::Embedded block = embedder.embed(samples, modality, num_threads);
    vectors.push_back(block.rows.index({block.present}));
    const auto present = block.present.accessor<bool, 1>();
    for (int64_t i = 0; i < present.size(0); ++i) {
      if (present[i])
        made.kept.push_back(begin + i);
      else
        ++made.num_missing;
    }
  };
  for (int64_t begin = 0; begin < inputs.size(); begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, inputs.size());
    std::vector<data::Sample> samples;
    for (int64_t i = begin; i < end; ++i) samples.push_back(inputs.sample(i));
    try {
      add(begin, samples);
    } catch (const Error&) {
      if (!skip_bad) throw;
      // One by one, so that only the bad ones are left out.
      for (size_t i = 0; i < samples.size(); ++i) {
        try {
          add(begin + static_cast<int64_t>(i), {samples[i]});
        } catch (const Error& e) {
          ++made.num_bad;
          sinks.warn(std::string("left out: ") + e.what());
        }
      }
    }
    sinks.tick({"embed " + inputs.spec().name, end, inputs.size(), ""});
  }
  BRAID_CHECK(!made.kept.empty(), data, "{}: expected a value of the modality {}, got none",
              inputs.sample(0).where, inputs.spec().name);
  made.vectors = at::cat(vectors).contiguous();  // [P, E]
  return made;
}

void print_left_out(const Inputs& inputs, const EmbeddedInputs& embedded) {
  if (embedded.num_missing > 0)
    fmt::print(stderr, "{} of {} have no {} and are left out.\n", embedded.num_missing,
               inputs.size(), inputs.spec().name);
  if (embedded.num_bad > 0)
    fmt::print(stderr, "{} of {} were bad and are left out.\n", embedded.num_bad, inputs.size());
}

}  // namespace braid::tensor_verbs
