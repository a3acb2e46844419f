// braid zeroshot: classes that a shared space was never told of, from what their labels say.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "metrics/bootstrap.h"
#include "model/tensors.h"
#include "model/zero_shot.h"
#include "report/text_table.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/inputs.h"

namespace braid::tensor_verbs {
namespace {

using data::Kind;

constexpr uint64_t kLargestLabelsFile = uint64_t{1} << 24;

struct Flags {
  InputFlags inputs;
  HardwareFlags hardware;
  std::string labels, labels_file, manifest, target, prompt_modality;
  std::vector<std::string> templates;
  bool is_json = false;
};

// What the classes are called, and the words that stand for each in the templates.
struct Labels {
  std::vector<std::string> names, words;
};

// Samples with what each label got.
struct Judged {
  std::vector<std::string> labels;
  std::vector<double> probabilities;  // [N, K]
  std::vector<int64_t> best;          // (N) the label of the largest
  bool is_alone = false;              // each label by itself
  double scale = 0;
};

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string> parts_of(const std::string& text, char between) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.size(), text.find(between, begin));
    parts.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

// "n0153", or "n0153<TAB>robin" where other words stand for it.
void add_line(const std::string& line, Labels* labels) {
  const std::vector<std::string> parts = parts_of(line, '\t');
  labels->names.push_back(parts[0]);
  labels->words.push_back(parts.size() > 1 ? parts[1] : parts[0]);
}

// --labels, --labels-file, or none where they are the classes that the target column holds.
Labels labels_of(const Flags& flags) {
  BRAID_CHECK(flags.labels.empty() || flags.labels_file.empty(), usage,
              "zeroshot: expected --labels or --labels-file, got both");
  if (!flags.labels.empty()) {
    const std::vector<std::string> names = parts_of(flags.labels, ',');
    return {names, names};
  }
  if (!flags.labels_file.empty()) {
    Labels labels;
    for (const std::string& line : parts_of(read_file(flags.labels_file, kLargestLabelsFile), '\n'))
      if (!line.empty()) add_line(line, &labels);
    BRAID_CHECK(!labels.names.empty(), usage, "{}: expected a label a line, got none",
                flags.labels_file);
    const std::set<std::string> names(labels.names.begin(), labels.names.end());
    BRAID_CHECK(names.size() == labels.names.size(), usage,
                "{}: expected each label once, got {} different ones in {} lines",
                flags.labels_file, names.size(), labels.names.size());
    return labels;
  }
  BRAID_CHECK(!flags.target.empty(), usage,
              "zeroshot: expected labels, got none; give --labels A,B, --labels-file FILE, or the "
              "column of classes with --target");
  return {};
}

// The target's cell of each input; "" where it is unknown.
std::vector<std::string> truths_of(const Inputs& inputs, const std::string& target) {
  const formats::Table& table = inputs.dataset()->table();
  if (table.column(target) < 0)
    throw Error(ErrorKind::data,
                table.name() + ": --target: " + unknown_name("column", target, table.columns()));
  std::vector<std::string> truths;
  for (const int64_t row : inputs.rows())
    truths.push_back(trimmed(std::string(inputs.dataset()->cell(row, target))));
  return truths;
}

std::vector<std::string> classes_of(const data::Dataset& dataset, const std::string& target) {
  std::set<std::string> classes;
  for (int64_t row = 0; row < dataset.size(); ++row)
    classes.insert(trimmed(std::string(dataset.cell(row, target))));
  classes.erase("");
  return {classes.begin(), classes.end()};
}

Judged judge(model::SharedSpace& space, const at::Tensor& rows, const at::Tensor& label_rows,
             std::vector<std::string> labels) {
  Judged judged;
  judged.labels = std::move(labels);
  judged.is_alone = model::judges_labels_alone(space);
  judged.scale = space.logit_scale().item<double>();
  judged.probabilities = model::to_doubles(model::label_probabilities(space, rows, label_rows));
  // By the cosines: far from zero, probabilities are equal that these tell apart.
  const at::Tensor best = rows.matmul(label_rows.t()).argmax(/*dim=*/1);  // [N]
  judged.best.assign(best.data_ptr<int64_t>(), best.data_ptr<int64_t>() + best.numel());
  return judged;
}

// A prediction that is sure of itself, so that the metrics see nothing but the label.
metrics::Predictions of_labels(const std::vector<int64_t>& predicted,
                               const std::vector<int64_t>& truths, size_t num_labels) {
  metrics::Predictions all;
  all.task = metrics::Task::multiclass;
  all.num_outputs = static_cast<int64_t>(num_labels);
  all.scores.assign(predicted.size() * num_labels, 0);
  for (size_t i = 0; i < predicted.size(); ++i)
    all.scores[i * num_labels + static_cast<size_t>(predicted[i])] = 1;
  all.targets.assign(truths.begin(), truths.end());
  return all;
}

// [{"label", "rows", "said", "recall", "precision"}]: of each label the rows that have it, those
// that were said to, and the shares of both that are right; null of nothing.
Json label_shares(const std::vector<std::string>& labels, const std::vector<int64_t>& predicted,
                  const std::vector<int64_t>& truths) {
  std::vector<int64_t> rows(labels.size(), 0), said = rows, right = rows;
  for (size_t i = 0; i < truths.size(); ++i) {
    ++rows[static_cast<size_t>(truths[i])];
    ++said[static_cast<size_t>(predicted[i])];
    if (truths[i] == predicted[i]) ++right[static_cast<size_t>(truths[i])];
  }
  const auto share = [](int64_t part, int64_t of) {
    return of > 0 ? Json(static_cast<double>(part) / static_cast<double>(of)) : Json();
  };
  Json shares = Json::array();
  for (size_t k = 0; k < labels.size(); ++k)
    shares.push_back({{"label", labels[k]},
                      {"rows", rows[k]},
                      {"said", said[k]},
                      {"recall", share(right[k], rows[k])},
                      {"precision", share(right[k], said[k])}});
  return shares;
}

// {"rows", "accuracy", "macro_f1", "most_frequent": {"label", "accuracy", "macro_f1"},
// "per_label"}.
Json measure(const Judged& judged, const EmbeddedInputs& embedded, const Inputs& inputs,
             const std::vector<std::string>& truths) {
  std::map<std::string, int64_t> numbers;
  for (size_t k = 0; k < judged.labels.size(); ++k)
    numbers[judged.labels[k]] = static_cast<int64_t>(k);
  std::vector<int64_t> predicted, known, counts(judged.labels.size(), 0);
  for (size_t p = 0; p < embedded.kept.size(); ++p) {
    const int64_t i = embedded.kept[p];
    const std::string& truth = truths[static_cast<size_t>(i)];
    if (truth.empty()) continue;
    const auto found = numbers.find(truth);
    BRAID_CHECK(found != numbers.end(), data, "{}: expected one of the labels, got \"{}\"",
                inputs.sample(i).where, truth);
    predicted.push_back(judged.best[p]);
    known.push_back(found->second);
    ++counts[static_cast<size_t>(found->second)];
  }
  BRAID_CHECK(!known.empty(), data, "{}: expected rows with a target, got none",
              inputs.dataset()->manifest());
  const int64_t most = std::max_element(counts.begin(), counts.end()) - counts.begin();
  const auto values = [&](const std::vector<int64_t>& said) {
    metrics::Run run;
    run.predictions = of_labels(said, known, judged.labels.size());
    Json out = Json::object();
    for (const char* name : {"accuracy", "macro_f1"})
      out[name] = metrics::to_json(metrics::bootstrap(metrics::find(name), {run}));
    return out;
  };
  Json measured = {{"rows", known.size()}, {"labels", judged.labels.size()}};
  measured.update(values(predicted));
  measured["most_frequent"] = {{"label", judged.labels[static_cast<size_t>(most)]}};
  measured["most_frequent"].update(values(std::vector<int64_t>(known.size(), most)));
  measured["per_label"] = label_shares(judged.labels, predicted, known);
  return measured;
}

std::string number_text(const Json& one) {
  return one.is_number() ? fmt::format("{:.3f}", one.get<double>()) : "n/a";
}

std::string interval_text(const Json& value) {
  return fmt::format("{} [{}, {}]", number_text(value["mean"]), number_text(value["interval"][0]),
                     number_text(value["interval"][1]));
}

std::string measured_text(const Json& measured) {
  std::string text = fmt::format("{} rows, {} labels\n", measured["rows"].get<int64_t>(),
                                 measured["labels"].get<int64_t>());
  const std::string most = measured["most_frequent"]["label"];
  report::TextTable table({{""}, {"zero-shot"}, {fmt::format("always {}", most)}});
  for (const char* name : {"accuracy", "macro_f1"})
    table.add_row(
        {name, interval_text(measured[name]), interval_text(measured["most_frequent"][name])});
  using report::Align;
  report::TextTable labels({{"label"},
                            {"rows", Align::right},
                            {"recall", Align::right},
                            {"said", Align::right},
                            {"precision", Align::right}});
  for (const Json& one : measured["per_label"])
    labels.add_row({report::plain(one["label"].get<std::string>()), one["rows"].dump(),
                    number_text(one["recall"]), one["said"].dump(), number_text(one["precision"])});
  return text + table.str() + "\n" + labels.str();
}

std::string how_text(const Judged& judged) {
  return judged.is_alone
             ? fmt::format("sigmoid of {:.4g} * cosine + bias, each label by itself", judged.scale)
             : fmt::format("softmax of {:.4g} * cosine over {} labels", judged.scale,
                           judged.labels.size());
}

void print_json(const Judged& judged, const EmbeddedInputs& embedded, const Inputs& inputs) {
  const size_t num_labels = judged.labels.size();
  for (size_t p = 0; p < embedded.kept.size(); ++p) {
    Json scores = Json::object();
    for (size_t k = 0; k < num_labels; ++k)
      scores[judged.labels[k]] = judged.probabilities[p * num_labels + k];
    fmt::print("{}\n", Json{{"input", inputs.id(embedded.kept[p])},
                            {"label", judged.labels[static_cast<size_t>(judged.best[p])]},
                            {"by", judged.is_alone ? "sigmoid" : "softmax"},
                            {"probabilities", scores}}
                           .dump());
  }
}

std::string judged_text(const Judged& judged, const EmbeddedInputs& embedded,
                        const Inputs& inputs) {
  using report::Align;
  report::TextTable table({{"input"},
                           {"label"},
                           {"probability", Align::right},
                           {"next"},
                           {"probability", Align::right}});
  const size_t num_labels = judged.labels.size();
  for (size_t p = 0; p < embedded.kept.size(); ++p) {
    const double* row = judged.probabilities.data() + p * num_labels;
    const auto best = static_cast<size_t>(judged.best[p]);
    size_t next = best == 0 ? 1 : 0;
    for (size_t k = 0; k < num_labels; ++k)
      if (k != best && row[k] > row[next]) next = k;
    const bool has_next = num_labels > 1;
    table.add_row({report::plain(inputs.id(embedded.kept[p])), report::plain(judged.labels[best]),
                   fmt::format("{:.4f}", row[best]),
                   has_next ? report::plain(judged.labels[next]) : "",
                   has_next ? fmt::format("{:.4f}", row[next]) : ""});
  }
  return how_text(judged) + "\n" + table.str();
}

// The only modality that is not of text, where none is named.
size_t input_modality(const model::Embedder& embedder, const std::string& name,
                      const std::string& folder) {
  if (!name.empty()) return choose_modality(embedder, name, folder);
  std::vector<size_t> others;
  for (size_t m = 0; m < embedder.specs().size(); ++m)
    if (embedder.specs()[m].kind != Kind::text) others.push_back(m);
  return others.size() == 1 ? others[0] : choose_modality(embedder, name, folder);
}

bool read_arguments(const std::vector<std::string>& args, Flags* flags,
                    std::vector<std::string>* words) {
  cli::Command command(
      "Classify by words: which label's vector in a shared space is nearest to each sample's.",
      "zeroshot SPACE INPUT ... --labels A,B [options]",
      {"braid zeroshot clip-vit-base-patch32 cat.png --labels cat,dog --template 'a photo of a {}'",
       "braid zeroshot runs/0001/space a.png b.png --labels-file birds.txt",
       "braid zeroshot runs/0001/space --manifest pairs.csv --modality photo --target label"});
  command.option("--labels", flags->labels, "what the classes are called", "Labels")
      ->type_name("A,B");
  command
      .option("--labels-file", flags->labels_file,
              "a label a line; after a tab the words that stand for it", "Labels")
      ->type_name("FILE");
  command
      .option("--template", flags->templates,
              "words around a label, which stands for {}; given again: their vectors' mean",
              "Labels")
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("TEXT");
  command
      .option("--prompt-modality", flags->prompt_modality,
              "modality that reads the labels; left out = the only one of text", "Labels")
      ->type_name("NAME");
  command.option("--manifest", flags->manifest, "rows of a manifest instead of inputs", "Data")
      ->type_name("FILE");
  command
      .option("--target", flags->target,
              "column of the true labels: measures them, on the test split unless --split says "
              "another",
              "Data")
      ->type_name("COL");
  flags->inputs.add(&command);
  flags->hardware.add(&command);
  command.flag("--json", flags->is_json, "one object per input, or what was measured", "Output");
  if (!command.parse(args)) return false;
  *words = command.words();
  BRAID_CHECK(!words->empty() && (words->size() > 1) != !flags->manifest.empty(), usage,
              "expected: braid zeroshot SPACE INPUT ..., or a manifest with --manifest instead of "
              "inputs; got {} words{}; see --help",
              words->size(), flags->manifest.empty() ? "" : " and a manifest");
  if (!flags->manifest.empty()) {
    BRAID_CHECK(is_manifest(flags->manifest), usage,
                "--manifest {}: expected a file of .csv, .tsv or .jsonl", flags->manifest);
    words->push_back(flags->manifest);
  }
  BRAID_CHECK(flags->target.empty() || (words->size() == 2 && is_manifest(words->back())), usage,
              "--target {}: expected a manifest, got files or texts", flags->target);
  if (!flags->target.empty() && flags->inputs.split.empty() &&
      formats::read_table(words->back()).column("split") >= 0)
    flags->inputs.split = "test";
  if (flags->templates.empty()) flags->templates = {model::kLabelPlace};
  return true;
}

int run(const std::vector<std::string>& args) {
  Flags flags;
  std::vector<std::string> words;
  if (!read_arguments(args, &flags, &words)) return 0;
  Labels labels = labels_of(flags);
  flags.hardware.apply();
  cli::Terminal terminal;
  const Sinks sinks = terminal.sinks();
  const int num_threads = flags.hardware.num_threads();
  const std::shared_ptr<model::SharedSpace> space = model::SharedSpace::load(words[0]);
  space->to(model::parse_device(flags.hardware.device));
  model::Embedder embedder(space);
  const size_t modality = input_modality(embedder, flags.inputs.modality, words[0]);
  const size_t prompts =
      choose_of_kind(embedder, Kind::text, flags.prompt_modality, words[0], "--labels");
  const Inputs inputs =
      inputs_of(embedder, modality, {words.begin() + 1, words.end()}, flags.inputs, sinks);
  std::vector<std::string> truths;
  if (!flags.target.empty()) truths = truths_of(inputs, flags.target);
  if (labels.names.empty())
    labels.names = labels.words = classes_of(*inputs.dataset(), flags.target);
  const at::Tensor label_rows =
      model::label_vectors(*space, prompts, labels.words, flags.templates, num_threads);
  const EmbeddedInputs embedded =
      embed_inputs(embedder, modality, inputs, num_threads, flags.inputs.skip_bad, sinks);
  terminal.finish();
  print_left_out(inputs, embedded);
  const Judged judged = judge(*space, embedded.vectors, label_rows, std::move(labels.names));
  if (!flags.target.empty()) {
    const Json measured = measure(judged, embedded, inputs, truths);
    fmt::print("{}", flags.is_json ? measured.dump() + "\n" : measured_text(measured));
  } else if (flags.is_json) {
    print_json(judged, embedded, inputs);
  } else {
    fmt::print("{}", judged_text(judged, embedded, inputs));
  }
  return 0;
}

}  // namespace

extern const cli::Method zeroshot = {"zeroshot", "classify by the words of labels", run};

}  // namespace braid::tensor_verbs
